"""Values beyond a calibrated range are as bad as what the outputs behind them lose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspectors.clipping_inspector import ClippingInspector
from tests.fixtures.agreements import agreed
from tests.fixtures.builders import build_context, build_model
from tests.inspectors.test_clipping_inspector import expected, measured, network, summary


@pytest.mark.parametrize(
    ("wrong", "above", "severity"),
    [
        (0, 5_263, "info"),
        (0, 5_264, "warning"),
        (20, 5_263, "warning"),
        (20, 5_264, "warning"),
        (60, 5_263, "warning"),
        (60, 5_264, "error"),
    ],
)
def test_it_is_as_bad_as_what_the_outputs_lose(wrong: int, above: int, severity: str) -> None:
    beyond = {"net/conv1": measured(above=above)}
    measurements = replace(agreed(wrong), layers=beyond)
    (found,) = ClippingInspector().inspect(build_context(build_model(network()), measurements))
    assert summary([found]) == expected("values-beyond-range", severity, "conv1")


def test_of_an_output_of_unknown_kind_little_is_known() -> None:
    beyond = {"net/conv1": measured(above=5_263)}
    measurements = replace(agreed(0, "unknown"), layers=beyond)
    (found,) = ClippingInspector().inspect(build_context(build_model(network()), measurements))
    assert summary([found]) == expected("values-beyond-range", "warning", "conv1")
