// How the values of the chosen layer spread over its calibrated range.

function isLogarithmic() {
  return document.getElementById("histogram-log").checked;
}

function histogramFigure() {
  return histogramOf(chosenData().histogram, { height: 320, isLogarithmic: isLogarithmic(), title: "value" });
}

// On the first screen, that of the layer which tells most of the first cause.
function tellingFigure() {
  const { histogram } = DATA.layers[DATA.telling];
  const isCrowded = histogram.counts.some((count) => count > 100); // a logarithmic axis needs some decades
  return histogramOf(histogram, { height: 150, isLogarithmic: isCrowded, title: "" });
}

function histogramOf(found, { height, isLogarithmic, title }) {
  if (!found) return { empty: "No values of this layer were counted." };
  const total = found.counts.reduce((sum, count) => sum + count, found.below + found.above);
  if (!total || found.low === found.high) return { empty: "This layer put out nothing that could be counted." };
  const width = (found.high - found.low) / found.counts.length;
  const words = (count, where) => [`${count.toLocaleString("en")} values ${where}`, `${((100 * count) / total).toPrecision(3)}% of all`];
  const short = (value) => Number(value.toPrecision(4));
  const edge = (bin) => short(found.low + bin * width);
  const beyond = [
    [found.low - 4 * width, found.below, `below ${short(found.low)}`],
    [found.high + 4 * width, found.above, `above ${short(found.high)}`],
  ].filter(([, count]) => count);
  const datasets = [{
    label: "within the calibrated range", grouped: false, categoryPercentage: 1, barPercentage: 1,
    data: found.counts.map((count, bin) => ({ x: found.low + width * (bin + 0.5), y: count || null })),
    words: found.counts.map((count, bin) => words(count, `from ${edge(bin)} to ${edge(bin + 1)}`)),
    backgroundColor: colour("series-1"),
  }];
  if (beyond.length) {
    datasets.push({
      label: "beyond it", grouped: false, barThickness: 16,
      data: beyond.map(([x, y]) => ({ x, y })), words: beyond.map(([, count, where]) => words(count, where)),
      backgroundColor: hatched("series-2"),
    });
  }
  const axis = found.joined ? `${title} (neighbouring bins are joined)` : title;
  return {
    type: "bar",
    height,
    data: { datasets },
    options: {
      scales: {
        x: {
          type: "linear", offset: false, min: found.low - 8 * width, max: found.high + 8 * width,
          title: { display: Boolean(title), text: axis }, grid: { display: false }, ticks: { includeBounds: false, maxRotation: 0 },
        },
        y: titled("values", isLogarithmic ? { type: "logarithmic", min: 0.8, ticks: { callback: powers } } : { beginAtZero: true }),
      },
      plugins: { legend: { display: Boolean(title) }, annotation: { annotations: [line("x", found.low, "ink"), line("x", found.high, "ink")] } },
    },
  };
}

// Powers of ten; where there are few of them, what lies between as well.
function powers(value, _, ticks) {
  const first = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  const isNamed = ticks[ticks.length - 1].value < 100 ? [1, 2, 5] : [1];
  return value >= 1 && isNamed.some((each) => Math.abs(first - each) < 1e-6) ? value.toLocaleString("en") : "";
}
