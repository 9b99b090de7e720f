// What happens when the page is opened, printed, or changes its colours.

register(document.getElementById("snr-chart"), snrFigure);
register(document.getElementById("share-chart"), shareFigure);
register(document.getElementById("histogram-chart"), histogramFigure);
register(document.getElementById("range-chart"), rangeFigure);
register(document.getElementById("code-chart"), codeFigure);
document.querySelectorAll(".input-chart").forEach((element) => {
  register(element, () => inputFigure(DATA.inputs[Number(element.dataset.input)]));
});
register(document.getElementById("gain-chart"), gainFigure);

startLayerCharts();
startTable();
startCopying();

const outputChoice = document.getElementById("output-choice");
if (outputChoice) {
  outputChoice.addEventListener("change", () => {
    ["snr-chart", "share-chart"].forEach((id) => draw(document.getElementById(id)));
  });
}

// What a link leads to may be folded.
function unfold() {
  const target = document.getElementById(location.hash.slice(1));
  for (let each = target; each; each = each.parentElement) {
    if (each.tagName === "DETAILS") each.open = true;
  }
  if (target) target.scrollIntoView();
}
window.addEventListener("hashchange", unfold);
// Following a link again leaves the address as it is.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.hash === location.hash && !link.dataset.layer) unfold();
});
unfold();

DARK.addEventListener("change", drawAll);
window.addEventListener("beforeprint", () => {
  document.documentElement.classList.add("on-paper");
  // Pictures of the graph take much paper: those that are closed stay closed.
  document.querySelectorAll("details:not([open]):not(.in-network)").forEach((each) => {
    each.open = true;
    each.dataset.opened = "for print";
  });
  drawAll();
});
window.addEventListener("afterprint", () => {
  document.documentElement.classList.remove("on-paper");
  document.querySelectorAll("[data-opened]").forEach((each) => {
    each.open = false;
    delete each.dataset.opened;
  });
  drawAll();
});

setTimeout(drawOneByOne, 0, Array.from(CHARTS.keys()));
