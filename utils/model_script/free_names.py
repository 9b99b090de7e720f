"""Names for layers that a recommended line adds to the graph."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from utils.har.model import Model
from utils.model_script import ModelScript


def free_layer_names(model: Model, script: ModelScript | None, prefix: str) -> Iterator[str]:
    """``prefix1``, ``prefix2``, ... as far as neither the graph nor the script uses them."""
    used = {layer.base_name for graph in (model.network, model.float_network) for layer in graph}
    for written in script.statements if script else ():
        used |= {target.rpartition("/")[2] for target in written.targets}
    for number in count(1):
        if (name := f"{prefix}{number}") not in used:
            yield name
