"""Weights that were made smaller so that the sums of their products fit the accumulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context
from utils.findings import Finding, Severity
from utils.har.model import WEIGHT_TYPES
from utils.har.network import Network
from utils.wording import listed

LEAST_INFO = 0.1  # bits
LEAST_WARNING = 0.5  # bits; up to 0.8 is in public logs without known harm
SPARE_BITS = 16  # weights this wide lose half a bit without harm


def shrunk_weights(context: Context) -> Iterator[Finding]:
    """Yield one finding for each severity, the worst first."""
    model = context.model
    by_severity: dict[Severity, dict[str, float]] = {}
    for layer in model.network:
        delta = model.shift_delta(layer.name) if layer.type in WEIGHT_TYPES else None
        if delta is not None and delta > LEAST_INFO:
            mode = model.precision_mode(layer.name)
            spare = mode is not None and mode.weight_bits >= SPARE_BITS
            severe = delta > LEAST_WARNING and not spare
            severity = Severity.WARNING if severe else Severity.INFO
            severity = bounded(context, severity, [layer.name])
            by_severity.setdefault(severity, {})[layer.name] = delta
    for severity in sorted(by_severity, reverse=True):
        yield _weights_shrunk(model.network, severity, by_severity[severity])


def _weights_shrunk(network: Network, severity: Severity, deltas: Mapping[str, float]) -> Finding:
    worst_first = sorted(deltas, key=lambda name: -deltas[name])
    said = [f"{network[name].described()} by {deltas[name]:.2f} bits" for name in worst_first]
    worst = worst_first[0]
    is_info = severity is Severity.INFO
    return Finding(
        id="weights-shrunk",
        severity=severity,
        headline="Weights lost precision so that their sums fit the accumulator",
        evidence=listed(said, 3),
        why="What that costs is too little to need action."
        if is_info
        else "Products of one sign, or a large bias, make sums that outgrow the accumulator.",
        remedy=""
        if is_info
        else f"Give {listed(worst_first)} 16 bit, which has wider sums, and quantize again.",
        quotation=f"No shifts available for layer {worst}/conv_op, using max shift instead. "
        f"delta={deltas[worst]:.4f}",
        layers=tuple(deltas),
        measured=deltas,
    )
