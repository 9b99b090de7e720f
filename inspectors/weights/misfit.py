"""Integer weights that do not stand for the float weights of their layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from inspectors.agreement.judgement import bounded_where_known
from inspectors.base_inspector import Context
from inspectors.quantizing_again import quantize_again
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.quantization import input_encoding
from utils.har.weight_codes import array, integer_weights
from utils.measurements.own_noise import median_snr_db
from utils.quantizer.requantize import scale_grid
from utils.wording import listed

# Of these archives of the compiler were seen; how others lie in one is known by analogy.
TYPES = ("conv", "dense")
# Of the energy of the float weights, at weights whose code is another one than rounding makes.
MOST_MISSED = 0.05
ROUNDED = 1.5  # codes; learnt rounding goes to either side, and the factor between both is fitted
# Half of a layer's channels by themselves, in dB. No rounding to 8 bits leaves so little of weights
# that are wrong as well; decisions that are kept on a few samples do not make that harmless.
DROWNED_DB = 10.0
LEAST_FITTING = 0.5  # share of the layers; where fewer fit, their layout is another one


def other_integers(context: Context) -> Iterator[Finding]:
    """One finding for all layers whose integers are not their weights."""
    missed = context.model.known(missed_shares)
    wrong = {name: share for name, share in missed.items() if share > MOST_MISSED}
    if not wrong or len(wrong) > (1 - LEAST_FITTING) * len(missed):
        return
    layers = {layer.name: layer for layer in context.model.network}
    said = [f"{layers[name].described()} ({share:.0%})" for name, share in wrong.items()]
    yield Finding(
        id="integers-differ",
        severity=_severity(context, list(wrong)),
        headline="Integer weights are others than the float weights of their layer",
        evidence="the integers miss a part of the energy of the float weights, beyond what "
        f"rounding and clipping do, at {listed(said, 3)}",
        why="The archive was changed after it was quantized, or it is damaged: the chip computes "
        "with weights that nobody trained.",
        remedy="Quantize again from the parsed model, and compile the new archive as it is.",
        layers=tuple(wrong),
        measured={f"missed at {name}": share for name, share in wrong.items()},
        command=quantize_again(context),
        removes_cause=True,
    )


def _severity(context: Context, wrong: list[str]) -> Severity:
    """By what it costs the outputs, but no info where the layer is hardly itself any more."""
    severity = bounded_where_known(context, Severity.ERROR, wrong)
    own = (median_snr_db(context.measurements, name) for name in wrong)
    is_drowned = any(each is not None and each < DROWNED_DB for each in own)
    return max(severity, Severity.WARNING) if is_drowned else severity


def missed_shares(model: Model) -> dict[str, float]:
    """Share of the energy of the weights that the integers miss, by layer, in graph order.

    The weights are the optimizer's own, which hold what finetuning did and where channels were
    removed; layers without them, or laid out otherwise, are left out.
    """
    found = {}
    for layer in model.network:
        share = _missed(model, layer) if layer.type in TYPES else None
        if share is not None:
            found[layer.name] = share
    return found


def _missed(model: Model, layer: Layer) -> float | None:
    codes = integer_weights(model, layer)
    encodings = input_encoding(model.quantized.layer(layer.name)), model.encoding(layer.name)
    if codes is None or encodings[0] is None or encodings[1] is None:
        return None
    weights = array(model.optimized.layer(layer.name), "kernel")
    if weights is None or weights.shape != codes.shape:
        return None
    try:
        grid = scale_grid(layer.type, codes.shape, encodings[0].scales, encodings[1].scales)
        with np.errstate(all="ignore"):  # scales may be damaged; what is no number is not judged
            share = _share(weights * (grid.inputs / grid.outputs), codes)
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    return share if np.isfinite(share) else None


def _share(relative: NDArray[np.floating], codes: NDArray[np.floating]) -> float:
    """Of the energy of `relative`, what codes miss that rounding or clipping did not make.

    Where all that they miss is not too much, it is all of that: to sort it out takes longest.
    """
    wanted, held = relative.ravel(), codes.ravel().astype(relative.dtype)
    energy, along = float(wanted @ wanted), float(wanted @ held)
    if not energy:
        return 0.0
    if along <= 0:
        return 1.0
    step = along / float(held @ held)
    if (every := 1 - step * along / energy) <= MOST_MISSED:
        return every
    missed = wanted - step * held
    is_clipped = (np.abs(held) == np.abs(held).max()) & (missed * held > 0)
    missed[(np.abs(missed) <= ROUNDED * step) | is_clipped] = 0
    return float(missed @ missed) / energy
