// Values of an output: across as the float network has them, up as the chip has them.

function pairsFigure() {
  const choice = document.getElementById("pairs-choice");
  const found = DATA.pairs[choice ? Number(choice.value) : 0];
  document.getElementById("pairs-sentence").textContent = found.sentence;
  document.getElementById("pairs-drawn").textContent = found.drawn;
  const points = found.float.map((x, at) => ({ x: finite(x), y: finite(found.chip[at]) })).filter(({ x, y }) => x !== null && y !== null);
  if (!points.length) return { empty: "No values of this output are known." };
  const { threshold } = found;
  const ends = points.flatMap(({ x, y }) => [x, y]).concat(threshold === null ? [] : [threshold]);
  // A spread takes its arguments from the stack, which does not hold any number of them.
  const [low, high] = ends.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [Infinity, -Infinity]);
  const room = 0.04 * (high - low) || 1;
  const reach = { min: low - room, max: high + room };
  const series = (label, chosen, look) => ({
    label, data: chosen, words: chosen.map(({ x, y }) => [`float: ${x}`, `on the chip: ${y}`]),
    pointRadius: points.length > 300 ? 2.5 : 4, borderColor: colour(look.colour), backgroundColor: colour(look.colour), pointStyle: look.symbol, borderWidth: look.width,
  });
  const changes = ({ x, y }) => threshold !== null && (x > threshold) !== (y > threshold);
  const moved = points.filter(changes);
  const datasets = [series(threshold === null ? "values" : "same side of the threshold", points.filter((each) => !changes(each)), { colour: "series-1", symbol: "circle", width: 0 })];
  if (moved.length) datasets.unshift(series("on the other side on the chip", moved, { colour: "series-2", symbol: "crossRot", width: 2 }));
  const diagonal = { type: "line", xMin: reach.min, yMin: reach.min, xMax: reach.max, yMax: reach.max, borderColor: colour("muted"), borderWidth: 1.5, borderDash: [6, 4] };
  const lines = threshold === null ? [] : [line("x", threshold, "ink", { text: "threshold", dash: [2, 3] }), line("y", threshold, "ink", { dash: [2, 3] })];
  const axis = (text) => titled(text, Object.assign({ type: "linear", ticks: { includeBounds: false, maxRotation: 0 } }, reach));
  return {
    type: "scatter",
    height: 420,
    data: { datasets },
    options: {
      interaction: { mode: "nearest", intersect: true },
      scales: { x: axis("float"), y: axis("on the chip") },
      plugins: { legend: { display: threshold !== null }, annotation: { annotations: [diagonal, ...lines] } },
    },
  };
}
