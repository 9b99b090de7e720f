"""Values in another order than the input takes them, and whose fault that is."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.judgement.samples import pictures
from inspectors.calibration import CalibrationInspector
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from tests.inspectors.preparation.lines import Array, after, line_in
from utils.findings import Finding

RANDOM = np.random.default_rng(2)
# Of a red tint, and of tints that cancel each other.
TINTED = natural_images(96, 64, 64, seed=6)
BALANCED = np.concatenate([TINTED, TINTED[..., ::-1]])[::2]
MAPS = np.stack(
    [natural_images(64, 16, 16, seed=70 + i)[..., 0] * RANDOM.uniform(0.1, 3) for i in range(16)],
    axis=-1,
)


def reshaped(pictures: Array) -> Array:
    """As a script does that means to transpose."""
    return np.asarray(pictures.transpose(0, 3, 1, 2).reshape(pictures.shape))


def grey(pictures: Array) -> Array:
    """The same in all channels, as decoders store grey pictures in RGB."""
    return np.asarray(np.repeat(pictures[..., :1], 3, axis=-1))


def banded(pictures: Array) -> Array:
    """With horizontal bands, as spectra of tones have."""
    rows = np.arange(pictures.shape[1])[None, :, None, None]
    return np.asarray(grey(pictures) * 0.2 + 120 * (rows % 4 < 2))


def letterboxed(pictures: Array, value: float) -> Array:
    """With bars above and below, of a value in any unit."""
    found: Array = pictures.copy()
    found[:, :12], found[:, -12:] = value, value
    return found


def nv12(pictures: Array) -> Array:
    """Frames of brightness, then of interleaved colours, read as if they were RGB."""
    light = pictures.mean(axis=-1).astype(np.uint8)
    colours = 128 + (pictures - light[..., None])[:, ::2, ::2, :2] / 2
    flat = [each.reshape(len(pictures), -1) for each in (light, colours.astype(np.uint8))]
    return np.asarray(np.concatenate(flat, axis=1).reshape(-1, 32, 64, 3))


def channels_first(maps: Array) -> Array:
    return np.ascontiguousarray(maps.transpose(0, 3, 1, 2))


def found_in(given: Array, calibrated: Array | None) -> list[Finding]:
    stored = None if calibrated is None else {"input_layer1": statistics_of(calibrated)}
    context = sampled(given, model=input_model(given, stored=stored))
    found = [f for f in CalibrationInspector().inspect(context) if f.id == "calibration-scrambled"]
    if found:
        assert not list(DatasetIdentityInspector().inspect(context))  # one cause is told
    return found


@quiet("calibration-scrambled")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (TINTED[:32], TINTED[32:]),
        (BALANCED[:32], BALANCED[32:]),
        (TINTED[:32] / 255, TINTED[32:]),
        (TINTED[:32], BALANCED[32:]),
        (TINTED[:32], np.repeat(TINTED[32:, ..., 1:2], 3, axis=-1)),  # calibrated on grey
        (TINTED[:32], None),
        (banded(TINTED[:32]), banded(TINTED[32:])),
        (letterboxed(banded(TINTED[:32]), 0.0), None),
        (letterboxed(TINTED[:32] / 255, 114.0), None),  # padded in the wrong unit
        (letterboxed(TINTED[:32] / 255, 255.0), None),
        (letterboxed(grey(TINTED[:32]), 114.0), None),
        (nv12(TINTED[:32]), None),
        (MAPS[:32], MAPS[32:]),
        (MAPS[:32], RANDOM.random((32, 16, 16, 16))),
    ],
)
def test_quiet(given: Array, calibrated: Array | None) -> None:
    assert found_in(given, calibrated) == []


@loud("calibration-scrambled")
@pytest.mark.parametrize(
    ("given", "calibrated", "severity", "said"),
    [
        (reshaped(TINTED[:32]), TINTED[32:], "error", "keep the archive as it is"),
        (reshaped(TINTED[:32]), reshaped(TINTED[32:]), "error", "quantize again on them"),
        (reshaped(BALANCED[:32]), BALANCED[32:], "error", "again if the archive was"),
        (reshaped(TINTED[:32]), None, "error", "quantize again if the archive was"),
        (reshaped(grey(TINTED[:32])), None, "error", "quantize again if the archive was"),
        (reshaped(letterboxed(TINTED[:32], 114.0)), None, "error", "again if the archive was"),
        (reshaped(TINTED[:32, :48, :48]), None, "error", "quantize again if the archive was"),
        (channels_first(MAPS[:32]), MAPS[32:], "warning", "keep the archive as it is"),
        (channels_first(MAPS), channels_first(MAPS), "warning", "quantize again on them"),
    ],
)
def test_samples(given: Array, calibrated: Array | None, severity: str, said: str) -> None:
    (found,) = found_in(given, calibrated)
    assert found.severity.label == severity
    assert said in found.remedy
    assert bool(found.command) is ("on them" in said)


@quiet("calibration-scrambled")
@loud("calibration-scrambled")
@pytest.mark.parametrize("first", range(0, 96, 16))
def test_coloured_shapes_are_told_whichever_samples_are_given(first: int) -> None:
    """Their planes are less alike than those of photographs."""
    shapes = pictures(96, 32, 0, 4, 2).images[first : first + 16]
    assert found_in(shapes, None) == []
    assert len(found_in(reshaped(shapes), None)) == 1


@pytest.mark.parametrize(
    ("right", "given", "calibrated"),
    [
        (TINTED[:32], reshaped(TINTED[:32]), TINTED[32:]),
        (TINTED[:32] / 255, reshaped(TINTED[:32]), TINTED[32:] / 255),
        (MAPS[:32], channels_first(MAPS[:32]), MAPS[32:]),
    ],
)
def test_the_line_restores_the_samples(right: Array, given: Array, calibrated: Array) -> None:
    (found,) = found_in(given, calibrated)
    assert after(line_in(found.remedy), given) == pytest.approx(right)


@loud("calibration-scrambled")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [(TINTED[:32], reshaped(TINTED[32:])), (MAPS[:32], channels_first(MAPS[32:]))],
)
def test_archives_that_right_samples_give_away(given: Array, calibrated: Array) -> None:
    (found,) = found_in(given, calibrated)
    assert found.severity.label == "warning"
    assert "The archive" in found.headline
    assert found.command.startswith("hailo optimize")


def test_scrambled_pictures_of_other_scenes_are_moved_and_no_more() -> None:
    """Nothing but the order is known where nothing fits."""
    (found,) = found_in(reshaped(TINTED[:32]), RANDOM.normal(7, 3, (32, 64, 64, 3)))
    assert line_in(found.remedy) == "x = x.reshape(-1, 3, 64, 64).transpose(0, 2, 3, 1)"


def noisy(pictures: Array, spread: float) -> Array:
    """With the noise of a camera, so that neighbours are less alike in any order."""
    noise = np.random.default_rng(5).normal(0, spread, pictures.shape)
    return np.asarray(np.clip(pictures + noise, 0, 255))


@quiet("calibration-scrambled")
@loud("calibration-scrambled")
@pytest.mark.parametrize("spread", [5, 15, 20])
def test_noise_hides_no_order(spread: float) -> None:
    right = noisy(TINTED, spread)
    assert found_in(right, right) == []
    (finding,) = found_in(reshaped(right), reshaped(right))
    assert finding.id == "calibration-scrambled"


@quiet("calibration-scrambled")
@loud("calibration-scrambled")
@pytest.mark.parametrize("own", [0.3, 0.6])
def test_colours_that_hardly_show_one_scene_hide_no_order(own: float) -> None:
    """Of small pictures of coloured things the planes are least alike."""
    shown = natural_images(32, 64, 64, seed=99)[..., :1] * (1 - own)
    colours = [natural_images(32, 64, 64, seed=90 + channel)[..., :1] for channel in range(3)]
    right = np.asarray(shown + own * np.concatenate(colours, axis=-1))
    assert found_in(right, None) == []
    assert len(found_in(reshaped(right), None)) == 1
