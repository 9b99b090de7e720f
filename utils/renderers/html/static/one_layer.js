// Which layer is looked at, and what the table says of it.

const LAYER_CHARTS = ["histogram-chart", "range-chart", "code-chart"];

function layerRow(number) {
  return document.querySelector(`#layer-table [data-layer="${number}"]`).closest("tr");
}

function showFacts() {
  const table = document.getElementById("layer-table");
  const row = layerRow(chosen);
  const pairs = [["Name", DATA.names[chosen]]];
  const original = row.querySelector(".original");
  if (original) pairs.push(["In the original model", original.textContent]);
  Array.from(row.cells).slice(1).forEach((cell, at) => {
    const head = table.tHead.rows[0].cells[at + 1].querySelector("button");
    const unit = head.querySelector(".unit");
    if (cell.textContent) pairs.push([head.firstChild.textContent.trim(), `${cell.textContent} ${unit && cell.dataset.v && /\d$/.test(cell.textContent) ? unit.textContent : ""}`]);
  });
  document.getElementById("layer-facts").replaceChildren(...pairs.map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: value }));
    return pair;
  }));
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
  drawAgain(...LAYER_CHARTS);
  if (follow) {
    unfold(document.getElementById("one-layer-title"));
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

// The layer to look at first: the most telling one of the first cause, else the first one that anything is known of.
function firstLayer() {
  const known = (number) => Object.keys(DATA.layers[number]).length > 0;
  const first = DATA.telling === null ? DATA.marked.find(known) : DATA.telling;
  return first === undefined ? Math.max(0, DATA.layers.findIndex((_, number) => known(number))) : first;
}

function startLayerChoice() {
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
  document.getElementById("histogram-log").addEventListener("change", () => drawAgain("histogram-chart"));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-layer]");
    if (!link) return;
    event.preventDefault();
    chooseLayer(Number(link.dataset.layer), true);
  });
}
