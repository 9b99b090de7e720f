"""The data of inputs as a message calls them: which arrays they are, where there are several."""

from __future__ import annotations

from collections.abc import Sequence

from inspectors.base_inspector import Context
from utils.wording import listed


def data_of(context: Context, names: Sequence[str]) -> str:
    """``the data``, or ``the array of input_layer2`` where the network has several inputs.

    Parameters
    ----------
    names : scoped names of the inputs that are meant.
    """
    if len(context.model.network.input_layers) < 2:
        return "the data"
    return f"the array{'s' if len(names) > 1 else ''} of {listed(names)}"
