"""What becomes of values on the host: each fault is undone, and named, in two networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, words
from utils.device_outputs.expected import Expected
from utils.device_outputs.trials import function_applied

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
@pytest.mark.parametrize("coded", ["", "16 bit", "scale per channel"])
def test_equal_outputs_have_no_reasons(
    chips: Chips, tmp_path: Path, network: str, head: str, coded: str
) -> None:
    chip = chips(network, head, coded)
    for outputs in (chip.values(), chip.codes()):
        step = chip.said(tmp_path, outputs)
        assert step.is_equal and not step.reasons and not step.parts_at
        assert {m.codes.equal for m in step.outputs if m.codes} == {1.0}


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_codes_that_were_kept_as_floats_are_codes_as_numbers(
    chips: Chips, tmp_path: Path, network: str, head: str
) -> None:
    chip = chips(network, head)
    codes = {name: codes.astype(np.float32) for name, codes in chip.codes().items()}
    step = chip.said(tmp_path, codes)
    assert not step.is_equal and words(step) == ["codes-as-numbers"]
    assert "which stand for (code - " in step.reasons[0].evidence
    assert set(step.reasons[0].layers) == set(chip.outputs)
    assert step.reasons[0].after_db > 60 > step.reasons[0].before_db


@NETWORKS
def test_another_scale_is_told_with_slope_and_offset(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    first = next(iter(chip.values()))

    def scaled(slope: float, offset: float) -> Arrays:
        values = chip.values()
        return {**values, first: slope * values[first] + offset}

    assert chip.said(tmp_path, scaled(1.0, 0.0)).is_equal
    step = chip.said(tmp_path, scaled(1.7, 0.3))
    assert words(step) == ["other-scale"] and step.reasons[0].layers == (chip.outputs[0],)
    assert step.reasons[0].evidence.startswith("slope 1.7 and offset 0.3")
    assert step.parts_at == chip.outputs[0]


@NETWORKS
@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (lambda q, s, z: q * s, "the zero point was not taken off"),
        (lambda q, s, z: (q - 2 * z) * s, "the zero point was taken off twice"),
        (lambda q, s, z: q - z, "the scale was not applied"),
        (lambda q, s, z: ((q - z) * s - z) * s, "scale and zero point were applied twice"),
        (lambda q, s, z: (q - z) * 0.7 * s, ""),
    ],
)
def test_what_was_done_with_scale_and_zero_point_is_told(
    chips: Chips, tmp_path: Path, network: str, numbers: Callable[..., np.ndarray], said: str
) -> None:
    chip = chips(network)
    first, codes = next(iter(chip.codes().items()))
    encoding = chip.model.encoding(first)
    assert encoding
    scale, zero = (float(np.ravel(each)[0]) for each in (encoding.scales, encoding.zero_points))
    kept = numbers(codes.astype(np.float64), scale, zero).astype(np.float32)
    step = chip.said(tmp_path, {**chip.values(), first: kept})
    assert words(step) == ["other-scale"]
    evidence = step.reasons[0].evidence
    assert f"where the archive has (code - {round(zero)}) * " in evidence
    assert evidence.endswith(f", so {said}") if said else ", so " not in evidence


@NETWORKS
def test_16_bit_numbers_of_an_8_bit_output_are_another_scale(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    """The compiler fell back to 8 bits, and the zero point of 16 bits stayed in the HEF."""
    chip = chips(network, "linear", "16 bit")
    first, codes = next(iter(chip.codes().items()))
    encoding = chip.model.encoding(first)
    assert encoding
    dead = (np.rint(codes / 128.5) - encoding.zero_points) * encoding.scales
    assert np.ptp(dead) < np.ptp(chip.values()[first]) / 100
    step = chip.said(tmp_path, {**chip.values(), first: dead.astype(np.float32)})
    assert words(step) == ["other-scale"]
    assert step.reasons[0].layers == (chip.outputs[0],)
    assert "slope 0.00778 " in step.reasons[0].evidence


@NETWORKS
def test_one_scale_for_channels_with_their_own_is_scale_per_channel(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network, "linear", "scale per channel")
    outputs = {}
    for name, codes in chip.codes().items():
        encoding = chip.model.encoding(name)
        assert encoding and np.ptp(encoding.scales) > 0
        outputs[name] = (codes - encoding.zero_points[2]) * encoding.scales[2]
    step = chip.said(tmp_path, outputs)
    assert words(step) == ["scale-per-channel"]
    assert "the scale of channel 2 in all" in step.reasons[0].evidence


@NETWORKS
def test_zeros_are_scale_per_channel_only_where_channels_have_their_own(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    one, several = chips(network), chips(network, "linear", "scale per channel")
    zeros = {name: 0 * values for name, values in one.values().items()}
    step = one.said(tmp_path, zeros)
    assert not step.is_equal and words(step) == ["frames-alike"]
    assert "Every value of output_layer1 in the dump is 0." in step.notes
    assert words(several.said(tmp_path, zeros)) == ["scale-per-channel"]


@NETWORKS
def test_words_read_as_bytes_and_the_reverse(chips: Chips, tmp_path: Path, network: str) -> None:
    words_kept = chips(network, "linear", "16 bit")
    assert words_kept.said(tmp_path, words_kept.codes()).is_equal
    halves = {name: codes.view(np.uint8) for name, codes in words_kept.codes().items()}
    assert words(words_kept.said(tmp_path, halves)) == ["bytes-for-words"]
    numbers = {name: codes.astype(np.float32) for name, codes in halves.items()}
    assert words(words_kept.said(tmp_path, numbers)) == ["bytes-for-words"]
    bytes_kept = chips(network)
    doubled = {n: c.reshape(-1).view(np.uint16) for n, c in bytes_kept.codes().items()}
    assert words(bytes_kept.said(tmp_path, doubled)) == ["words-for-bytes"]


@NETWORKS
def test_lower_bytes_of_words_are_bytes_for_words(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network, "linear", "16 bit")
    lower = {name: (codes & 255).astype(np.uint8) for name, codes in chip.codes().items()}
    step = chip.said(tmp_path, lower)
    assert words(step) == ["bytes-for-words"]
    assert "codes up to 255" in step.reasons[0].evidence


@NETWORKS
def test_words_in_the_order_of_bytes_of_another_machine(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network, "linear", "16 bit")
    swapped = {name: codes.byteswap() for name, codes in chip.codes().items()}
    assert words(chip.said(tmp_path, swapped)) == ["bytes-swapped"]
    # Said by its type, the order is read as it is meant.
    big = {name: codes.astype(">u2") for name, codes in chip.codes().items()}
    assert chip.said(tmp_path, big).is_equal


@NETWORKS
def test_codes_in_a_type_that_is_too_small_wrap_around(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    signed = {name: codes.view(np.int8) for name, codes in chip.codes().items()}
    step = chip.said(tmp_path, signed)
    assert not step.is_equal and words(step) == ["codes-wrapped"]
    assert "256 away" in step.reasons[0].evidence
    below_zero = {}
    for name, codes in chip.codes().items():
        encoding = chip.model.encoding(name)
        assert encoding is not None
        zeros = np.rint(encoding.zero_points).astype(np.uint8)
        below_zero[name] = (codes - zeros) * encoding.scales.astype(np.float32)
    assert words(chip.said(tmp_path, below_zero)) == ["codes-wrapped"]


@NETWORKS
@pytest.mark.parametrize("kind", ["a length of 1", "0 to 1", "a mean of 0 and a spread of 1"])
def test_values_that_the_host_scaled_frame_by_frame(
    chips: Chips, tmp_path: Path, network: str, kind: str
) -> None:
    chip = chips(network)
    scaled = {}
    for name, values in chip.values().items():
        rows = values.reshape(len(values), -1).astype(np.float64)
        if kind == "a length of 1":
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        elif kind == "0 to 1":
            rows -= rows.min(axis=1, keepdims=True)
            rows /= rows.max(axis=1, keepdims=True)
        else:
            rows = (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)
        scaled[name] = rows.reshape(values.shape).astype(np.float32)
    step = chip.said(tmp_path, scaled)
    assert words(step) == ["scaled-by-frame"] and kind in step.reasons[0].evidence


def test_frames_that_never_came_are_not_taken_for_scaled_ones(chips: Chips, tmp_path: Path) -> None:
    chip, scaled = chips("line"), {}
    for name, values in chip.values().items():
        lengths = np.linalg.norm(values.reshape(len(values), -1), axis=1)
        scaled[name] = values / lengths[:, None, None, None]
        scaled[name][[4, 9]] = 0
    assert words(chip.said(tmp_path, scaled)) == ["frames-missing", "scaled-by-frame"]


@NETWORKS
def test_one_scale_of_all_frames_is_no_scale_by_frame(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, {name: 3 * values for name, values in chip.values().items()})
    assert words(step) == ["other-scale"]


@NETWORKS
@pytest.mark.parametrize(("axes", "said"), [((1,), "height"), ((2,), "width"), ((1, 2), "places")])
def test_a_softmax_over_another_axis_than_that_of_the_channels(
    chips: Chips, tmp_path: Path, network: str, axes: tuple[int, ...], said: str
) -> None:
    chip = chips(network)
    shares = {}
    for name, values in chip.values().items():
        powers = np.exp(values - values.max(axis=axes, keepdims=True))
        shares[name] = powers / powers.sum(axis=axes, keepdims=True)
    step = chip.said(tmp_path, shares)
    assert words(step) == ["activation-added"] and said in step.reasons[0].evidence


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_channels_in_another_order(chips: Chips, tmp_path: Path, network: str, head: str) -> None:
    chip = chips(network, head)
    reverse = {name: values[..., ::-1] for name, values in chip.values().items()}
    step = chip.said(tmp_path, reverse)
    assert words(step) == ["channels-reordered"] and "reverse" in step.reasons[0].evidence
    moved = {name: np.roll(values, -1, axis=3) for name, values in chip.values().items()}
    step = chip.said(tmp_path, moved)
    assert words(step) == ["channels-reordered"]
    assert "channels lie elsewhere, such as that of channel 0 at" in step.reasons[0].evidence


@NETWORKS
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (np.exp, "exp(x)"),
        (np.tanh, "tanh(x)"),
        (lambda x: np.clip(x, 0, 1), "a clip to 0..1"),
        (lambda x: np.maximum(x, 0), "max(x, 0)"),
        (lambda x: -np.log1p(np.exp(-x)), "-log(1 + exp(-x))"),
        (lambda x: np.where(x < 0.2, 0, x), "a threshold, which makes 0 of what is below 0.2"),
        (np.trunc, "int(x)"),
        (lambda x: np.rint(x).astype(np.int64), "round(x)"),
        (lambda x: np.cbrt(x), "one function"),
    ],
)
def test_a_function_of_every_value(
    chips: Chips, tmp_path: Path, network: str, function: Callable[..., np.ndarray], said: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, {name: function(v) for name, v in chip.values().items()})
    assert words(step) == ["function-applied"] and said in step.reasons[0].evidence
    assert not step.is_equal


def test_few_values_are_a_function_only_where_it_has_a_name() -> None:
    values = np.linspace(-2, 2, 24, dtype=np.float32).reshape(12, 1, 1, 2)
    scales = np.full(2, 4 / 255)
    expected = Expected("net/output_layer1", (), (), values, scales, np.full(2, 128.0))
    held = expected.values_of(expected.codes if expected.codes is not None else values)
    expected = expected.with_values(held)
    found = function_applied.undone(expected, np.exp(held))
    assert found is not None and "exp(x)" in found.evidence
    assert function_applied.undone(expected, np.cbrt(held)) is None


@NETWORKS
def test_a_sigmoid_that_is_missing_or_applied_twice(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network, "sigmoid")
    clipped = {n: np.clip(v, 1 / 512, 1 - 1 / 512) for n, v in chip.values().items()}
    logits = {name: np.log(v / (1 - v)) for name, v in clipped.items()}
    assert words(chip.said(tmp_path, logits)) == ["activation-missing"]
    twice = {name: 1 / (1 + np.exp(-v)) for name, v in chip.values().items()}
    assert words(chip.said(tmp_path, twice)) == ["activation-twice"]


@NETWORKS
def test_an_activation_that_the_network_has_not_is_added(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    values = chip.values()
    sigmoid = {name: 1 / (1 + np.exp(-v)) for name, v in values.items()}
    assert words(chip.said(tmp_path, sigmoid)) == ["activation-added"]
    powers = {name: np.exp(v - v.max(axis=3, keepdims=True)) for name, v in values.items()}
    softmax = {name: p / p.sum(axis=3, keepdims=True) for name, p in powers.items()}
    step = chip.said(tmp_path, softmax)
    assert words(step) == ["activation-added"] and "softmax" in step.reasons[0].evidence


@NETWORKS
def test_channels_first_under_the_shape_of_channels_last_is_transposed(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    turned = {name: v.transpose(0, 3, 1, 2) for name, v in chip.values().items()}
    hidden = {n: turned[n].reshape(v.shape) for n, v in chip.values().items()}
    step = chip.said(tmp_path, hidden)
    assert not step.is_equal and words(step) == ["transposed"]
    assert step.reasons[0].evidence == "the values lie as (channels, height, width)"


@NETWORKS
def test_channels_first_that_the_shape_shows_are_read_so(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    turned = {name: v.transpose(0, 3, 1, 2) for name, v in chip.values().items()}
    step = chip.said(tmp_path, turned)
    assert step.is_equal and words(step) == ["transposed"]
    assert all("channels first" in match.layout for match in step.outputs)


@NETWORKS
@pytest.mark.parametrize("axis", [2, 3])
def test_rows_or_channels_padded_to_8_are_the_chips_own_layout(
    chips: Chips, tmp_path: Path, network: str, axis: int
) -> None:
    chip = chips(network)

    def padded(codes: np.ndarray, axis: int) -> np.ndarray:
        widths = [(0, 0)] * 4
        widths[axis] = (0, -codes.shape[axis] % 8)
        return np.pad(codes, widths)

    codes = chip.codes()
    step = chip.said(tmp_path, {name: padded(c, axis) for name, c in codes.items()})
    assert words(step) == ["padded-layout"] and not step.is_equal
    by_rows = {name: padded(c.transpose(0, 1, 3, 2), 3) for name, c in codes.items()}
    assert words(chip.said(tmp_path, by_rows)) == ["padded-layout"]


@NETWORKS
def test_what_nothing_explains_has_no_reason(chips: Chips, tmp_path: Path, network: str) -> None:
    chip, random = chips(network), np.random.default_rng(0)
    noise = {name: random.normal(v.mean(), v.std(), v.shape) for name, v in chip.values().items()}
    step = chip.said(tmp_path, noise)
    assert not step.is_equal and not step.reasons and step.parts_at == chip.outputs[0]
    missing = {name: np.full_like(v, np.nan) for name, v in chip.values().items()}
    step = chip.said(tmp_path, missing)
    assert not step.is_equal and not step.reasons
    assert any("not finite" in note for note in step.notes)
