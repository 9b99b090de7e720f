"""What the chip was given instead of the samples, in two networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from benchmarks.float_graph import FloatGraph
from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import (
    MEAN,
    SCALED,
    STD,
    Arrays,
    Chip,
    chip,
    loaded,
    pictures,
    words,
)
from tests.fixtures.natural_images import natural_images
from utils.backends.embedded import measure_model
from utils.device_outputs.trials.input_axes import input_axes
from utils.device_outputs.trials.input_units import input_units
from utils.measurements import Need
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer import build_quantized_har


def first_bytes(wide: NDArray[Any]) -> NDArray[Any]:
    """As many bytes of every frame as it has values."""
    rows = np.ascontiguousarray(wide).reshape(len(wide), -1).view(np.uint8)
    return rows[:, : int(np.prod(wide.shape[1:]))].reshape(wide.shape)


def with_gaps(pixels: NDArray[Any]) -> NDArray[Any]:
    """Rows padded to the next 64 pixels."""
    gap = -pixels.shape[2] % 64
    padded = np.pad(pixels, ((0, 0), (0, 0), (0, gap), (0, 0))).reshape(len(pixels), -1)
    return padded[:, : int(np.prod(pixels.shape[1:]))].reshape(pixels.shape)


def with_alpha(pixels: NDArray[Any]) -> NDArray[Any]:
    """Four channels, of which the last is 255."""
    four = np.pad(pixels, ((0, 0),) * 3 + ((0, 1),), constant_values=255)
    return four.reshape(len(pixels), -1)[:, : int(np.prod(pixels.shape[1:]))].reshape(pixels.shape)


NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)
BILINEAR = 2
LUMA = (0.299, 0.587, 0.114)


def given(chip: Chip, change: object) -> Arrays:
    """What the chip gives for samples that were changed."""
    assert callable(change)
    changed = {name: change(v.astype(np.float64)) for name, v in chip.samples.items()}
    return chip.values(changed)


@NETWORKS
@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("input-scale", lambda pixels: pixels / 255),
        ("input-cast", lambda pixels: np.trunc(pixels / 255)),
        ("input-cast", lambda pixels: np.trunc((pixels - MEAN) / STD) % 256),
        ("input-normalized-twice", lambda pixels: (pixels - MEAN) / STD),
        ("input-channels", lambda pixels: pixels[..., ::-1]),
        ("input-layout", lambda pixels: pixels.transpose(0, 3, 1, 2).reshape(pixels.shape)),
        ("input-layout", lambda pixels: pixels.transpose(0, 2, 1, 3).reshape(pixels.shape)),
        ("input-turned", lambda pixels: pixels[:, :, ::-1]),
        ("input-turned", lambda pixels: pixels[:, ::-1, ::-1]),
        ("input-range", lambda pixels: np.rint(16 + pixels * 219 / 255)),
        ("input-range", lambda pixels: np.rint(np.clip((pixels - 16) * 255 / 219, 0, 255))),
        ("input-grey", lambda pixels: np.rint(pixels @ LUMA)[..., None].repeat(3, axis=3)),
        ("input-black", lambda pixels: 0 * pixels),
        ("input-signed", lambda pixels: (pixels - 128) % 256),
        ("input-signed", lambda pixels: pixels - 128),
        ("input-wide", lambda pixels: first_bytes(pixels.astype("<f4"))),
        ("input-wide", lambda pixels: first_bytes((pixels / 255).astype("<f4"))),
        ("input-wide", lambda pixels: first_bytes(pixels.astype("<f8"))),
        ("input-stride", lambda pixels: with_gaps(pixels)),
        ("input-alpha", lambda pixels: with_alpha(pixels)),
        ("input-alpha", lambda pixels: with_alpha(pixels[..., ::-1])),
    ],
)
def test_what_was_sent_is_found_by_sending_it_again(
    chips: Chips, tmp_path: Path, network: str, word: str, change: object
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, given(chip, change))
    assert not step.is_equal and words(step) == [word]
    assert step.reasons[0].layers == () and step.reasons[0].after_db == np.inf


NEXT_TO_BLACK = ("input-black", "input-normalized-twice", "input-scale", "input-cast")


@NETWORKS
@pytest.mark.parametrize(("codes", "found"), [(1.0, True), (6.0, False)])
def test_results_that_differ_between_frames_are_not_those_of_zeros(
    chips: Chips, tmp_path: Path, network: str, codes: float, *, found: bool
) -> None:
    """So many codes from frame to frame are little beside what zeros in place of samples do."""
    made = chips(network)
    outputs = given(made, lambda pixels: 0 * pixels)
    for name, values in outputs.items():
        encoding = made.model.encoding(name)
        assert encoding
        signs = np.resize([-1.0, 1.0], len(values)).reshape(-1, 1, 1, 1)
        outputs[name] = values + signs * codes * encoding.scales
    assert any(word in NEXT_TO_BLACK for word in words(made.said(tmp_path, outputs))) is found


@NETWORKS
def test_pixels_where_values_up_to_1_are_meant_are_another_scale(
    tmp_path: Path, network: str
) -> None:
    """The first layer was calibrated on 0..1, and codes beyond that are clipped."""
    shape = {"fork": (24, 24), "line": (20, 36)}[network]
    samples = natural_images(12, *shape, seed=4).astype(np.float32) / 400
    made = chip(network, tmp_path, samples=samples, constants=SCALED)
    assert made.said(tmp_path, made.values()).is_equal
    step = made.said(tmp_path, given(made, lambda values: values * 255))
    assert words(step) == ["input-scale"] and "multiplied by 255" in step.reasons[0].evidence


@pytest.mark.parametrize("factor", [9.80665, 1 / 57.2958, 1000.0])
def test_values_of_sensors_in_another_unit(tmp_path: Path, factor: float) -> None:
    samples = natural_images(12, 20, 36, seed=4).astype(np.float32) / 64 - 2
    made = chip("line", tmp_path, samples=samples, constants=SCALED)
    assert made.said(tmp_path, made.values()).is_equal
    step = made.said(tmp_path, given(made, lambda values: values * factor))
    assert words(step) == ["input-units"]


def test_the_axes_of_one_sensor_are_tried_by_themselves() -> None:
    samples = {"input_layer1": np.linspace(-3, 3, 60, dtype=np.float32).reshape(2, 1, 5, 6)}
    tried = [each for each in input_units(samples, {}) if "channels 3 to 5" in each.evidence]
    assert len(tried) == 8
    (turns,) = (each for each in tried if each.evidence.endswith("multiplied by 57.3"))
    values = turns.samples["input_layer1"]
    np.testing.assert_array_equal(values[..., :3], samples["input_layer1"][..., :3])
    np.testing.assert_allclose(values[..., 3:], samples["input_layer1"][..., 3:] * 57.2958)
    pixels = {"input_layer1": np.arange(60, dtype=np.float32).reshape(2, 1, 5, 6)}
    assert list(input_units(pixels, {})) == []


def test_axes_of_sensors_in_another_order_or_direction() -> None:
    samples = {"input_layer1": np.linspace(-3, 3, 60, dtype=np.float32).reshape(2, 1, 5, 6)}
    tried = {each.evidence: each.samples["input_layer1"] for each in input_axes(samples, {})}
    assert len(tried) == 6 * 8 - 1
    x, y, z, *turns = np.moveaxis(samples["input_layer1"], 3, 0)
    found = np.moveaxis(tried["y, -x, z of the samples for x, y, z"], 3, 0)
    np.testing.assert_allclose(found, [y, -x, z, turns[1], -turns[0], turns[2]])
    picture = {"input_layer1": np.linspace(-3, 3, 60, dtype=np.float32).reshape(1, 5, 4, 3)}
    assert list(input_axes(picture, {})) == []


def resized(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(PIL.Image.fromarray(image).resize((width, height), BILINEAR))


def stretched_and_boxed(
    frames: NDArray[np.uint8], height: int, width: int, inner: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Frames that fill the input, and frames between grey bars above and below."""
    stretched = np.stack([resized(frame, height, width) for frame in frames])
    boxed = np.full_like(stretched, 114)
    top = (height - inner) // 2
    for image, frame in zip(boxed, frames, strict=True):
        image[top : top + inner] = resized(frame, inner, width)
    return stretched, boxed


@NETWORKS
def test_frames_stretched_where_samples_are_letterboxed(tmp_path: Path, network: str) -> None:
    height, width = {"fork": (24, 24), "line": (20, 36)}[network]
    frames = natural_images(12, 4 * height, 8 * width, seed=3)
    stretched, boxed = stretched_and_boxed(frames, height, width, height // 2)
    made = chip(network, tmp_path, samples=stretched)
    name = next(iter(made.samples))
    letterboxed = made.with_samples({name: boxed})
    assert letterboxed.said(tmp_path, letterboxed.values()).is_equal
    step = letterboxed.said(tmp_path, made.values())
    assert words(step) == ["input-resized"] and not step.is_equal
    assert step.reasons[0].after_db > step.reasons[0].before_db + 6


@pytest.mark.parametrize("plain", [0, 1])
def test_frames_letterboxed_where_samples_are_stretched(tmp_path: Path, plain: int) -> None:
    frames = natural_images(12, 90, 160, seed=3)
    frames[:plain, :, :40] = 20  # a side of one colour, as of a night sky, is no bar
    stretched, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=stretched)
    name = next(iter(made.samples))
    step = made.said(tmp_path, made.values({name: boxed}))
    assert words(step) == ["input-resized"]
    assert "16:9 with grey bars" in step.reasons[0].evidence


def test_bars_in_another_place_or_of_another_colour(tmp_path: Path) -> None:
    frames = natural_images(12, 90, 160, seed=3)
    _, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=boxed)
    name = next(iter(made.samples))
    on_top = np.concatenate([boxed[:, 5:], boxed[:, :5]], axis=1)
    black = boxed.copy()
    black[:, :5] = black[:, 19:] = 0
    for wrong, said in ((on_top, "on the right and below alone"), (black, "with black bars")):
        step = made.said(tmp_path, made.values({name: wrong}))
        assert words(step) == ["input-resized"] and said in step.reasons[0].evidence
    assert made.said(tmp_path, made.values()).is_equal


def test_frames_letterboxed_with_bars_below_alone(tmp_path: Path) -> None:
    frames = natural_images(12, 90, 160, seed=3)
    stretched, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=stretched)
    name = next(iter(made.samples))
    on_top = np.concatenate([boxed[:, 5:], boxed[:, :5]], axis=1)
    step = made.said(tmp_path, made.values({name: on_top}))
    assert words(step) == ["input-resized"]
    assert "16:9 with grey bars below alone" in step.reasons[0].evidence


@NETWORKS
def test_the_same_wrong_input_on_both_sides_is_equal(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    turned = chip.with_samples({name: v[..., ::-1] for name, v in chip.samples.items()})
    assert turned.said(tmp_path, turned.values()).is_equal


@NETWORKS
def test_frames_of_another_scene_are_explained_by_no_change_of_the_samples(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    """Their values are codes of the archive, so it is not the HEF."""
    chip = chips(network)
    (name, samples), *_ = chip.samples.items()
    others = {name: pictures(samples.shape[1], samples.shape[2], seed=91)}
    step = chip.said(tmp_path, chip.values(others))
    assert not step.is_equal and words(step) == ["own-scales"]
    assert "whole codes, so the scales are the archive's" in step.reasons[0].evidence
    # Read with other scales, the same values say nothing of the samples.
    blurred = {n: v * 0.97 + 0.013 for n, v in chip.values(others).items()}
    step = chip.said(tmp_path, blurred)
    assert not step.is_equal and not step.reasons
    assert any("not whole codes" in note for note in step.notes)


def test_what_is_near_hides_no_fault_of_the_input(chips: Chips, tmp_path: Path) -> None:
    """Emulators differ from the chip by as much, but no change of the samples takes that away."""
    chip = chips("line")
    name, values = next(iter(chip.values().items()))
    steps = np.random.default_rng(2).normal(0, 0.12 * values.std(), values.shape)
    encoding = chip.model.encoding(name)
    assert encoding is not None
    step_of_codes = float(encoding.scales.max())
    noisy = {name: values + step_of_codes * np.rint(steps / step_of_codes)}
    step = chip.said(tmp_path, noisy)
    assert step.is_equal and not step.reasons
    assert any("no more than emulators differ" in note for note in step.notes)
    dim = chip.values({n: np.rint(0.94 * v + 8) for n, v in chip.samples.items()})
    assert chip.said(tmp_path, dim).is_equal
    squeezed = given(chip, lambda pixels: np.rint(16 + pixels * 219 / 255))
    step = chip.said(tmp_path, squeezed)
    assert not step.is_equal and words(step) == ["input-range"]
    assert step.parts_at == chip.outputs[0]


def two_inputs(folder: Path) -> Chip:
    """One sum of two branches, each of which takes a picture."""
    net = FloatGraph("pair", np.random.default_rng(6))
    ends = []
    for number in (1, 2):
        source = net.add(f"input_layer{number}", "input_layer", (), (24, 24, 3))
        ends.append(net.add_conv(f"conv{number}", source, 3, 8, stride=2))
    last = net.add("ew_add1", "ew_add", tuple(ends), (12, 12, 8), activation="relu")
    net.add_output(net.add_conv("conv3", last, 1, 5, activation="linear"))
    samples = {
        f"pair/input_layer{number}": pictures(24, 24, seed=number) / np.float32(255)
        for number in (1, 2)
    }
    measured = measure_model(
        net.network(), net, [samples], Need.PREACTIVATION_STATISTICS, {}, {}, lambda batch: None
    )
    build_quantized_har(
        str(folder / "pair.har"),
        name=net.name,
        network=net.network(),
        weights=net.weights(),
        statistics={
            name: LayerStatistics(layer.output, layer.preactivation)
            for name, layer in measured.layers.items()
        },
    )
    return loaded(str(folder / "pair.har"), samples)


def test_two_inputs_that_are_exchanged_and_one_that_is_empty(tmp_path: Path) -> None:
    chip = two_inputs(tmp_path)
    assert chip.said(tmp_path, chip.values()).is_equal
    (one, first), (other, second) = chip.samples.items()
    step = chip.said(tmp_path, chip.values({one: second, other: first}))
    assert words(step) == ["inputs-exchanged"]
    assert "input_layer1 and input_layer2" in step.reasons[0].evidence
    step = chip.said(tmp_path, chip.values({one: first, other: first}))
    assert words(step) == ["inputs-exchanged"]
    assert step.reasons[0].evidence == "samples of input_layer1 at input_layer2"
    step = chip.said(tmp_path, chip.values({one: first, other: 0 * second}))
    assert words(step) == ["input-empty"]
    assert "samples of input_layer2" in step.reasons[0].evidence


def middle(frame: NDArray[np.uint8], side: int, share: float, *, is_square: bool) -> Any:
    """The middle of a frame, or of the square in it, brought to a size."""
    whole = [min(frame.shape[:2])] * 2 if is_square else frame.shape[:2]
    height, width = (share * size for size in whole)
    top, left = (frame.shape[0] - height) / 2, (frame.shape[1] - width) / 2
    box = (left, top, left + width, top + height)
    return np.asarray(PIL.Image.fromarray(frame).resize((side, side), BILINEAR, box=box))


@pytest.mark.parametrize("share", [0.6, 1.0])
def test_other_parts_of_frames_are_not_their_middle(tmp_path: Path, share: float) -> None:
    frames = natural_images(12, 120, 120, seed=3)
    made = chip("fork", tmp_path, samples=np.stack([resized(f, 24, 24) for f in frames]))
    given = np.stack([middle(frame, 24, share, is_square=False) for frame in frames])
    step = made.said(tmp_path, made.values({next(iter(made.samples)): given}))
    assert "input-cropped" not in words(step)
    assert step.is_equal == (share == 1.0)


@pytest.mark.parametrize(
    ("width", "share", "is_square", "said"),
    [
        (120, 0.875, False, "the middle 87.5% of the samples"),
        (160, 1.0, True, "the middle square of samples that are frames of 4:3"),
        (214, 1.0, True, "the middle square of samples that are frames of 16:9"),
        (160, 0.875, True, "the middle 87.5% of the square in frames of 4:3"),
    ],
)
def test_the_middle_of_frames(
    tmp_path: Path, width: int, share: float, is_square: bool, said: str
) -> None:
    frames = natural_images(12, 120, width, seed=3)
    made = chip("fork", tmp_path, samples=np.stack([resized(f, 24, 24) for f in frames]))
    given = np.stack([middle(frame, 24, share, is_square=is_square) for frame in frames])
    step = made.said(tmp_path, made.values({next(iter(made.samples)): given}))
    assert words(step) == ["input-cropped"] and not step.is_equal
    assert step.reasons[0].evidence == said
    assert step.reasons[0].after_db > step.reasons[0].before_db + 6


def test_the_middle_of_frames_whose_samples_are_letterboxed(tmp_path: Path) -> None:
    frames = natural_images(12, 180, 320, seed=3)
    _, boxed = stretched_and_boxed(frames, 24, 24, 14)
    made = chip("fork", tmp_path, samples=boxed)
    given = np.stack([middle(frame, 24, 1.0, is_square=True) for frame in frames])
    step = made.said(tmp_path, made.values({next(iter(made.samples)): given}))
    assert words(step) == ["input-cropped"]
    assert step.reasons[0].evidence == "the middle square between the bars of the samples"
