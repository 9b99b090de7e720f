// How the values of the chosen layer spread over its calibrated range.

function isLogarithmic() {
  return document.getElementById("histogram-log").checked;
}

function histogramFigure() {
  const found = chosenData().histogram;
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
  return {
    type: "bar",
    height: 320,
    data: { datasets },
    options: {
      scales: {
        x: titled(found.joined ? "value (neighbouring bins are joined)" : "value", {
          type: "linear", offset: false, min: found.low - 8 * width, max: found.high + 8 * width,
          grid: { display: false }, ticks: { includeBounds: false, maxRotation: 0 },
        }),
        y: titled("values", isLogarithmic() ? { type: "logarithmic", min: 0.8, ticks: { callback: powers } } : { beginAtZero: true }),
      },
      plugins: { annotation: { annotations: [line("x", found.low, "ink"), line("x", found.high, "ink")] } },
    },
  };
}

function powers(value) {
  return Number.isInteger(Math.log10(value)) ? value.toLocaleString("en") : "";
}
