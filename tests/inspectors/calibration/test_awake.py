"""Which of two suit a network, by the channels that fire on one of them only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration import unlike
from inspectors.calibration.awake import Suits, shown_by_channels
from inspectors.calibration.unlike import SAME_WAY
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.builders import build_context, build_measurements, build_statistics
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import CHANNELS, model_of, some
from utils.findings import Finding
from utils.measurements import LayerMeasurement

ROWS = np.random.default_rng(4).standard_normal((64, 1, 1, 40))


def shown(
    in_calibration: int, now: int, *, std: float = 1.0, **built: Any
) -> tuple[Suits, int] | None:
    """What is shown where so many of the first channels sleep, of 20."""
    model = model_of(high=some(in_calibration, 0.0, 1.0), **built)
    highest = some(now, -0.5, 1.0).tolist()
    sums = build_statistics(-2.0, highest, mean=0.0, std=std, channels=CHANNELS)
    seen = LayerMeasurement(build_statistics(channels=CHANNELS), preactivation=sums)
    context = build_context(model, build_measurements(conv1=seen))
    found = shown_by_channels(context, model.network["net/input_layer1"])
    return (found.suits, found.by.count) if found else None


@pytest.mark.parametrize(
    ("in_calibration", "now", "expected"),
    [
        (0, 0, None),
        (5, 5, None),  # training left them asleep
        (2, 0, None),  # a tenth
        (3, 0, (Suits.DATA, 3)),
        (9, 3, (Suits.DATA, 6)),
        (0, 2, None),
        (0, 3, (Suits.CALIBRATION, 3)),
        (3, 9, (Suits.CALIBRATION, 6)),
    ],
)
def test_channels_show_which_of_two_a_network_was_trained_on(
    in_calibration: int, now: int, expected: tuple[Suits, int] | None
) -> None:
    assert shown(in_calibration, now) == expected


def test_values_that_are_far_too_large_or_small_wake_channels_for_nothing() -> None:
    assert shown(9, 0, std=30.0) == (Suits.DATA, 9)
    assert shown(9, 0, std=31.0) is None
    assert shown(9, 0, std=0.04) is None


def test_only_what_rectifies_sleeps() -> None:
    assert shown(9, 0, activation="linear") is None


def test_without_measurements_nothing_is_shown() -> None:
    model = model_of(high=some(9, 0.0, 1.0))
    assert shown_by_channels(build_context(model), model.network["net/input_layer1"]) is None


def differing(monkeypatch: pytest.MonkeyPatch, given: NDArray[Any], suits: Suits | None) -> Finding:
    """What is said of other data where channels show so much."""
    model = model_of(high=some(9, 0.0, 1.0))
    sums = build_statistics(-2.0, 1.0, channels=CHANNELS)
    seen = LayerMeasurement(build_statistics(channels=CHANNELS), preactivation=sums)
    context = build_context(model, build_measurements(conv1=seen))
    found = shown_by_channels(context, model.network["net/input_layer1"])
    assert found is not None
    by = type(found)(suits, found.by) if suits else None
    monkeypatch.setattr(unlike, "shown_by_channels", lambda *_: by)
    stored = input_model(given, stored={"input_layer1": statistics_of(ROWS)})
    (finding,) = DatasetIdentityInspector().inspect(sampled(given, model=stored))
    return finding


@quiet("dataset-differs")
@loud("dataset-differs")
def test_the_step_is_taken_where_the_fault_is(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = ROWS * 37.7 + 11 * np.arange(40)  # no scale that is known
    unknown = differing(monkeypatch, wide, None)
    assert unknown.remedy.startswith("Prepare these data as the calibration data were prepared, or")
    archive = differing(monkeypatch, wide, Suits.DATA)
    assert (
        archive.headline
        == "The archive was calibrated on data that left much of the network inactive"
    )
    assert archive.remedy == "Quantize again on these data."
    assert archive.command.startswith("hailo optimize")
    assert "9 of 20 channels (45%) of net/conv1" in archive.evidence
    data = differing(monkeypatch, wide, Suits.CALIBRATION)
    assert (data.remedy, data.command) == (SAME_WAY, "")
    scaled = differing(monkeypatch, ROWS * 255, Suits.CALIBRATION)
    assert scaled.remedy.endswith("and keep the archive as it is.")
    own = sampled(ROWS, model=input_model(ROWS, stored={"input_layer1": statistics_of(ROWS)}))
    assert [*DatasetIdentityInspector().inspect(own)] == []
