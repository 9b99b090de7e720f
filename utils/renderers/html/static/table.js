// The table of all layers: sorted by any column, filtered by text, type and findings.

function sortKey(row, column, kind) {
  const cell = row.cells[column];
  if (kind === "order") return Number(cell.querySelector("[data-layer]").dataset.layer);
  if (kind === "text") return cell.textContent || null;
  const value = cell.dataset.v;
  if (value === undefined || value === "nan") return null;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
}

function compared(one, other) {
  return typeof one === "string" ? one.localeCompare(other) : one < other ? -1 : Number(one > other);
}

function sortTable(table, column, ascending) {
  const kind = table.tHead.rows[0].cells[column].dataset.kind;
  const rows = Array.from(table.tBodies[0].rows).map((row) => [sortKey(row, column, kind), row]);
  rows.sort(([one], [other]) => {
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return ascending ? compared(one, other) : compared(other, one);
  });
  table.tBodies[0].append(...rows.map(([, row]) => row));
  Array.from(table.tHead.rows[0].cells).forEach((cell, at) => {
    if (at === column) cell.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    else cell.removeAttribute("aria-sort");
  });
}

function columnOf(table, heading) {
  return Array.from(table.tHead.rows[0].cells).findIndex((cell) => cell.textContent.trim() === heading);
}

function filterTable(table) {
  const words = document.getElementById("table-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const type = document.getElementById("table-type").value;
  const foundOnly = document.getElementById("table-found").checked;
  const typeColumn = columnOf(table, "Type");
  const foundColumn = columnOf(table, "Findings");
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const text = `${row.querySelector("[data-layer]").title} ${row.textContent}`.toLowerCase();
    const fits = words.every((word) => text.includes(word))
      && (!type || row.cells[typeColumn].textContent === type)
      && (!foundOnly || (foundColumn >= 0 && row.cells[foundColumn].textContent !== ""));
    row.hidden = !fits;
    shown += fits;
  }
  const all = table.tBodies[0].rows.length;
  document.getElementById("table-count").textContent = shown === all ? `${all} layers` : `${shown} of ${all} layers`;
  document.getElementById("table-empty").hidden = shown > 0;
  table.parentElement.hidden = shown === 0;
}

function startTable() {
  const table = document.getElementById("layer-table");
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    cell.querySelector("button").addEventListener("click", () => {
      const sorted = cell.getAttribute("aria-sort");
      // The worst come first: what is small matters, of findings and shares what is large.
      sortTable(table, column, sorted ? sorted !== "ascending" : cell.dataset.first !== "largest");
    });
  });
  const details = document.getElementById("table-details");
  const showDetails = () => table.classList.toggle("brief", !details.checked);
  details.addEventListener("change", showDetails);
  showDetails();
  ["table-filter", "table-type", "table-found"].forEach((id) => {
    ["input", "change"].forEach((event) => document.getElementById(id).addEventListener(event, () => filterTable(table)));
  });
}
