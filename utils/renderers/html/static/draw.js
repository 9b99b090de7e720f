// All charts of the page: drawn once they are in sight, and again when the colours change.

// Element -> function that gives {height, type, data, options} for the charting library, or {empty}.
const FIGURES = new Map();

function register(id, figure) {
  const element = document.getElementById(id);
  if (element) FIGURES.set(element, figure);
}

function chartOf(id) {
  const canvas = document.querySelector(`#${id} canvas`);
  return canvas ? Chart.getChart(canvas) : undefined;
}

function freshCanvas(element) {
  const old = element.querySelector("canvas");
  if (old) Chart.getChart(old)?.destroy();
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", element.closest("figure").querySelector("figcaption").textContent.trim());
  element.replaceChildren(canvas);
  return canvas;
}

function draw(element) {
  const figure = FIGURES.get(element)();
  const note = document.getElementById(`${element.id}-empty`);
  if (note) {
    note.hidden = !figure.empty;
    note.textContent = figure.empty || "";
  }
  element.hidden = Boolean(figure.empty);
  if (!figure.empty) {
    element.style.height = `${figure.height}px`;
    new Chart(freshCanvas(element), { type: figure.type, data: figure.data, options: figure.options });
  }
  element.dataset.drawn = "yes";
}

// A chart that fails must not keep the others from being drawn, nor pass unseen.
function drawOrTell(element) {
  try {
    draw(element);
  } catch (error) {
    console.error(`${element.id} could not be drawn:`, error);
    element.textContent = "This chart could not be drawn.";
    element.dataset.drawn = "failed";
  }
}

function drawAgain(...ids) {
  ids.map((id) => document.getElementById(id)).filter((each) => each && each.dataset.drawn).forEach(drawOrTell);
}

function isFolded(element) {
  return Boolean(element.parentElement.closest("details:not([open])"));
}

// Charts that are folded have no size yet.
function drawMissing() {
  FIGURES.forEach((_, element) => {
    if (!element.dataset.drawn && !isFolded(element)) drawOrTell(element);
  });
}

function drawAllAgain() {
  takeTheme();
  FIGURES.forEach((_, element) => {
    if (!element.dataset.drawn) return;
    // What is folded by now is drawn when it is opened.
    if (isFolded(element)) delete element.dataset.drawn;
    else drawOrTell(element);
  });
}

// Names of layers differ at their ends.
function cut(label, limit) {
  const half = limit / 2;
  return label.length > limit ? `${label.slice(0, half - 1)}…${label.slice(-half)}` : label;
}

// Layers in graph order along the bottom, by name as far as names fit.
function layerAxis(labels) {
  return {
    grid: { display: false },
    ticks: {
      maxRotation: 60, autoSkipPadding: 4, font: { size: 11 },
      callback: (at) => cut(labels[at], 14),
    },
  };
}

function titled(text, options = {}) {
  return Object.assign({ title: { display: true, text } }, options);
}
