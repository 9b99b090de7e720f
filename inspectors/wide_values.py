"""What wide values before activations mean, and what to do about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from inspectors.agreement.judgement import bounded, is_all_kept, is_nothing_lost
from inspectors.base_inspector import Context
from inspectors.logit_layers import sources
from inspectors.normalization.on_chip import normalization_steps
from inspectors.squeeze_excite.pools import excite_layers
from inspectors.unactivated import enters_no_activation
from utils.findings import Severity
from utils.har.network import Layer, Network
from utils.measurements.own_noise import are_clear, hardly_count

BOUND = (
    "Bound these values in training, by batch normalization or a ReLU6, or give the layers 16 bit."
)
MORE = "Give the layers that make most of the noise 16 bit, if decisions are lost."
EXPORTED = (
    "compare the archive with the original model by --reference: an activation such as ReLU6 may "
    "have got lost in the export"
)
SCALED = "Check that the inputs are scaled as they were in training"


# Of the layers judged. In trained detectors and readers with plain ReLUs 3 % to 32 % were wide.
FEW_SHARE = 1 / 3
# What lets large values through as they are, and is no ReLU6 that lost its bound.
SMOOTH = frozenset("silu hardswish mish gelu elu softplus".split())


@dataclass(frozen=True)
class JudgedLayer:
    """How wide the pre-activations of one layer are.

    Parameters
    ----------
    channels : number of channels judged.
    share : share of them that are abnormal.
    mean, std : largest absolute mean and standard deviation of these.
    source : where the statistics come from.
    """

    layer: Layer
    channels: int
    share: float
    mean: float
    std: float
    source: str


def is_first(network: Network, layer: Layer) -> bool:
    """Whether a layer takes an input, or what normalizes one."""
    return any(
        source.type in ("input_layer", "normalization", "batch_norm")
        for source in sources(network, layer)
    )


def shows_other_inputs(network: Network, wide: Iterable[Layer]) -> bool:
    """Whether a first layer is wide: behind batch normalization only its inputs make it so."""
    return any(is_first(network, each) and each.params.get("batch_norm") is True for each in wide)


def is_smooth(network: Network, wide: Iterable[Layer]) -> bool:
    """Whether no ReLU6 can have got lost behind wide layers, as their activations are smooth.

    Squeeze-and-excite blocks have a ReLU between SiLUs and hard swishes, which was never a ReLU6.
    """
    squeezed = excite_layers(network)
    bending = [
        layer
        for layer in wide
        if layer.name not in squeezed and not enters_no_activation(network, layer)
    ]
    return bool(bending) and all(layer.activation in SMOOTH for layer in bending)


def costs_nothing(context: Context, layers: Collection[str]) -> bool:
    """Whether layers may be wide by training, and no decision behind them is known to be lost.

    The first layers of trained detectors with SiLU or hard swish have standard deviations up to
    10, and up to half of the others are wide. Batch normalization promises otherwise.
    """
    network = context.model.network
    wide = [network[name] for name in layers]
    is_promised = any(layer.params.get("batch_norm") is True for layer in wide)
    is_kept = bounded(context, Severity.WARNING, layers) is Severity.INFO
    return is_kept and not is_promised and is_smooth(network, wide)


def is_some_of_many(context: Context, wide: Sequence[JudgedLayer], judged: int) -> bool:
    """Whether few layers are wide, nothing promises otherwise, and no output shows a loss.

    A lost ReLU6, or inputs of another scale, widen most layers.

    Parameters
    ----------
    judged : number of layers that were judged, wide or not.
    """
    is_promised = any(each.layer.params.get("batch_norm") is True for each in wide)
    is_few = len(wide) <= FEW_SHARE * judged
    return is_few and not is_promised and is_nothing_lost(context, [x.layer.name for x in wide])


def why(context: Context, layers: Collection[str], *, are_inputs_trained: bool) -> str:
    """What wide values do, and where they come from unless the inputs are as in training."""
    if are_inputs_trained and is_nothing_lost(context, layers):
        return "Quantization costs the outputs little here, but few networks are trained so wide."
    reason = " Inputs of another scale than in training are the usual reason."
    return f"Wide values leave few codes for most of them.{'' if are_inputs_trained else reason}"


def remedy(
    context: Context,
    layers: Collection[str],
    *,
    are_inputs_trained: bool,
    is_from_inputs: bool,
    is_normalized: bool,
) -> str:
    """What to do about wide values, or what would show whether to do anything.

    Parameters
    ----------
    layers : the wide ones.
    are_inputs_trained : whether inputs are as narrow as normalized ones.
    is_from_inputs : whether first layers are wide in spite of that and of their own batch
        normalization, and most others with them.
    is_normalized : whether some layer says that batch normalization was folded into it.
    """
    if are_inputs_trained and context.measurements is None and not context.data_failed:
        return "Run with the calibration set (-d), which shows whether the outputs lose by it."
    network = context.model.network
    is_unbounded = is_smooth(network, [network[name] for name in layers])
    is_float = context.stages is None and not is_unbounded and is_nothing_lost(context, layers)
    if are_inputs_trained and is_from_inputs:
        then = EXPORTED if is_float else "give the layers 16 bit"
        return f"{_compare(context)}, and if they agree, {then}."
    if are_inputs_trained:
        return (
            f"{EXPORTED[0].upper()}{EXPORTED[1:]}." if is_float else MORE if is_unbounded else BOUND
        )
    if is_normalized:
        return f"{SCALED}."
    return f"{SCALED}, then that the network was trained with batch normalization."


def _compare(context: Context) -> str:
    layers = context.model.network.input_layers
    if any(normalization_steps(context.model, context.script, layer) for layer in layers):
        return "Compare the constants of the normalization with those of the training"
    return "Compare how the inputs are normalized with how they were in training"


def cost_little(context: Context, wide: Sequence[JudgedLayer]) -> bool:
    """Whether nothing is lost behind wide layers, or they have codes enough, or little noise."""
    measured, names = context.measurements, [each.layer.name for each in wide]
    are_all_clear = all(
        are_clear(measured, each.layer.name, np.ones(each.channels, np.bool_)) for each in wide
    )
    return is_all_kept(context, names) or are_all_clear or hardly_count(measured, names)
