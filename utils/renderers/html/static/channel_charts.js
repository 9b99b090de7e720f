// What a layer holds by channel: ranges of its values, and codes of its weights.

let chosen = 0;

function chosenData() {
  return DATA.layers[chosen] || {};
}

const MANY = 48; // channels; beyond, they are sorted, since in their own order they are a barcode

// Positions of the channels that are drawn, in the order in which they are drawn; of many, those that do nothing are last.
function orderOf(channels, highest, isIdle = () => false) {
  const order = Array.from(highest.keys());
  return channels > MANY ? order.sort((one, other) => isIdle(one) - isIdle(other) || finite(highest[other]) - finite(highest[one])) : order;
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

// Channels that do nothing have no bar that could be seen: a band as high as the chart stands for each.
function idleBands(label, order, names, isIdle, [bottom, top], words) {
  return {
    label, grouped: false, categoryPercentage: 1, barPercentage: 1, backgroundColor: hatched("series-2"),
    data: order.map((at) => (isIdle(at) ? [bottom, top] : null)),
    words: order.map((at, position) => [`channel ${names[position]}`, words(at)]),
  };
}

function countIdle(id, order, isIdle, words) {
  const note = document.getElementById(id);
  note.dataset.words = note.dataset.words || note.textContent;
  const count = order.filter(isIdle).length;
  note.textContent = count ? `${note.dataset.words} ${count} of ${order.length} channels ${words} (hatched).` : note.dataset.words;
  return count;
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
  const [low, high] = found.measured || found.calibrated;
  const isIdle = (at) => Boolean(found.measured) && finite(low[at]) !== null && low[at] === high[at];
  const order = orderOf(found.channels, high, isIdle);
  const names = channelNames(found, order);
  const datasets = [];
  if (found.measured) {
    datasets.push(spans("measured", order, names, found.measured, { backgroundColor: colour("series-1"), categoryPercentage: 1, barPercentage: 0.45 }));
  }
  if (found.calibrated) {
    const edge = { borderColor: colour("muted"), borderWidth: order.length > 100 ? 0 : 1, borderSkipped: false };
    datasets.push(spans("in calibration", order, names, found.calibrated, Object.assign({ backgroundColor: colour("calibrated"), categoryPercentage: 1, barPercentage: 0.9 }, edge)));
  }
  if (countIdle("range-note", order, isIdle, "have the same value throughout")) {
    const ends = [found.measured, found.calibrated].filter(Boolean).flat(2).map(finite);
    const reach = ends.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [0, 0]);
    datasets.push(idleBands("the same throughout", order, names, isIdle, reach, (at) => `measured: ${low[at]} throughout`));
  }
  return {
    type: "bar",
    height: 320,
    data: { labels: names, datasets },
    options: { scales: { x: channelAxis(found, order.length, "the upper end"), y: titled("value") } },
  };
}

function codeFigure() {
  const found = chosenData().codes;
  if (!found) return { empty: "This layer has no integer weights whose output channels are known." };
  const isDead = (at) => found.low[at] === 0 && found.high[at] === 0;
  const order = orderOf(found.channels, found.high, isDead);
  const names = channelNames(found, order);
  const bars = spans("codes", order, names, [found.low, found.high], { backgroundColor: colour("series-3") });
  const all = (2 * found.limit + 1).toLocaleString("en");
  bars.words.forEach((words, position) => words.push(`${found.used[order[position]]} of ${all} different codes`));
  const datasets = [Object.assign(bars, { categoryPercentage: 1, barPercentage: 0.8 })];
  const dead = countIdle("code-note", order, isDead, "hold nothing but zeros");
  if (dead) {
    datasets.push(idleBands("nothing but zeros", order, names, isDead, [-found.limit, found.limit], () => "every code is 0"));
  }
  const reach = 1.08 * Math.max(found.limit, ...found.high, ...found.low.map((value) => -value));
  return {
    type: "bar",
    height: 320,
    data: { labels: names, datasets },
    options: {
      scales: { x: channelAxis(found, order.length, "the largest code"), y: titled("weight code", { min: -reach, max: reach, ticks: { precision: 0, includeBounds: false } }) },
      plugins: {
        legend: { display: dead > 0 },
        annotation: { annotations: [line("y", found.limit, "ink"), line("y", -found.limit, "ink")] },
      },
    },
  };
}
