"""Whether the archive was calibrated on other samples than the few at hand."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.calibration.identity import differing, explained_otherwise
from utils.dataset.stored_inputs import stored_input_statistics
from utils.har.network import Layer
from utils.model_script.calibration_size import requested_calibration_size

MARGIN = 0.01  # of the stored span; rounding and averaging over batches move ends and means by less


def is_calibrated_on_others(context: Context) -> bool:
    """Whether calibration stored ends or means that these samples, all of the file, do not have.

    Data of another kind, or prepared otherwise, are told as such and prove nothing here. Nor does a
    file of which calibration took a part.
    """
    samples, given = context.samples, context.calibration
    if samples is None or given is None or samples.samples < given.samples:
        return False
    if requested_calibration_size(context.script) < given.samples:
        return False
    if context.known(explained_otherwise) or any(differing(context)):
        return False
    return any(_has_others(context, layer) for layer in context.model.network.input_layers)


def _has_others(context: Context, layer: Layer) -> bool:
    stored = stored_input_statistics(context.model, layer)
    digests = context.samples.inputs.get(layer.name) if context.samples else None
    if stored is None or digests is None:
        return False
    seen, margin = digests.statistics, MARGIN * (stored.maximum - stored.minimum)
    reached = (seen.minimum - stored.minimum > margin) | (stored.maximum - seen.maximum > margin)
    shifted = abs(seen.mean - stored.mean) > margin
    return bool(((margin > 0) & (reached | shifted)).any())
