// What every layer gained against the earlier run.

function gainFigure() {
  const { labels, before, now } = DATA.comparison;
  const gains = labels.map((_, at) => (finite(before[at]) === null || finite(now[at]) === null ? null : now[at] - before[at]));
  const said = (value) => (value === null ? "not measured" : inDecibels(value));
  const [better, worse] = [colour("series-1"), hatched("series-2")];
  return {
    type: "bar",
    height: 320,
    data: {
      labels,
      datasets: [{
        data: gains, backgroundColor: gains.map((gain) => (gain < 0 ? worse : better)),
        words: labels.map((label, at) => [label, `before: ${said(before[at])}`, `now: ${said(now[at])}`]),
      }],
    },
    options: {
      scales: { x: layerAxis(labels), y: titled("gain, dB") },
      plugins: { legend: { display: false } },
    },
  };
}
