// What every layer gained against the earlier run.

function gainFigure() {
  const { labels, before, now } = DATA.comparison;
  const gains = labels.map((_, at) => (finite(before[at]) === null || finite(now[at]) === null ? null : now[at] - before[at]));
  const said = (value) => (value === null ? "not measured" : inDecibels(value));
  return {
    traces: [{
      type: "bar", x: labels.map((_, at) => at), y: gains,
      text: labels.map((label, at) => `${asText(label)}<br>before: ${said(before[at])}<br>now: ${said(now[at])}`),
      textposition: "none", hovertemplate: "%{text}<extra></extra>",
      marker: {
        color: gains.map((gain) => colour(gain < 0 ? "series-2" : "series-1")),
        pattern: { shape: gains.map((gain) => (gain < 0 ? "/" : "")), fillmode: "overlay", fgcolor: colour("paper") },
      },
    }],
    layout: {
      margin: { l: 64, r: 12, t: 8, b: NAMES_HEIGHT },
      xaxis: layerAxis(labels, document.getElementById("gain-chart")),
      yaxis: axis({ title: { text: "gain, dB" }, zerolinecolor: colour("muted") }),
    },
  };
}
