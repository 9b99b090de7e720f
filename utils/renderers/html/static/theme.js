// Colours and fonts of the charts, from the style sheet; the page's data.
"use strict";

const DATA = JSON.parse(document.getElementById("report-data").textContent);
const DARK = window.matchMedia("(prefers-color-scheme: dark)");
const TOUCH = window.matchMedia("(pointer: coarse)");
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

const MARGIN = { l: 64, r: 12, t: 32, b: 44 };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Charts read some HTML in their texts; names are untrusted and to be read as they are.
function asText(text) {
  return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

// Infinite numbers come as words.
function finite(value) {
  return typeof value === "number" ? value : null;
}

function axis(options) {
  const line = colour("line");
  return Object.assign(
    // Margins that adapt, and labels that make room, would draw every chart several times.
    { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: false, ticklabeloverflow: "allow" },
    options
  );
}

function layout(options) {
  const ink = colour("ink");
  return Object.assign(
    {
      autosize: true,
      height: 340,
      margin: MARGIN,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
      hoverlabel: {
        bgcolor: colour("raised"),
        bordercolor: colour("line"),
        font: { color: ink },
        align: "left",
        namelength: -1,
      },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      bargap: 0.15,
      // A finger that drags scrolls the page.
      dragmode: TOUCH.matches ? false : "zoom",
    },
    options
  );
}
