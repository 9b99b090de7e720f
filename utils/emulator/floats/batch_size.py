"""How many samples run at once unless the user says otherwise; needs no TensorFlow."""

from __future__ import annotations

import math

from utils.har.network import Network

# Every layer costs Python a millisecond, however many samples there are; on the other hand some ten
# tensors of this size are alive at a time. Twice as much takes a tenth less time, and with YOLOv8n
# at 640 pixels 2.3 GB instead of 1.7; half as much takes a sixth more.
LARGEST_TENSOR_BYTES = 64 * 2**20
LARGEST_BATCH = 64


def default_batch_size(network: Network) -> int:
    """As many samples as fit into 64 MiB at the largest layer: a power of two, at most 64."""
    values = max((math.prod(s) for layer in network for s in layer.output_shapes), default=1)
    fitting = min(max(LARGEST_TENSOR_BYTES // (4 * values), 1), LARGEST_BATCH)
    return 1 << (fitting.bit_length() - 1)
