"""Names of layers within a headline."""

from __future__ import annotations

from collections.abc import Collection

from utils.wording import listed

NAMED = 2  # layers; where there are more, the evidence has them


def named(layers: Collection[str], otherwise: str) -> str:
    """The layers, or other words where they are too many for a headline."""
    return listed([*layers]) if len(layers) <= NAMED else otherwise
