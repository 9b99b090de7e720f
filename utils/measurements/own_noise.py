"""What layers do by themselves: how clear their channels are, and what the outputs get of it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from utils.har.model import Model
from utils.har.weight_channels import COARSE_SHARE, Flags, channels_by_layer
from utils.measurements import Measurements
from utils.measurements.agreement.channels import channel_snr_db

# From here on a channel is heard clearly: its error is a tenth of what it varies by. Errors of many
# coarse weights average out, so few codes alone do not tell that.
CLEAR_DB = 20.0
# Of the noise of an output. Without what makes less, the output gains less than half a decibel.
NEGLIGIBLE_SHARE = 0.1
# Likewise. Where others make a quarter of it or more, an output that is lost may stay as lost.
MOST_SHARE = 0.75


def own_snr_db(measured: Measurements | None, layer: str) -> NDArray[np.float64] | None:
    """SNR about the mean of every channel of a layer by itself, in dB; None where it is not known.

    Where the layer was not run by itself, that of the whole network is no higher.
    """
    noise = measured.noise if measured else None
    if measured is None or noise is None or layer not in measured.layers:
        return None
    found = noise.sensitivity.local.get(layer) if noise.sensitivity else None
    if found is None and layer in noise.layers:
        found = noise.layers[layer].output
    return None if found is None else channel_snr_db(measured.layers[layer].output, found)


def median_snr_db(
    measured: Measurements | None, layer: str, channels: Flags | None = None
) -> float | None:
    """SNR about the mean that half of the channels of a layer have by themselves, in dB.

    Channels that are constant in float do not count; None where nothing is known.

    Parameters
    ----------
    channels : those that are asked for; all without.
    """
    ratios = own_snr_db(measured, layer)
    if ratios is None or (channels is not None and ratios.shape != channels.shape):
        return None
    asked = ratios if channels is None else ratios[channels]
    known = asked[~np.isnan(asked)]
    return float(np.median(known)) if known.size else None


def are_clear(measured: Measurements | None, layer: str, channels: Flags) -> bool:
    """Whether measuring shows that half of these channels, or more, are clear by themselves."""
    own = median_snr_db(measured, layer, channels)
    return own is not None and own >= CLEAR_DB


def hardly_count(measured: Measurements | None, layers: Collection[str]) -> bool:
    """Whether measuring shows that layers make next to nothing of the noise of any output."""
    sensitivity = measured.sensitivity if measured else None
    return sensitivity is not None and sensitivity.largest_share(layers) < NEGLIGIBLE_SHARE


def are_masked(measured: Measurements | None, layers: Collection[str]) -> bool:
    """Whether layers are loud by themselves, but others hide what less noise of theirs gains."""
    sensitivity = measured.sensitivity if measured else None
    if sensitivity is None or not sensitivity.largest_share(layers) < MOST_SHARE:
        return False
    alone = [snr for name in layers for snr in sensitivity.output_snr_db.get(name, {}).values()]
    return min(alone, default=CLEAR_DB) < CLEAR_DB


def unclear_coarse_layers(model: Model, measured: Measurements | None) -> tuple[str, ...]:
    """Layers with many channels of coarse weights that are not clear, in graph order.

    Weights of 4 bit are left out: what they lack first is 8 bit.
    """
    found = []
    for name, channels in model.known(channels_by_layer).items():
        coarse = channels.coarse()
        is_coarse = not channels.is_compressed and coarse.mean() > COARSE_SHARE
        if is_coarse and not are_clear(measured, name, coarse):
            found.append(name)
    return tuple(found)
