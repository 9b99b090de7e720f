"""SNR along the network, and which layers bring the noise that arrives at an output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from utils.measurements.noise import Sensitivity
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.numbers import code, percent
from utils.wording import plural

# What NoiseInspector takes for an error and a warning at an output; a test holds them together.
ERROR_DB, WARNING_DB = 10.0, 20.0
SHOWN = 15  # layers by name in the chart of noise shares; all are in the table


@dataclass(frozen=True)
class NoiseShares:
    """Who brings the noise of one output.

    Parameters
    ----------
    sentence : how many layers hold half of the noise, and nine tenths.
    layers : numbers of the layers that hold most, the first most of all.
    shares : of these layers, 0 to 1.
    others, other_share : how many layers are left, and what they hold together.
    """

    sentence: str
    layers: tuple[int, ...]
    shares: tuple[float, ...]
    others: int
    other_share: float


def snr_series(layers: NumberedLayers) -> dict[str, Any] | None:
    """Three SNR of every layer, in graph order; None where no noise was measured."""
    if layers.report.noise is None:
        return None
    entries = [each.entry for each in layers.all]
    return {
        "at": [code(entry.get("snr_db")) for entry in entries],
        "local": [code(entry.get("local_snr_db")) for entry in entries],
        "alone": [
            [code(entry.get("output_snr_db", {}).get(output)) for entry in entries]
            for output in layers.outputs
        ],
        "estimated": [int(entry.get("output_snr_exact") is False) for entry in entries],
        "error": ERROR_DB,
        "warning": WARNING_DB,
    }


def noise_shares(layers: NumberedLayers) -> list[NoiseShares]:
    """Shares of every output that single layers were measured against."""
    sensitivity = layers.report.noise.sensitivity if layers.report.noise else None
    if sensitivity is None:
        return []
    return [_shares(layers, sensitivity, output) for output in layers.outputs]


def shares_entry(shares: NoiseShares) -> dict[str, Any]:
    """The shares as the page's script reads them."""
    return {
        "layers": list(shares.layers),
        "shares": [code(share) for share in shares.shares],
        "others": shares.others,
        "rest": code(shares.other_share),
        "sentence": shares.sentence,
    }


def _shares(layers: NumberedLayers, sensitivity: Sensitivity, output: str) -> NoiseShares:
    found = {n: s for n, s in sensitivity.noise_shares(output).items() if n in layers.by_name}
    ranked = sorted(((s, n) for n, s in found.items() if s > 0), key=lambda pair: -pair[0])
    top, rest = ranked[:SHOWN], ranked[SHOWN:]
    return NoiseShares(
        sentence=_in_words([share for share, _ in ranked]),
        layers=tuple(layers.by_name[name].number for _, name in top),
        shares=tuple(share for share, _ in top),
        others=len(rest),
        other_share=sum(share for share, _ in rest),
    )


def _in_words(shares: Sequence[float]) -> str:
    """Whether few layers bring the noise or many, for shares in falling order."""
    if not shares:
        return "No layer brings noise to this output."
    half, most = _holding(shares, 0.5), _holding(shares, 0.9)
    return (
        f"Of {plural(len(shares), 'layer')} that bring noise, {half} "
        f"{'holds' if half == 1 else 'hold'} half of it and {most} "
        f"{'holds' if most == 1 else 'hold'} nine tenths; the worst alone holds "
        f"{percent(shares[0])}%."
    )


def _holding(shares: Sequence[float], wanted: float) -> int:
    held = 0.0
    for count, share in enumerate(shares, start=1):
        held += share
        if held >= wanted - 1e-9:
            return count
    return len(shares)
