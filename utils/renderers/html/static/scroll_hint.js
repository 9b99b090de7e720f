// Says of a table that is wider than its window that there is more at its side.

function startHints() {
  const hint = (area) => { area.previousElementSibling.hidden = area.scrollWidth <= area.clientWidth + 1; };
  const watch = new ResizeObserver((seen) => seen.forEach(({ target }) => hint(target.closest(".scroll"))));
  document.querySelectorAll(".scroll").forEach((area) => {
    // Who hears the page is told all columns anyway.
    area.before(Object.assign(document.createElement("p"), { className: "note scroll-hint", textContent: "More columns at the side →", ariaHidden: "true", hidden: true }));
    [area, area.firstElementChild].forEach((each) => watch.observe(each));
  });
}
