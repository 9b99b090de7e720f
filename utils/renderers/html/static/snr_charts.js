// SNR along the network: in short at the top of the page, and with all that is known of it.

const SNR_TOP = 60; // dB; nothing above matters, and the lower part would be flattened
const SNR_BOTTOM = -20;

function chosenOutput() {
  const choice = document.getElementById("output-choice");
  return choice ? Number(choice.value) : 0;
}

function pointSize(count, width) {
  return Math.max(1.5, Math.min(4, 1 + width / count / 6));
}

function snrHeight(value) {
  if (value === null) return null;
  if (value === "inf") return SNR_TOP;
  if (value === "-inf") return SNR_BOTTOM;
  return Math.max(SNR_BOTTOM, Math.min(SNR_TOP, value));
}

function snrSeries(label, values, look, notes) {
  return {
    label,
    data: values.map(snrHeight),
    words: values.map((value, at) =>
      value === null ? "" : [DATA.labels[at], `${label}: ${inDecibels(value)}${notes ? notes[at] : ""}`]
    ),
    clip: 8, showLine: look.hasLine, borderColor: colour(look.colour), borderWidth: 2,
    backgroundColor: colour(look.colour), pointStyle: look.symbol, pointRadius: look.size, pointHoverRadius: look.size + 2,
  };
}

// The layers of the first cause, in front of which nothing is wrong yet.
function marks() {
  return DATA.marked.map((at) => line("x", at, "error", { dash: [] }));
}

function snrFigureOf(series, lines, { height, hasLegend, interaction }) {
  const seen = series.flatMap((each) => each.data).filter((value) => value !== null);
  if (!seen.length) return { empty: "No SNR is known of any layer." };
  return {
    type: "line",
    height,
    data: { labels: DATA.labels, datasets: series },
    options: {
      interaction,
      onClick: (_, [point]) => { if (point) chooseLayer(point.index, true); },
      scales: {
        x: layerAxis(DATA.labels),
        y: {
          title: { display: hasLegend, text: "SNR, dB" },
          min: 10 * Math.floor(Math.min(0, ...seen) / 10), max: 10 * Math.ceil(Math.max(30, ...seen) / 10), ticks: { stepSize: 10 },
        },
      },
      plugins: {
        legend: { display: hasLegend },
        annotation: { annotations: lines },
        zoom: {
          zoom: { drag: { enabled: hasLegend && !TOUCH.matches, threshold: 8 }, mode: "x" },
          limits: { x: { minRange: 3 } },
        },
      },
    },
  };
}

function snrOverview() {
  const { at } = DATA.snr;
  const size = pointSize(at.length, 480);
  const series = snrSeries("SNR", at, { colour: "series-1", symbol: "circle", hasLine: true, size });
  const figure = snrFigureOf([series], marks(), {
    height: 190, hasLegend: false, interaction: { mode: "index", intersect: false },
  });
  if (figure.empty) return figure;
  series.pointBackgroundColor = at.map((_, layer) => colour(DATA.marked.includes(layer) ? "error" : "series-1"));
  return figure;
}

function snrFigure() {
  const { snr } = DATA;
  const size = pointSize(snr.at.length, document.getElementById("snr-chart").clientWidth);
  const look = (name, symbol, hasLine) => ({ colour: name, symbol, hasLine, size });
  const series = [snrSeries("At the layer", snr.at, look("series-1", "circle", true))];
  if (snr.local.some((value) => value !== null)) {
    series.push(snrSeries("Local", snr.local, look("series-2", "rectRot", false)));
  }
  if (snr.alone.length) {
    const notes = snr.estimated.map((yes) => (yes ? " (estimated)" : ""));
    const output = chosenOutput();
    series.push(snrSeries(`Alone, at ${DATA.outputs[output]}`, snr.alone[output], look("series-3", "triangle", false), notes));
  }
  const lines = [line("y", snr.error, "error", { text: "error" }), line("y", snr.warning, "warning", { text: "warning", dash: [2, 3] })];
  return snrFigureOf(series, [...lines, ...marks()], {
    height: 420, hasLegend: true, interaction: { mode: "nearest", intersect: true },
  });
}

function startZooming() {
  const moves = {
    in: (chart) => chart.zoom(1.5, "none"),
    out: (chart) => chart.zoom(0, "none"),
    left: (chart) => chart.pan({ x: chart.chartArea.width / 2 }, undefined, "none"),
    right: (chart) => chart.pan({ x: -chart.chartArea.width / 2 }, undefined, "none"),
    all: (chart) => chart.resetZoom("none"),
  };
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      const chart = chartOf("snr-chart");
      if (chart) moves[button.dataset.zoom](chart);
    });
  });
}
