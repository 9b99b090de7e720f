"""The lines of the terminal about Hailo's SDK and the embedded engine side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator

from utils.findings import Severity
from utils.har.network import Network
from utils.measurements.backend_comparison import (
    CODES_TOLERANCE,
    FLOAT_TOLERANCE,
    BackendComparison,
    LayerAgreement,
    Part,
)
from utils.wording import plural

Line = tuple[Severity, str]
MAX_LAYERS = 10
SNR_TOLERANCE_DB = 0.1


def comparison_lines(comparison: BackendComparison, network: Network) -> Iterator[Line]:
    """Whether the two agree, and at which layers they part.

    Parameters
    ----------
    network : the float graph, which says what enters a layer.
    """
    yield from _float_lines(comparison, network)
    yield from _codes_lines(comparison, network)
    yield from _snr_lines(comparison)
    one_sided = [name for name, found in comparison.layers.items() if found == LayerAgreement()]
    if one_sided:
        yield Severity.INFO, f"SDK against embedded: {plural(len(one_sided), 'layer')} in one only"


def _float_lines(comparison: BackendComparison, network: Network) -> Iterator[Line]:
    largest = comparison.largest("float")
    if largest is None:
        yield Severity.WARNING, "SDK against embedded: no float layer could be compared"
        return
    name, difference = largest
    parting = comparison.parting(network, "float")
    if not parting:
        yield (
            Severity.INFO,
            f"SDK against embedded: float values agree at {_count(comparison, 'float')} over "
            f"{plural(comparison.samples, 'sample')}; the largest difference is {difference:.1e} "
            f"of the range, at {name}",
        )
    for layer in parting[:MAX_LAYERS]:
        found = comparison.layers[layer].float_difference or 0.0
        yield (
            Severity.WARNING,
            f"SDK against embedded: they part at {network.described(layer)}: float values differ "
            f"by {_share(found)} of the range ({FLOAT_TOLERANCE:.1%} is allowed), what enters "
            "agrees",
        )
    yield from _rest(len(parting))


def _codes_lines(comparison: BackendComparison, network: Network) -> Iterator[Line]:
    if not comparison.compared("codes"):
        return
    parting = comparison.parting(network, "codes")
    if not parting:
        yield (
            Severity.INFO,
            f"SDK against embedded: integers agree at {_count(comparison, 'codes')} when they are "
            "given the same operands",
        )
    for layer in parting[:MAX_LAYERS]:
        found = comparison.layers[layer].codes_differing or 0.0
        yield (
            Severity.WARNING,
            f"SDK against embedded: integers part at {network.described(layer)}: {found:.1%} of "
            f"its codes differ on the same operands ({CODES_TOLERANCE:.0%} is allowed)",
        )
    yield from _rest(len(parting))


def _snr_lines(comparison: BackendComparison) -> Iterator[Line]:
    differences = {
        name: found.snr_difference_db
        for name, found in comparison.layers.items()
        if found.snr_difference_db is not None
    }
    if not differences:
        return
    name = max(differences, key=lambda layer: abs(differences[layer] or 0.0))
    found, apart = comparison.layers[name], abs(differences[name] or 0.0)
    if apart <= SNR_TOLERANCE_DB:
        where = f"all {plural(len(differences), 'layer')} within {SNR_TOLERANCE_DB:g} dB"
        yield Severity.INFO, f"SDK against embedded: the SNR agrees at {where}"
        return
    yield (
        Severity.WARNING,
        f"SDK against embedded: the SNR differs by at most {apart:.2f} dB at "
        f"{plural(len(differences), 'layer')}: {name} has {found.sdk_snr_db:.2f} dB by the SDK "
        f"and {found.embedded_snr_db:.2f} dB by the embedded engine",
    )


def _rest(parting: int) -> Iterator[Line]:
    if parting > MAX_LAYERS:
        rest = plural(parting - MAX_LAYERS, "more layer")
        yield Severity.WARNING, f"SDK against embedded: {rest} (all are in the --json report)"


def _count(comparison: BackendComparison, part: Part) -> str:
    return f"all {plural(comparison.compared(part), 'layer')}"


def _share(difference: float) -> str:
    return "more than the whole" if math.isinf(difference) else f"{difference:.1%}"
