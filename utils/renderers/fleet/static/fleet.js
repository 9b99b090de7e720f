// The table of all archives: sorted by any column, filtered by text and state.
"use strict";

const TABLE = document.getElementById("archives");
const HEADS = Array.from(TABLE.tHead.rows[0].cells);
const ROWS = Array.from(TABLE.tBodies[0].rows, (row) => ({ row, text: row.textContent.toLowerCase() }));

function keyOf(row, column) {
  const cell = row.cells[column];
  if (HEADS[column].dataset.kind === "text") return cell.textContent.toLowerCase() || null;
  const value = cell.dataset.v;
  if (value === undefined) return null;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
}

function compared(one, other) {
  return typeof one === "string" ? one.localeCompare(other) : one < other ? -1 : Number(one > other);
}

// What was not measured comes last in either direction.
function sortBy(column, ascending) {
  const keyed = ROWS.map(({ row }) => [keyOf(row, column), row]);
  keyed.sort(([one], [other]) => {
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return ascending ? compared(one, other) : compared(other, one);
  });
  TABLE.tBodies[0].append(...keyed.map(([, row]) => row));
  HEADS.forEach((head, at) => {
    if (at === column) head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  });
}

function filter() {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = document.getElementById("state").value;
  let shown = 0;
  for (const { row, text } of ROWS) {
    const fits = (!state || row.dataset.state === state) && words.every((word) => text.includes(word));
    row.hidden = !fits;
    shown += fits;
  }
  const all = `${ROWS.length} archive${ROWS.length === 1 ? "" : "s"}`;
  document.getElementById("count").textContent = shown === ROWS.length ? all : `${shown} of ${all}`;
  document.getElementById("empty").hidden = shown > 0;
  TABLE.parentElement.hidden = shown === 0;
}

HEADS.forEach((head, column) => {
  const button = head.querySelector("button");
  if (button) button.addEventListener("click", () => sortBy(column, head.getAttribute("aria-sort") !== "ascending"));
});
["filter", "state"].forEach((id) => {
  ["input", "change"].forEach((event) => document.getElementById(id).addEventListener(event, filter));
});
document.documentElement.dataset.ready = "yes";
