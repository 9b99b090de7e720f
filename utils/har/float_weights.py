"""A fingerprint of a layer's float weights, to tell whether two archives hold the same ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from utils.har.model import Model
from utils.har.network import Layer

DIGEST_BYTES = 8  # compared layer by layer; nobody gains from a collision


@dataclass(frozen=True)
class FloatWeights:
    """The kernel of a layer before quantization, without its bias.

    Parameters
    ----------
    count : number of weights.
    digest : BLAKE2b of their bytes, as float32 in the order of the archive, hexadecimal.
    """

    count: int
    digest: str


def float_weights(model: Model, layer: Layer) -> FloatWeights | None:
    """Fingerprint of the kernel in the float network; None for a layer without any."""
    arrays = model.float_parameters.layer(layer.name)
    if "kernel" not in arrays:
        return None
    kernel = arrays["kernel"]
    if kernel.dtype.kind not in "fiub":
        return None
    data = np.ascontiguousarray(kernel, dtype=np.float32)
    # A reshaped kernel has the same bytes.
    digest = hashlib.blake2b(repr(data.shape).encode(), digest_size=DIGEST_BYTES)
    digest.update(data.tobytes())
    return FloatWeights(data.size, digest.hexdigest())
