// The layers that bring the noise of an output.

function shareFigure() {
  const shares = DATA.shares[chosenOutput()];
  document.getElementById("share-sentence").textContent = shares.sentence;
  if (!shares.layers.length) return { empty: shares.sentence };
  const names = shares.layers.map((at) => DATA.labels[at]);
  const values = shares.shares.slice();
  const fills = values.map(() => colour("series-1"));
  if (shares.others) {
    names.push(`${shares.others} other layer${shares.others === 1 ? "" : "s"}`);
    values.push(shares.rest);
    fills.push(hatched("muted"));
  }
  const percent = (share) => (share >= 0.1 ? `${(100 * share).toFixed(0)}%` : share >= 0.001 ? `${(100 * share).toFixed(1)}%` : "<0.1%");
  return {
    type: "bar",
    height: 60 + 24 * values.length,
    data: {
      labels: names.map((name, at) => `${cut(name, 24)}  ${percent(values[at])}`),
      datasets: [{
        data: values.map((share) => 100 * share), backgroundColor: fills,
        words: names.map((name, at) => `${name}: ${percent(values[at])}`),
      }],
    },
    options: {
      indexAxis: "y",
      scales: {
        x: titled("share of the noise, %", { beginAtZero: true }),
        y: { grid: { display: false }, ticks: { autoSkip: false } },
      },
      plugins: { legend: { display: false } },
    },
  };
}
