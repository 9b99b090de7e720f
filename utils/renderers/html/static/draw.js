// All charts of the page: drawn one after another, and again when the colours change.

const CHARTS = new Map(); // element -> function that gives {traces, layout} or {empty}
const CONFIG = {
  responsive: true,
  displayModeBar: false, // the page has its own buttons, which the keyboard reaches
  scrollZoom: false,
  doubleClick: "reset",
};

function register(element, figure) {
  if (element) CHARTS.set(element, figure);
}

function draw(element) {
  const figure = CHARTS.get(element)();
  const note = document.getElementById(`${element.id}-empty`);
  if (note) {
    note.hidden = !figure.empty;
    note.textContent = figure.empty || "";
  }
  element.hidden = Boolean(figure.empty);
  if (!figure.empty) Plotly.react(element, figure.traces, layout(figure.layout), CONFIG);
  element.dataset.drawn = "yes";
}

// A chart that fails must not keep the others from being drawn, nor pass unseen.
function drawOrTell(element) {
  try {
    draw(element);
  } catch (error) {
    console.error(`${element.id || "a chart"} could not be drawn:`, error);
    element.textContent = "This chart could not be drawn.";
    element.dataset.drawn = "failed";
  }
}

function drawAll() {
  CHARTS.forEach((_, element) => drawOrTell(element));
}

// The text is on screen before the charts are drawn, and stays responsive while they are.
function drawOneByOne(elements) {
  if (!elements.length) {
    startSnrChart();
    document.documentElement.dataset.ready = "yes";
    return;
  }
  drawOrTell(elements[0]);
  setTimeout(drawOneByOne, 0, elements.slice(1));
}

// Names of layers differ at their ends.
function cut(label, limit) {
  const half = limit / 2;
  return label.length > limit ? `${label.slice(0, half - 1)}…${label.slice(-half)}` : label;
}

// At most so many names fit below a chart; between them, layers have none.
function layerTicks(labels, from, to, width) {
  const first = Math.max(0, Math.ceil(from));
  const last = Math.min(labels.length - 1, Math.floor(to));
  const step = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, width / 28)));
  const values = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) values.push(at);
  return { tickvals: values, ticktext: values.map((at) => asText(cut(labels[at], 16))) };
}

// Below the chart, for the names of layers.
const NAMES_HEIGHT = 96;

function layerAxis(labels, element) {
  const range = [-0.7, labels.length - 0.3];
  const ticks = layerTicks(labels, range[0], range[1], element.clientWidth || 600);
  return axis(Object.assign({ range, tickangle: -60, tickfont: { size: 11 }, showgrid: false }, ticks));
}

function keepTicks(element, labels) {
  element.on("plotly_relayout", (changed) => {
    if ("xaxis.tickvals" in changed) return;
    const [from, to] = element.layout.xaxis.range;
    const ticks = layerTicks(labels, from, to, element.clientWidth);
    Plotly.relayout(element, { "xaxis.tickvals": ticks.tickvals, "xaxis.ticktext": ticks.ticktext });
  });
}
