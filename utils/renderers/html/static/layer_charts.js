// Histogram, ranges and weight codes of the layer that is chosen.

let chosen = 0;

function chosenData() {
  return DATA.layers[chosen] || {};
}

function histogramFigure() {
  const found = chosenData().histogram;
  if (!found) return { empty: "No values of this layer were counted." };
  const total = found.counts.reduce((sum, count) => sum + count, found.below + found.above);
  if (!total || found.low === found.high) return { empty: "This layer put out nothing that could be counted." };
  const width = (found.high - found.low) / found.counts.length;
  const at = found.counts.map((_, bin) => found.low + width * (bin + 0.5));
  const words = (count, where) => `${count.toLocaleString("en")} values ${where}<br>${((100 * count) / total).toPrecision(3)}% of all`;
  const short = (value) => Number(value.toPrecision(4));
  const outside = 4 * width;
  const beyond = [
    [found.low - outside, found.below, `below ${short(found.low)}`],
    [found.high + outside, found.above, `above ${short(found.high)}`],
  ].filter(([, count]) => count);
  const logarithmic = document.getElementById("histogram-log").checked;
  const edge = (x) => ({
    type: "line", yref: "paper", y0: 0, y1: 1, x0: x, x1: x,
    line: { color: colour("ink"), width: 1.5, dash: "dash" },
  });
  return {
    traces: [
      {
        type: "bar", name: "within the calibrated range", x: at, y: found.counts, width: found.counts.map(() => width),
        text: found.counts.map((count, bin) => words(count, `from ${short(found.low + bin * width)} to ${short(found.low + (bin + 1) * width)}`)),
        textposition: "none", hovertemplate: "%{text}<extra></extra>",
        marker: { color: colour("series-1"), line: { width: 0 } },
      },
      {
        type: "bar", name: "beyond it", x: beyond.map(([x]) => x), y: beyond.map(([, count]) => count),
        width: beyond.map(() => 4 * width),
        text: beyond.map(([, count, where]) => words(count, where)),
        textposition: "none", hovertemplate: "%{text}<extra></extra>",
        marker: { color: colour("series-2"), pattern: { shape: "/", fillmode: "overlay", fgcolor: colour("paper") } },
        showlegend: beyond.length > 0,
      },
    ],
    layout: {
      bargap: 0,
      shapes: [edge(found.low), edge(found.high)],
      showlegend: true,
      xaxis: axis({ title: { text: found.joined ? "value (neighbouring bins are joined)" : "value" }, range: [found.low - 8 * width, found.high + 8 * width], zeroline: true }),
      yaxis: axis({ title: { text: "values" }, type: logarithmic ? "log" : "linear", rangemode: "tozero", exponentformat: "power", dtick: logarithmic && Math.max(...found.counts) > 1000 * Math.min(...found.counts.filter(Boolean)) ? 1 : undefined }),
    },
  };
}

// A bar from the smallest to the largest value of every channel.
function spans(name, x, [low, high], look) {
  return {
    type: "bar", name, x,
    base: low.map(finite),
    y: high.map((value, at) => (finite(value) === null || finite(low[at]) === null ? null : value - low[at])),
    text: low.map((value, at) => `channel ${x[at]}<br>${name}: ${value} to ${high[at]}`),
    textposition: "none", hovertemplate: "%{text}<extra></extra>",
    marker: look,
  };
}

function channelAxis(found, kept) {
  const count = found.channels;
  return axis({
    title: { text: kept < count ? `channel (${kept} of ${count} are drawn)` : "channel" },
    range: [-0.6, count - 0.4],
    dtick: count <= 16 ? 1 : undefined,
    showgrid: false,
    zeroline: false,
  });
}

function rangeFigure() {
  const found = chosenData().ranges;
  if (!found) return { empty: "Nothing is known of the channels of this layer." };
  const kept = (found.measured || found.calibrated)[0].length;
  const x = found.at || Array.from({ length: kept }, (_, at) => at);
  const traces = [];
  if (found.calibrated) {
    traces.push(Object.assign(spans("in calibration", x, found.calibrated, {
      color: colour("faint"), line: { color: colour("muted"), width: kept > 100 ? 0 : 1 },
    }), { width: 0.9 * step(x) }));
  }
  if (found.measured) {
    traces.push(Object.assign(spans("measured", x, found.measured, { color: colour("series-1") }), { width: 0.45 * step(x) }));
  }
  return {
    traces,
    layout: {
      barmode: "overlay",
      showlegend: true,
      xaxis: channelAxis(found, kept),
      yaxis: axis({ title: { text: "value" }, zeroline: true, zerolinecolor: colour("muted") }),
    },
  };
}

function step(x) {
  return x.length > 1 ? Math.max(1, (x[x.length - 1] - x[0]) / (x.length - 1)) : 1;
}

function codeFigure() {
  const found = chosenData().codes;
  if (!found) return { empty: "This layer has no integer weights whose output channels are known." };
  const x = found.at || Array.from({ length: found.used.length }, (_, at) => at);
  const trace = spans("codes", x, [found.low, found.high], { color: colour("series-3") });
  const all = 2 * found.limit + 1;
  trace.text = trace.text.map((text, at) => `${text}<br>${found.used[at]} of ${all.toLocaleString("en")} different codes`);
  trace.width = 0.8 * step(x);
  const limit = (y) => ({
    type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y,
    line: { color: colour("ink"), width: 1.5, dash: "dash" },
  });
  const reach = 1.08 * Math.max(found.limit, ...found.high, ...found.low.map((value) => -value));
  return {
    traces: [trace],
    layout: {
      showlegend: false,
      shapes: [limit(found.limit), limit(-found.limit)],
      xaxis: channelAxis(found, x.length),
      yaxis: axis({ title: { text: "weight code" }, range: [-reach, reach], zerolinecolor: colour("muted") }),
    },
  };
}

function showFacts() {
  const table = document.getElementById("layer-table");
  const facts = document.getElementById("layer-facts");
  const row = Array.from(table.tBodies[0].rows).find((each) => each.querySelector("[data-layer]").dataset.layer === String(chosen));
  const pairs = [["Name", DATA.names[chosen]]];
  const original = row.querySelector(".original");
  if (original) pairs.push(["In the original model", original.textContent]);
  Array.from(row.cells).slice(1).forEach((cell, at) => {
    const head = table.tHead.rows[0].cells[at + 1].querySelector("button");
    const unit = head.querySelector(".unit");
    if (cell.textContent) pairs.push([head.firstChild.textContent.trim(), `${cell.textContent} ${unit ? unit.textContent : ""}`]);
  });
  facts.replaceChildren(...pairs.map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: value }));
    return pair;
  }));
}

function drawLayer() {
  ["histogram-chart", "range-chart", "code-chart"].forEach((id) => draw(document.getElementById(id)));
}

function chooseLayer(number, follow) {
  chosen = number;
  const choice = document.getElementById("layer-choice");
  if (!Array.from(choice.options).some((option) => option.value === String(number))) {
    document.getElementById("layer-search").value = "";
    fillChoice("");
  }
  choice.value = String(number);
  showFacts();
  drawLayer();
  if (follow) {
    document.getElementById("one-layer").scrollIntoView({ behavior: CALM.matches ? "auto" : "smooth" });
    document.getElementById("one-layer-title").focus({ preventScroll: true });
  }
}

function searchable() {
  const table = document.getElementById("layer-table");
  const type = columnOf(table, "Type");
  return Array.from(table.tBodies[0].rows).map((row) => {
    const link = row.querySelector("[data-layer]");
    return { number: Number(link.dataset.layer), text: [link.title, row.querySelector("th").textContent, row.cells[type].textContent].join(" ").toLowerCase() };
  }).sort((one, other) => one.number - other.number);
}

function fillChoice(wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const found = searchable().filter((each) => words.every((word) => each.text.includes(word)));
  const choice = document.getElementById("layer-choice");
  choice.replaceChildren(...found.map((each) => new Option(DATA.labels[each.number], each.number)));
  return found.map((each) => each.number);
}

// The layer to look at first: the first one with weights that a finding names, else the first one.
function firstLayer() {
  const named = Array.from(document.querySelectorAll("#findings [data-layer]"), (link) => Number(link.dataset.layer));
  const weighted = named.find((number) => DATA.layers[number].codes);
  return weighted === undefined ? named[0] || 0 : weighted;
}

function startLayerCharts() {
  const search = document.getElementById("layer-search");
  const choice = document.getElementById("layer-choice");
  const result = document.getElementById("layer-search-result");
  fillChoice("");
  chosen = firstLayer();
  choice.value = String(chosen);
  showFacts();
  choice.addEventListener("change", () => chooseLayer(Number(choice.value)));
  search.addEventListener("input", () => {
    const found = fillChoice(search.value);
    result.textContent = search.value ? `${found.length} of ${DATA.labels.length} layers match` : "";
    if (found.includes(chosen)) choice.value = String(chosen);
    else if (found.length) chooseLayer(found[0]);
  });
  const move = (by) => {
    const next = choice.options[choice.selectedIndex + by];
    if (next) chooseLayer(Number(next.value));
  };
  document.getElementById("layer-before").addEventListener("click", () => move(-1));
  document.getElementById("layer-after").addEventListener("click", () => move(1));
  document.getElementById("histogram-log").addEventListener("change", () => draw(document.getElementById("histogram-chart")));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-layer]");
    if (!link) return;
    event.preventDefault();
    chooseLayer(Number(link.dataset.layer), true);
  });
}
