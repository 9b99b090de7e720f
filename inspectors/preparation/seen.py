"""What was seen of the samples of one input."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.dataset.sample_digests import InputDigests
from utils.har.network import Layer


def seen_at(context: Context, layer: Layer) -> InputDigests | None:
    """What the samples of an input are like; None where it has none."""
    return context.samples.inputs.get(layer.name) if context.samples else None
