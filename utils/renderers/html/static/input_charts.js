// Values that enter the network, by channel.

function inputFigure(found) {
  const traces = [];
  const many = found.at.length > 40;
  const both = found.measured && found.calibrated;
  const add = (name, key, look, shift) => {
    if (!found[key]) return;
    const [low, high, mean, std] = found[key];
    const x = found.at.map((at) => at + shift);
    const text = found.at.map((at, i) => `channel ${at}, ${name}<br>${low[i]} to ${high[i]}<br>mean ${mean[i]}, std ${std[i]}`);
    const lines = (from, to, width) => ({
      type: "scatter", mode: "lines", showlegend: false, hoverinfo: "skip",
      x: x.flatMap((at) => [at, at, null]), y: from.flatMap((value, i) => [value, to[i], null]),
      line: { color: colour(look.colour), width },
    });
    traces.push(lines(low, high, 1.5));
    traces.push(lines(mean.map((value, i) => value - std[i]), mean.map((value, i) => value + std[i]), many ? 3 : 8));
    traces.push({
      type: "scatter", mode: "markers", name, x, y: mean, text, hovertemplate: "%{text}<extra></extra>",
      marker: { color: colour(look.colour), symbol: look.symbol, size: many ? 5 : 12, line: { color: colour("paper"), width: 1.5 } },
    });
  };
  add("measured", "measured", { colour: "series-1", symbol: "circle" }, both ? -0.12 : 0);
  add("in calibration", "calibrated", { colour: "series-2", symbol: "diamond" }, both ? 0.12 : 0);
  return {
    traces,
    layout: {
      height: 280,
      hovermode: "closest",
      xaxis: channelAxis(found, found.at.length),
      yaxis: axis({ title: { text: "value" } }),
    },
  };
}
