// What a layer holds by channel: ranges of its values, and codes of its weights.

let chosen = 0;

function chosenData() {
  return DATA.layers[chosen] || {};
}

const MANY = 48; // channels; beyond, they are sorted, since in their own order they are a barcode

// Positions of the channels that are drawn, in the order in which they are drawn.
function orderOf(found, highest) {
  const order = Array.from(highest.keys());
  return found.channels > MANY ? order.sort((one, other) => finite(highest[other]) - finite(highest[one])) : order;
}

function channelNames(found, order) {
  return order.map((at) => (found.at ? found.at[at] : at));
}

function channelAxis(found, kept, sortedBy) {
  const words = ["channel"];
  if (kept < found.channels) words.push(`${kept} of ${found.channels} are drawn`);
  if (found.channels > MANY) words.push(`sorted by ${sortedBy}`);
  return titled(words.join(", "), { grid: { display: false }, ticks: { display: found.channels <= MANY, maxRotation: 0 } });
}

// A bar from the smallest to the largest value of every channel.
function spans(label, order, names, [low, high], look) {
  return Object.assign({
    label, grouped: false, maxBarThickness: 60,
    data: order.map((at) => (finite(low[at]) === null || finite(high[at]) === null ? null : [low[at], high[at]])),
    words: order.map((at, position) => [`channel ${names[position]}`, `${label}: ${low[at]} to ${high[at]}`]),
    // What has no extent is seen, too.
    minBarLength: 2,
  }, look);
}

function rangeFigure() {
  const found = chosenData().ranges;
  if (!found) return { empty: "Nothing is known of the channels of this layer." };
  const order = orderOf(found, (found.measured || found.calibrated)[1]);
  const names = channelNames(found, order);
  const datasets = [];
  if (found.measured) {
    datasets.push(spans("measured", order, names, found.measured, { backgroundColor: colour("series-1"), categoryPercentage: 1, barPercentage: 0.45 }));
  }
  if (found.calibrated) {
    const edge = { borderColor: colour("muted"), borderWidth: order.length > 100 ? 0 : 1, borderSkipped: false };
    datasets.push(spans("in calibration", order, names, found.calibrated, Object.assign({ backgroundColor: colour("calibrated"), categoryPercentage: 1, barPercentage: 0.9 }, edge)));
  }
  return {
    type: "bar",
    height: 320,
    data: { labels: names, datasets },
    options: { scales: { x: channelAxis(found, order.length, "the upper end"), y: titled("value") } },
  };
}

function deadChannels({ low, high }) {
  return low.filter((value, at) => value === 0 && high[at] === 0).length;
}

function codeFigure() {
  const found = chosenData().codes;
  if (!found) return { empty: "This layer has no integer weights whose output channels are known." };
  const order = orderOf(found, found.high);
  const names = channelNames(found, order);
  const bars = spans("codes", order, names, [found.low, found.high], { backgroundColor: colour("series-3") });
  const all = (2 * found.limit + 1).toLocaleString("en");
  bars.words.forEach((words, position) => words.push(`${found.used[order[position]]} of ${all} different codes`));
  const dead = deadChannels(found);
  const note = document.getElementById("code-note");
  note.dataset.words = note.dataset.words || note.textContent;
  note.textContent = dead ? `${note.dataset.words} ${dead} of ${order.length} channels hold nothing but zeros.` : note.dataset.words;
  const reach = 1.08 * Math.max(found.limit, ...found.high, ...found.low.map((value) => -value));
  return {
    type: "bar",
    height: 320,
    data: { labels: names, datasets: [Object.assign(bars, { categoryPercentage: 1, barPercentage: 0.8 })] },
    options: {
      scales: { x: channelAxis(found, order.length, "the largest code"), y: titled("weight code", { min: -reach, max: reach, ticks: { precision: 0, includeBounds: false } }) },
      plugins: {
        legend: { display: false },
        annotation: { annotations: [line("y", found.limit, "ink"), line("y", -found.limit, "ink")] },
      },
    },
  };
}
