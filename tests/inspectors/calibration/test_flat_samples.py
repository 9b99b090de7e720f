from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context
from inspectors.calibration import CalibrationInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

Array = NDArray[Any]
PIXELS = natural_images(40)
DIVIDED = (PIXELS / 255).astype(np.float32)


SAMPLE, INPUT = "calibration-constant-sample", "calibration-constant-input"


def found(context: Context) -> list[Finding]:
    every = CalibrationInspector().inspect(context)
    return [f for f in every if f.id in (SAMPLE, INPUT)]


def severities(*arrays: Array) -> list[tuple[str, str, str]]:
    return [(f.id, f.severity.label, f.layers[0]) for f in found(sampled(*arrays))]


def with_frames(pictures: Array, frame: Any, *indices: int) -> Array:
    changed: Array = pictures.copy()
    changed[list(indices)] = frame
    return changed


def faint(step: float) -> Array:
    """A frame of noise whose standard deviation is so many steps of 1 / 255 of the range."""
    spans = (PIXELS.max(axis=(1, 2, 3)) - PIXELS.min(axis=(1, 2, 3))).astype(float)
    noise = np.random.default_rng(1).standard_normal((64, 64, 3))
    return np.asarray(100 + noise * step * np.quantile(spans, 0.9) / 255, dtype=np.float32)


def sparse_maps() -> Array:
    """Maps with 20 points each, three of them with none."""
    random = np.random.default_rng(2)
    maps = np.zeros((40, 64, 64, 3), np.float32)
    for index in range(37):
        maps[index].reshape(-1)[random.integers(0, 64 * 64 * 3, 20)] = random.random(20)
    return maps


@quiet("calibration-constant-sample", "calibration-constant-input")
@pytest.mark.parametrize(
    "array",
    [
        PIXELS,
        DIVIDED,
        DIVIDED * 4 - 2,
        np.maximum(PIXELS // 20, 1),  # of low contrast as a whole
        with_frames(PIXELS.astype(np.float32), faint(1.05), 3),
        with_frames(PIXELS.astype(np.float32), PIXELS[0] * 1e4, 3),  # one that reaches far out
        sparse_maps()[:37],
        np.arange(40.0).reshape(40, 1, 1, 1),  # one value in each sample
        np.random.default_rng(3).random((40, 1, 1, 80)),
        np.ones((1, 1, 1, 1)),
    ],
)
def test_quiet(array: Array) -> None:
    assert severities(array) == []


@loud("calibration-constant-sample")
@pytest.mark.parametrize(
    ("array", "indices"),
    [
        (with_frames(PIXELS, 114, 4, 5, 39), "3 of 40 samples (index 4, 5 and 39)"),
        (with_frames(DIVIDED, (0.0, 0.2, 0.9), 0, 1, 2), "3 of 40 samples (index 0, 1 and 2)"),
        (
            with_frames(PIXELS.astype(np.float32), faint(0.95), 3, 5, 7),
            "3 of 40 samples (index 3, 5 and 7)",
        ),
        (
            with_frames(with_frames(PIXELS.astype(np.float32), faint(0.95), 3), 9, 5, 6),
            "3 of 40 samples (index 3, 5 and 6)",
        ),
        (with_frames(PIXELS, 0, *range(5, 40)), "35 of 40 samples (index 5, 6, 7, 8, 9, 10, 11, "),
        (np.ones((40, 64, 64, 3)) * np.arange(40)[:, None, None, None], "40 of 40 samples"),
    ],
)
def test_blank_pictures_are_errors(array: Array, indices: str) -> None:
    (finding,) = found(sampled(array))
    assert finding.severity.label == "error"
    assert finding.headline == "The calibration set holds blank pictures"
    assert finding.evidence.startswith(indices)


@loud("calibration-constant-sample")
@pytest.mark.parametrize(
    ("array", "headline"),
    [
        (with_frames(PIXELS.astype(np.float32), faint(0.95), 3), "Some pictures are nearly blank"),
        (with_frames(PIXELS, 0, 4), "Some pictures are blank"),
        (with_frames(PIXELS, 114, 4, 39), "Some pictures are blank"),
        (with_frames(DIVIDED, (0.0, 0.2, 0.9), 0), "Some pictures are blank"),
        (
            with_frames(with_frames(PIXELS.astype(np.float32), faint(0.95), 3), 9, 5),
            "Some pictures are blank",
        ),
    ],
)
def test_a_few_blank_pictures_are_no_error(array: Array, headline: str) -> None:
    (finding,) = found(sampled(array))
    assert finding.severity.label == "warning"
    assert finding.headline == headline


@pytest.mark.parametrize(
    "array",
    [
        sparse_maps(),
        with_frames(np.random.default_rng(3).random((40, 1, 1, 80)), 0, 5),
        with_frames(np.random.default_rng(3).random((40, 1, 60, 8)), 0.5, 5),
    ],
)
def test_samples_of_other_data_may_be_empty(array: Array) -> None:
    assert severities(array) == [(SAMPLE, "info", "net/input_layer1")]


def cast_maps(blank: int) -> Array:
    """Sets of 40 maps of zeros with a few points of 255, of which so many have none."""
    random = np.random.default_rng(4)
    maps = np.zeros((40, 64, 64, 3), np.uint8)
    for index in range(40 - blank):
        maps[index].reshape(-1)[random.integers(0, 64 * 64 * 3, 20)] = 255
    return maps


@quiet("calibration-constant-sample")
@loud("calibration-constant-sample")
@pytest.mark.parametrize(("blank", "severity"), [(9, "info"), (10, "warning")])
def test_many_empty_maps_are_told(blank: int, severity: str) -> None:
    (finding,) = found(sampled(cast_maps(blank)))
    assert finding.severity.label == severity
    assert ("cast to integers" in finding.why) == (severity == "warning")


@loud("calibration-constant-input")
@pytest.mark.parametrize(
    ("array", "severity"),
    [
        (np.full((40, 1, 1, 77), 1.0), "info"),  # a mask that hides nothing
        (np.full((40, 1, 1, 1), 0.5), "info"),
        (np.full((40, 1, 1, 64), 0.0), "error"),
        (np.full((40, 64, 64, 3), 0, np.uint8), "error"),
        (np.full((40, 64, 64, 3), 7, np.uint8), "error"),
    ],
)
def test_an_input_that_never_changes(array: Array, severity: str) -> None:
    assert severities(array) == [(INPUT, severity, "net/input_layer1")]


def test_blank_pictures_call_for_real_ones_and_never_for_a_line_of_the_script() -> None:
    (pictures,) = found(sampled(np.zeros((10, 64, 64, 3), np.float32)))
    assert pictures.remedy.startswith("Give this input real pictures")
    assert pictures.commands == ()


def test_inputs_are_judged_apart() -> None:
    state = np.zeros((40, 1, 1, 16))
    assert severities(PIXELS, state) == [(INPUT, "error", "net/input_layer2")]
    assert severities(with_frames(PIXELS, 0, 3), state + 1) == [
        (SAMPLE, "warning", "net/input_layer1"),
        (INPUT, "info", "net/input_layer2"),
    ]


def test_values_that_were_cast_are_suspected_where_nothing_is_left() -> None:
    cast, state = found(sampled(np.zeros((9, 1, 1, 4), np.int64), np.zeros((9, 1, 1, 4))))
    assert "cast to integers" in cast.evidence
    assert "cast to integers" not in state.evidence


@pytest.mark.parametrize("accepted", [True, False])
def test_a_state_that_starts_at_zero_is_kept_on_request(accepted: bool) -> None:
    class Somebody(Prompter):
        def confirm(self, question: str, default: bool) -> bool:
            assert "on purpose" in question
            assert not default
            return accepted

    state = np.zeros((9, 1, 1, 4), np.float32)
    findings = found(sampled(state))
    network = input_model(state).network
    text = recommended_script(findings, None, network, Somebody(interactive=True)).text
    commands = [s.text for s in parse_model_script(text).statements]
    line = "pre_quantization_optimization(dead_layers_removal, policy=disabled)"
    assert commands == ([line] if accepted else [])
