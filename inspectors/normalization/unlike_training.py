"""What shows that a network was trained on smaller values than those that enter it."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.firing_channels import mostly_asleep
from inspectors.normalization.judged_input import FirstAnswer
from inspectors.normalized_behind import normalizations_behind
from utils.har.network import Layer

NARROWED = "batch normalization leaves them at about 1 in training"


def unlike_training(
    context: Context, entry: Layer, first: FirstAnswer, highest_std: float
) -> tuple[str, ...]:
    """Clauses that say so; () where nothing shows it.

    Parameters
    ----------
    entry : an input layer, the values of which are large.
    first : the layer with weights behind it that answers most.
    highest_std : of what leaves a first layer in any network.
    """
    asleep = mostly_asleep(context, entry)
    clauses = [f"{asleep.described()} never fire"] if asleep else []
    if first.layer is not None and first.std > highest_std:
        is_folded = first.layer.params.get("batch_norm") is True
        if is_folded or _is_wide_behind(context, first.layer, highest_std):
            clauses.append(NARROWED)
    return tuple(clauses)


def _is_wide_behind(context: Context, layer: Layer, highest_std: float) -> bool:
    behind = normalizations_behind(context.model.network, layer)
    known = (context.output_statistics(each.name) for each in behind)
    return any(found is not None and found.values.pooled_std > highest_std for found in known)
