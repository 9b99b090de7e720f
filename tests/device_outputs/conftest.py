"""Archives that the tests of this folder share; they are read only."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.device_outputs.networks import Chip, chip, sixteen_bit

HEADS = {"fork": ("conv4", "conv5"), "line": ("conv3",)}
CHANNELS = {"fork": 6, "line": 5}
Chips = Callable[..., Chip]


@pytest.fixture(scope="session")
def chips(tmp_path_factory: pytest.TempPathFactory) -> Chips:
    """Makes each archive once: by network, activation of its heads, and how these are coded."""

    @cache
    def made(name: str, head: str = "linear", coded: str = "") -> Chip:
        facts: dict[str, Any] = {}
        if coded == "16 bit":
            facts["precision_modes"] = sixteen_bit(HEADS[name])
        if coded == "scale per channel":
            vector = np.linspace(0.2, 1.0, CHANNELS[name])
            facts["equalization"] = {f"{name}/{layer}": vector for layer in HEADS[name]}
        return chip(name, tmp_path_factory.mktemp(name), head=head, **facts)

    return made
