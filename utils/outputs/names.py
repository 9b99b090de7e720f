"""What the names of an output say of it: those that people gave to nodes of the original model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from utils.har.network import Layer, Network
from utils.measurements.output_kind import OutputKind

# Words of a name, each by itself: what they settle, and for which outputs.
VECTOR_WORDS: dict[OutputKind, frozenset[str]] = {
    "embedding": frozenset("embedding embeddings descriptor descriptors reid".split()),
    "regression": frozenset("regression regressor keypoints landmarks".split()),
    "classes": frozenset("logits classifier softmax".split()),
}
MAP_WORDS: dict[OutputKind, frozenset[str]] = {
    "segmentation": frozenset("segmentation semantic".split()),
    "regression": frozenset("disparity disp depth".split()),
    "heatmap": frozenset("heatmap heatmaps".split()),
}
# Names of operations that hold such a word by chance.
OPERATIONS = ("depth_to_space", "depthtospace", "space_to_depth", "spacetodepth", "depthwise")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def kind_by_name(
    network: Network, output: Layer, producers: Iterable[Layer]
) -> tuple[OutputKind, str] | None:
    """The kind that a name settles, and that name; None where no name does, or two disagree.

    Parameters
    ----------
    producers : layers that compute the values.
    """
    is_vector = output.output_shape[:2] == (1, 1)
    words = VECTOR_WORDS if is_vector else MAP_WORDS
    found: dict[OutputKind, str] = {}
    for name in _names(output, producers):
        own = _words(name)
        for kind, telling in words.items():
            if own & telling:
                found.setdefault(kind, name)
    if len(found) != 1:
        return None
    (kind, name), channels = next(iter(found.items())), output.output_shape[2]
    if kind == "classes" and channels == 1:
        kind = "scores"  # of one class there is nothing to choose
    return None if kind == "segmentation" and channels == 1 else (kind, name)


def _names(output: Layer, producers: Iterable[Layer]) -> Iterator[str]:
    for layer in (output, *producers):
        yield from layer.original_names
        yield layer.base_name


def _words(name: str) -> set[str]:
    for operation in OPERATIONS:
        name = re.sub(operation, "", name, flags=re.IGNORECASE)
    return {word.lower() for word in _WORD.findall(name)}
