"""What is found out once of an archive."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_model
from utils.har.model import Model


def test_a_fact_is_found_out_once_for_each_archive() -> None:
    asked: list[Model] = []

    def fact(model: Model) -> str:
        asked.append(model)
        return model.name

    first, second = build_model([]), build_model([])
    assert first.known(fact) == first.known(fact) == first.name
    assert asked == [first]
    second.known(fact)
    assert asked == [first, second]


def test_what_fails_is_tried_again() -> None:
    model = build_model([])

    def failing(_: Model) -> int:
        raise ValueError("not yet")

    for _ in range(2):
        with pytest.raises(ValueError, match="not yet"):
            model.known(failing)
