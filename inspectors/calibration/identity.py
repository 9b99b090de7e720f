"""Which of the data are said to be of another kind, and which another finding explains."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import Context
from inspectors.calibration.masks_among_pictures import inputs_with_masks
from inspectors.calibration.mixed_scales import mixed_inputs
from inspectors.calibration.swapped_inputs import swapped_pairs
from inspectors.normalization.missing import inputs_without_normalization
from inspectors.normalization.twice import inputs_normalized_twice
from inspectors.preparation.casts import flags_severity
from inspectors.preparation.channels import Fault
from inspectors.preparation.judged import Prepared, prepared_inputs
from inspectors.preparation.noise import is_noise
from utils.findings import Severity


def explained_otherwise(context: Context) -> dict[str, str]:
    """Inputs of which another finding says what is wrong with their data, with its id."""
    found = {
        name: "calibration-scrambled"
        for name, each in context.known(prepared_inputs).items()
        if each.is_scrambled
    }
    swapped = [layer.name for pair in swapped_pairs(context) for layer in pair]
    found |= dict.fromkeys(swapped, "calibration-input-names")
    found |= dict.fromkeys(context.known(mixed_inputs), "calibration-mixed-scales")
    found |= dict.fromkeys(context.known(inputs_with_masks), "calibration-masks")
    noisy = [x.name for x in context.model.network.input_layers if is_noise(context, x)]
    found |= dict.fromkeys(noisy, "calibration-noise")
    found |= dict.fromkeys(inputs_without_normalization(context), "normalization-missing")
    for layer in context.model.network.input_layers:
        if flags_severity(context, layer) is Severity.ERROR:
            found[layer.name] = "calibration-dtype"
    return found | dict.fromkeys(inputs_normalized_twice(context), "data-normalized-twice")


def differing(context: Context) -> Iterator[Prepared]:
    """Inputs whose data are of another kind than those of calibration, where nothing else tells."""
    explained = context.known(explained_otherwise)
    for name, each in context.known(prepared_inputs).items():
        if name not in explained and each.difference is not None:
            yield each


def is_error(found: Prepared) -> bool:
    """Whether data are certainly not those that the archive needs."""
    if found.recipe is not None:
        return not found.recipe.is_reversal
    if found.difference is None:
        return False
    fault = found.difference.fault
    if fault is not None:
        return fault.fault not in (Fault.COLOUR, Fault.GREY)
    return found.difference.severity is Severity.ERROR
