// Values that enter the network, by channel.

function inputFigure(found) {
  const datasets = [];
  const isWide = found.at.length <= 40;
  const order = orderOf(found.channels, (found.measured || found.calibrated)[1]);
  const isSorted = found.channels > MANY;
  const place = (at, i) => (isSorted ? i : at);
  const both = found.measured && found.calibrated;
  const add = (label, key, look, shift) => {
    if (!found[key]) return;
    const [low, high, mean, std] = found[key];
    const words = order.map((i) => [`channel ${found.at[i]}, ${label}`, `${low[i]} to ${high[i]}`, `mean ${mean[i]}, std ${std[i]}`]);
    const points = (values) => order.map((i, position) => ({ x: place(found.at[i], position) + shift, y: values(i) }));
    const bars = (from, to, barThickness) => ({
      label, words, grouped: false, barThickness, backgroundColor: colour(look.colour), isPart: true,
      data: points((i) => (finite(from(i)) === null || finite(to(i)) === null ? null : [from(i), to(i)])),
    });
    datasets.push({
      type: "line", label, words, data: points((i) => finite(mean[i])), showLine: false, pointStyle: look.symbol,
      pointRadius: isWide ? 6 : 2.5, backgroundColor: colour(look.colour), borderColor: colour("paper"),
    });
    datasets.push(bars((i) => mean[i] - std[i], (i) => mean[i] + std[i], isWide ? 8 : 3));
    datasets.push(bars((i) => low[i], (i) => high[i], 1.5));
  };
  add("measured", "measured", { colour: "series-1", symbol: "circle" }, both ? -0.12 : 0);
  add("in calibration", "calibrated", { colour: "series-2", symbol: "rectRot" }, both ? 0.12 : 0);
  return {
    type: "bar",
    height: 280,
    data: { datasets },
    options: {
      scales: {
        x: Object.assign(channelAxis(found, found.at.length, "the largest value"), {
          type: "linear", offset: false, min: -0.6, max: (isSorted ? found.at.length : found.channels) - 0.4,
          ticks: { display: !isSorted, stepSize: found.channels <= 16 ? 1 : undefined, precision: 0, includeBounds: false, maxRotation: 0 },
        }),
        y: titled("value", { beginAtZero: false }),
      },
      plugins: { legend: { labels: { filter: (item, data) => !data.datasets[item.datasetIndex].isPart } } },
    },
  };
}
