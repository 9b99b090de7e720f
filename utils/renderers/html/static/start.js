// What happens when the page is opened, printed, or changes its colours.

takeTheme();
register("snr-overview", snrOverview);
register("snr-chart", snrFigure);
register("share-chart", shareFigure);
register("histogram-chart", histogramFigure);
register("range-chart", rangeFigure);
register("code-chart", codeFigure);
document.querySelectorAll(".input-chart").forEach((element) => {
  register(element.id, () => inputFigure(DATA.inputs[Number(element.dataset.input)]));
});
register("gain-chart", gainFigure);
register("telling-chart", tellingFigure);
register("pairs-chart", pairsFigure);

startLayerChoice();
startTable();
startCopying();
startZooming();
startHints();

const outputChoice = document.getElementById("output-choice");
if (outputChoice) outputChoice.addEventListener("change", () => drawAgain("snr-chart", "share-chart"));
const pairsChoice = document.getElementById("pairs-choice");
if (pairsChoice) pairsChoice.addEventListener("change", () => drawAgain("pairs-chart"));

// What a link leads to may be folded, or be folded itself.
function unfold(target) {
  for (let each = target; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
  }
  const own = target && target.querySelector(":scope > details.part");
  if (own) own.open = true;
}

function follow() {
  const target = document.getElementById(location.hash.slice(1));
  unfold(target);
  if (target) target.scrollIntoView();
}
window.addEventListener("hashchange", follow);
// Following a link again leaves the address as it is.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link || link.dataset.layer) return;
  if (link.hash === location.hash) follow();
});
document.querySelectorAll("details").forEach((each) => each.addEventListener("toggle", drawMissing));

DARK.addEventListener("change", drawAllAgain);
window.addEventListener("beforeprint", () => {
  document.documentElement.classList.add("on-paper");
  // Pictures of the graph take much paper: those that are closed stay closed.
  document.querySelectorAll("details:not([open]):not(.in-network)").forEach((each) => {
    each.open = true;
    each.dataset.opened = "for print";
  });
  drawAllAgain();
  drawMissing();
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("on-paper");
  document.querySelectorAll("[data-opened]").forEach((each) => {
    each.open = false;
    delete each.dataset.opened;
  });
  drawAllAgain();
});

// The text is on screen before charts are drawn.
setTimeout(() => {
  drawMissing();
  follow();
  document.documentElement.dataset.ready = "yes";
}, 0);
