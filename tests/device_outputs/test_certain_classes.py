"""Frames that are equal say that a HEF is right, unless another network would give them as well."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from utils.device_outputs.expected import Expected
from utils.device_outputs.trials.pairs import Pair
from utils.device_outputs.unexplained import unexplained

FRAMES, CLASSES = 16, 6
TRUTH = np.arange(FRAMES) % CLASSES


def outputs(certainty: float) -> list[Any]:
    """A softmax whose first five results are those of the archive, and others another class."""
    codes = np.full((FRAMES, CLASSES), np.rint(255 * (1 - certainty) / (CLASSES - 1)), np.float32)
    codes[np.arange(FRAMES), TRUTH] = np.rint(255 * certainty)
    given = codes[np.r_[:5, 6:FRAMES, 5]]
    wanted, found = (
        np.float32(each / 255).reshape(FRAMES, 1, 1, CLASSES) for each in (codes, given)
    )
    expected = Expected(
        "net/output_layer1",
        (),
        (),
        wanted,
        np.full(CLASSES, 1 / 255),
        np.zeros(CLASSES),
        activation="softmax",
    )
    return [
        SimpleNamespace(
            found=SimpleNamespace(values=found, expected=expected, holds_codes=True),
            apart=SimpleNamespace(is_same=False),
            pair=Pair(expected, found),
            is_near=False,
            match=SimpleNamespace(layer=expected.layer),
        )
    ]


@pytest.mark.parametrize(("certainty", "is_told"), [(0.98, False), (0.5, True)])
def test_classes_that_are_certain_clear_no_hef(certainty: float, *, is_told: bool) -> None:
    words = [reason.word for reason in unexplained(outputs(certainty))]
    assert ("some-frames-equal" in words) is is_told
