// Colours and fonts of the charts, from the style sheet; the page's data.
"use strict";

const DATA = JSON.parse(document.getElementById("report-data").textContent);
const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const TOUCH = window.matchMedia("(pointer: coarse)");
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Infinite numbers come as words.
function finite(value) {
  return typeof value === "number" ? value : null;
}

function inDecibels(value) {
  if (value === "inf" || value >= 100) return "exact";
  if (value === "-inf") return "noise, but no signal";
  return `${value.toFixed(1)} dB`;
}

// What is hatched differs from what is not without its colour, too.
function hatched(name) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour(name);
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = colour("paper");
  pen.lineWidth = 2;
  pen.beginPath();
  [-4, 4, 12].forEach((x) => { pen.moveTo(x - 6, 10); pen.lineTo(x + 6, -2); });
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function takeTheme() {
  const { defaults } = Chart;
  defaults.animation = false;
  defaults.maintainAspectRatio = false;
  defaults.normalized = true;
  defaults.font.family = getComputedStyle(document.body).fontFamily;
  defaults.color = colour("ink");
  defaults.borderColor = colour("line");
  Object.assign(defaults.plugins.legend, { align: "start" });
  Object.assign(defaults.plugins.legend.labels, { usePointStyle: true, boxHeight: 8 });
  Object.assign(defaults.plugins.tooltip, {
    backgroundColor: colour("raised"), borderColor: colour("muted"), borderWidth: 1,
    titleColor: colour("ink"), bodyColor: colour("ink"), displayColors: false,
  });
  // Every series brings what is to be said of its points: lines of text, drawn as they are.
  defaults.plugins.tooltip.callbacks.title = () => "";
  defaults.plugins.tooltip.callbacks.label = ({ dataset, dataIndex }) => dataset.words[dataIndex];
}

// A line across a chart, at a value of one of its axes.
function line(axis, value, name, { text = "", dash = [6, 4], position = "end" } = {}) {
  return {
    type: "line", scaleID: axis, value, borderColor: colour(name), borderWidth: 1.5, borderDash: dash,
    label: {
      display: Boolean(text), content: text, position, color: colour(name), backgroundColor: colour("paper"),
      padding: 2, font: { size: 11, weight: "normal" },
    },
  };
}
