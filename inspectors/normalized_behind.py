"""Layers whose values are normalized right behind them, as by conv, ReLU, batch normalization."""

from __future__ import annotations

import numpy as np

from inspectors.base_inspector import Context
from utils.har.network import PASS_THROUGH_TYPES, Layer, Network

HANDING_ON = PASS_THROUGH_TYPES - {"output_layer"}
NORMALIZING = frozenset({"batch_norm", "normalization"})


def normalizations_behind(network: Network, layer: Layer) -> list[Layer]:
    """What normalizes the values of a layer; [] where anything reads them as they are."""
    found: list[Layer] = []
    pending = [layer]
    while pending:
        for reader in network.successors(pending.pop()):
            if reader.type in NORMALIZING:
                found.append(reader)
            elif reader.type in HANDING_ON:
                pending.append(reader)
            else:
                return []
    return found


def are_narrow_behind(context: Context, layer: Layer, limits: tuple[float, float, float]) -> bool:
    """Whether the values of a layer are normalized right behind, and are narrow from there on.

    Before such a normalization they may have any width, as its constants are those of the training.
    If they are wide behind it, other values enter the network than in training.

    Parameters
    ----------
    limits : highest absolute mean and standard deviation of a channel that is narrow, and the share
        of channels that may be wider.
    """
    highest_mean, highest_std, tolerated = limits
    behind = normalizations_behind(context.model.network, layer)
    for each in behind:
        known = context.output_statistics(each.name)
        if known is None:
            return False
        mean, std = np.abs(known.values.mean), known.values.std
        if ((mean > highest_mean) | (std > highest_std)).mean() > tolerated:
            return False
    return bool(behind)
