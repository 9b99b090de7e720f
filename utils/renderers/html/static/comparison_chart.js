// SNR of every layer in the earlier run and now, joined where both are known.

const CHANGE = 0.5; // dB; what moves less is neither better nor worse

function gainFigure() {
  const { labels, before, now } = DATA.comparison;
  const ends = labels.map((_, at) => [snrHeight(before[at]), snrHeight(now[at])]);
  const gains = ends.map(([was, is]) => (was === null || is === null ? null : is - was));
  const said = (value) => (value === null ? "not measured" : inDecibels(value));
  const words = labels.map((label, at) => [label, `before: ${said(before[at])}`, `now: ${said(now[at])}`]);
  const fill = (gain) => (gain < -CHANGE ? colour("series-2") : gain > CHANGE ? colour("series-1") : colour("muted"));
  const size = pointSize(labels.length, document.getElementById("gain-chart").clientWidth) + 1;
  const dots = (label, end, look) => ({
    type: "line", label, words, data: ends.map((pair) => pair[end]), showLine: false, clip: 8, pointRadius: size, pointHoverRadius: size + 1,
    borderColor: colour("muted"), backgroundColor: colour("muted"), ...look,
  });
  const lost = gains.some((gain) => gain < -CHANGE);
  const datasets = [
    dots("now", 1, { pointBackgroundColor: gains.map(fill), pointBorderWidth: 0, pointStyle: gains.map((gain) => (gain < -CHANGE ? "triangle" : "circle")), pointRotation: 180 }),
    dots("before", 0, { pointBackgroundColor: colour("paper"), pointBorderColor: colour("muted"), pointBorderWidth: 2 }),
    {
      label: "difference", isPart: true, words, barThickness: 3, minBarLength: 0, backgroundColor: gains.map(fill),
      data: ends.map(([was, is]) => (was === null || is === null ? null : [was, is])),
    },
  ];
  const seen = ends.flat().filter((value) => value !== null);
  return {
    type: "bar",
    height: 360,
    data: { labels, datasets },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: { x: layerAxis(labels), y: titled("SNR, dB", { min: 10 * Math.floor(Math.min(0, ...seen) / 10), ticks: { stepSize: 10 } }) },
      plugins: {
        legend: { labels: { filter: (item, data) => !data.datasets[item.datasetIndex].isPart } },
        tooltip: { filter: (item) => item.datasetIndex === 0 },
      },
    },
  };
}
