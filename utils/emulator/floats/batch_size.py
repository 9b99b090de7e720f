"""How many samples run at once unless the user says otherwise; needs no TensorFlow."""

from __future__ import annotations

import math

from utils.har.network import Network

# Measured on ResNet-18, 8 samples (25 MiB in its largest tensor) are fastest: fewer pay for
# every operation's start, more fall out of the processor's caches. Half a dozen tensors of
# that size are alive at a time.
LARGEST_TENSOR_BYTES = 32 * 2**20
LARGEST_BATCH = 64


def default_batch_size(network: Network) -> int:
    """As many samples as fit into 32 MiB at the largest layer: a power of two, at most 64."""
    values = max((math.prod(s) for layer in network for s in layer.output_shapes), default=1)
    fitting = min(max(LARGEST_TENSOR_BYTES // (4 * values), 1), LARGEST_BATCH)
    return 1 << (fitting.bit_length() - 1)
