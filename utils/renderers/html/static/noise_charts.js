// SNR along the network, and the layers that bring the noise of an output.

const SNR_TOP = 70; // dB; nothing above matters, and the lower part would be flattened

function chosenOutput() {
  const choice = document.getElementById("output-choice");
  return choice ? Number(choice.value) : 0;
}

function inDecibels(value) {
  if (value === "inf") return "no noise at all";
  if (value === "-inf") return "noise, but no signal";
  return `${value.toFixed(1)} dB`;
}

function markerSize(count) {
  const room = document.getElementById("snr-chart").clientWidth / count;
  return Math.max(3, Math.min(9, 2 + room));
}

function snrTrace(name, values, look, notes) {
  const bottom = -20;
  const height = (value) => {
    if (value === null) return null;
    if (value === "inf") return SNR_TOP;
    if (value === "-inf") return bottom;
    return Math.max(bottom, Math.min(SNR_TOP, value));
  };
  return {
    type: "scatter",
    mode: look.mode,
    name,
    x: values.map((_, at) => at),
    y: values.map(height),
    text: values.map((value, at) =>
      value === null ? "" : `${asText(DATA.labels[at])}<br>${name}: ${inDecibels(value)}${notes ? notes[at] : ""}`
    ),
    hovertemplate: "%{text}<extra></extra>",
    connectgaps: false,
    line: { color: colour(look.colour), width: 2 },
    marker: { color: colour(look.colour), symbol: look.symbol, size: markerSize(values.length) },
  };
}

function thresholds(snr) {
  const line = (db, name, dash) => ({
    type: "line", xref: "paper", x0: 0, x1: 1, y0: db, y1: db,
    line: { color: colour(name), width: 1.5, dash },
  });
  const text = (db, name) => ({
    xref: "paper", x: 1, xanchor: "left", xshift: 4, y: db, yanchor: "middle", showarrow: false,
    text: name, font: { size: 12, color: colour(name) },
  });
  return {
    shapes: [line(snr.error, "error", "dash"), line(snr.warning, "warning", "dot")],
    annotations: [
      text(snr.error, "error"),
      text(snr.warning, "warning"),
    ],
  };
}

function snrFigure() {
  const snr = DATA.snr;
  const element = document.getElementById("snr-chart");
  const output = chosenOutput();
  const traces = [snrTrace("at the layer", snr.at, { colour: "series-1", symbol: "circle", mode: "lines+markers" })];
  if (snr.local.some((value) => value !== null)) {
    traces.push(snrTrace("local", snr.local, { colour: "series-2", symbol: "diamond", mode: "markers" }));
  }
  if (snr.alone.length) {
    const notes = snr.estimated.map((yes) => (yes ? " (estimated)" : ""));
    const name = `alone, at ${asText(DATA.outputs[output])}`;
    traces.push(snrTrace(name, snr.alone[output], { colour: "series-3", symbol: "triangle-up-open", mode: "markers" }, notes));
  }
  const seen = traces.flatMap((trace) => trace.y).filter((value) => value !== null);
  if (!seen.length) return { empty: "No SNR is known of any layer." };
  const range = [Math.min(0, ...seen) - 3, Math.max(30, ...seen) + 3];
  return {
    traces,
    layout: Object.assign(thresholds(snr), {
      height: 440,
      margin: { l: 64, r: 58, t: 32, b: NAMES_HEIGHT },
      hovermode: "closest",
      xaxis: layerAxis(DATA.labels, element),
      yaxis: axis({ title: { text: "SNR, dB" }, range, fixedrange: true, zeroline: false }),
    }),
  };
}

function zoomed(how, [from, to], count) {
  const width = to - from;
  const whole = [-0.7, count - 0.3];
  const middle = (from + to) / 2;
  const moves = {
    in: () => [middle - width / 4, middle + width / 4],
    out: () => [middle - width, middle + width],
    left: () => [from - width / 2, to - width / 2],
    right: () => [from + width / 2, to + width / 2],
    all: () => whole,
  };
  let [low, high] = moves[how]();
  const wide = Math.min(Math.max(high - low, 4), whole[1] - whole[0]);
  low = Math.min(Math.max(low, whole[0]), whole[1] - wide);
  return [low, low + wide];
}

function startSnrChart() {
  const element = document.getElementById("snr-chart");
  if (!element || !DATA.snr || !element.on || element.hidden) return;
  keepTicks(element, DATA.labels);
  element.on("plotly_click", (event) => chooseLayer(event.points[0].x, true));
  document.querySelectorAll("[data-zoom]").forEach((button) => {
    button.addEventListener("click", () => {
      const range = zoomed(button.dataset.zoom, element.layout.xaxis.range, DATA.labels.length);
      Plotly.relayout(element, { "xaxis.range": range });
    });
  });
}

function shareFigure() {
  const shares = DATA.shares[chosenOutput()];
  document.getElementById("share-sentence").textContent = shares.sentence;
  if (!shares.layers.length) return { empty: shares.sentence };
  const names = shares.layers.map((at) => DATA.labels[at]);
  const values = shares.shares.slice();
  const colours = values.map(() => colour("series-1"));
  const patterns = values.map(() => "");
  if (shares.others) {
    names.push(`${shares.others} other layer${shares.others === 1 ? "" : "s"}`);
    values.push(shares.rest);
    colours.push(colour("muted"));
    patterns.push("/");
  }
  const percent = (share) => (share >= 0.1 ? `${(100 * share).toFixed(0)}%` : share >= 0.001 ? `${(100 * share).toFixed(1)}%` : "<0.1%");
  return {
    traces: [{
      type: "bar", orientation: "h",
      y: values.map((_, at) => at), x: values.map((share) => 100 * share),
      text: values.map(percent), textposition: "outside", cliponaxis: false,
      textfont: { color: colour("ink") },
      customdata: names.map(asText), hovertemplate: "%{customdata}: %{text}<extra></extra>",
      marker: { color: colours, pattern: { shape: patterns, fillmode: "overlay", fgcolor: colour("paper") } },
    }],
    layout: {
      height: 60 + 24 * values.length,
      margin: { l: 14 + 7 * Math.max(...names.map((name) => cut(name, 24).length)), r: 48, t: 8, b: 44 },
      xaxis: axis({ title: { text: "share of the noise, %" }, range: [0, 100 * Math.max(...values) * 1.12], fixedrange: true }),
      yaxis: axis({
        autorange: "reversed", fixedrange: true, showgrid: false,
        tickvals: values.map((_, at) => at), ticktext: names.map((name) => asText(cut(name, 24))),
      }),
    },
  };
}
