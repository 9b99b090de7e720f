"""How far emulation and chip may differ: what is equal, what is near, and what is neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import Arrays, Chip, saved, words
from utils.device_outputs import expected
from utils.device_outputs.apart import apart
from utils.device_outputs.expected import Expected
from utils.measurements.output_kind import SettledKind, WhatIsJudged

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)


def with_noise(chip: Chip, codes: float, share: float = 1.0) -> Arrays:
    """Outputs whose codes are off by a normal distribution of this spread, in a share of them."""
    random, found = np.random.default_rng(2), {}
    for name, values in chip.values().items():
        encoding = chip.model.encoding(name)
        assert encoding
        off = np.rint(random.normal(0, codes, values.shape))
        found[name] = values + encoding.scales * off * (random.random(values.shape) < share)
    return found


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_codes_within_rounding_are_equal(
    chips: Chips, tmp_path: Path, network: str, head: str
) -> None:
    step = chips(network, head).said(tmp_path, with_noise(chips(network, head), 0.6))
    assert step.is_equal and not step.reasons and not step.notes
    assert all(m.codes and 0.99 < m.codes.within_two < 1.01 > m.codes.equal for m in step.outputs)


@NETWORKS
def test_noise_without_pattern_is_within_what_emulators_differ_by(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, with_noise(chip, 3.0))
    assert step.is_equal and not step.reasons
    assert any("no more than emulators differ from the chip" in note for note in step.notes)
    assert all(m.codes and m.codes.within_two < 0.99 for m in step.outputs)
    assert not any("whole codes" in note for note in step.notes)


@pytest.mark.parametrize(("factor", "reasons"), [(0.7, ["other-scale"]), (1.008, [])])
def test_a_wrong_scale_is_not_hidden_where_outputs_decide_alike(
    chips: Chips, tmp_path: Path, factor: float, reasons: list[str]
) -> None:
    chip = chips("fork")
    first, *others = chip.values()
    values = chip.values()
    scaled = {first: factor * values[first], **{name: values[name] for name in others}}
    step = chip.said(tmp_path, scaled)
    assert words(step) == reasons and step.is_equal is not bool(reasons)


@NETWORKS
def test_what_is_near_tells_other_scales_than_the_archives(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    """As those of a HEF that was quantized on other images."""
    chip, random = chips(network), np.random.default_rng(2)
    values = with_noise(chip, 3.0).items()
    other = {n: v + random.normal(0, 0.003, v.shape).astype(np.float32) for n, v in values}
    step = chip.said(tmp_path, other)
    assert step.is_equal and not step.reasons
    assert any("not whole codes of this archive" in note for note in step.notes)


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_noise_that_decisions_do_not_survive_is_explained_by_no_trial(
    chips: Chips, tmp_path: Path, network: str, head: str
) -> None:
    chip = chips(network, head)
    step = chip.said(tmp_path, with_noise(chip, 60.0))
    assert not step.is_equal and step.parts_at == chip.outputs[0]
    assert words(step) == (["own-scales"] if head == "linear" else [])


@NETWORKS
def test_probabilities_have_the_same_scale_in_every_archive(
    chips: Chips, tmp_path: Path, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip = chips(network)
    monkeypatch.setattr(expected, "_activation", lambda layer: "softmax")
    step = chip.said(tmp_path, with_noise(chip, 60.0))
    assert not step.is_equal and not step.reasons


@NETWORKS
def test_few_codes_far_away_are_not_99_percent_within_2(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    few = chip.said(tmp_path, with_noise(chip, 4.0, share=0.005))
    many = chip.said(tmp_path, with_noise(chip, 4.0, share=0.2))
    assert few.is_equal and not few.notes
    assert many.is_equal and many.notes
    worst = [min(m.codes.within_two for m in s.outputs if m.codes) for s in (few, many)]
    assert worst[0] >= 0.99 > worst[1]


@NETWORKS
def test_values_that_nothing_explains_tell_whether_the_scales_are_the_archives(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip, random = chips(network), np.random.default_rng(3)
    noisy = with_noise(chip, 60.0)
    (own,) = chip.said(tmp_path, noisy).reasons
    assert own.word == "own-scales" and "so the scales are the archive's" in own.evidence
    other = {name: random.normal(0, 2, values.shape) for name, values in noisy.items()}
    assert any("not whole codes of this archive" in n for n in chip.said(tmp_path, other).notes)
    sigmoid = chips(network, "sigmoid")
    said = sigmoid.said(tmp_path, with_noise(sigmoid, 60.0))
    assert not said.is_equal and not any("whole codes" in note for note in said.notes)


def codes(values: np.ndarray) -> Expected:
    scale = np.full(values.shape[-1], 0.5)
    return Expected("net/out", (), (), values.astype(np.float32), scale, np.zeros_like(scale))


def test_a_handful_of_codes_is_near_whatever_it_holds() -> None:
    random = np.random.default_rng(3)
    wanted, given = (0.5 * random.integers(0, 3, (32, 1, 1, 4)) for _ in range(2))
    found = apart(codes(wanted), given)
    assert found.shares and found.shares.largest <= 2
    assert not found.is_rounded


def test_codes_that_rounding_moves_are_equal_whatever_they_decide() -> None:
    """Of vectors that lie close together, a code makes another one the nearest."""
    random = np.random.default_rng(3)
    wanted = 0.5 * random.integers(0, 200, (32, 1, 1, 4))
    given = wanted + 0.5 * random.integers(-1, 2, wanted.shape)
    assert apart(codes(wanted), given).is_rounded
    given[5, 0, 0, 2] += 4
    assert not apart(codes(wanted), given).is_rounded


@pytest.mark.parametrize("off", [1, 6])
def test_neighbours_that_change_by_rounding_are_no_difference_of_the_chip(
    chips: Chips, tmp_path: Path, off: int
) -> None:
    chip, random = chips("fork"), np.random.default_rng(2)
    kinds = dict.fromkeys(chip.outputs, SettledKind("embedding", "it was told"))
    alike = {n: np.repeat(v[:1], len(v), axis=0) for n, v in chip.samples.items()}
    alike = {n: v ^ (random.random(v.shape) < 0.01).astype(np.uint8) for n, v in alike.items()}
    close = chip.with_samples(alike)
    values = {}
    for name, right in close.values().items():
        encoding = chip.model.encoding(name)
        assert encoding
        values[name] = right + encoding.scales * off * random.choice([-1, 1], right.shape)
    dump = saved(tmp_path / "device.npz", values)
    step = close.step(dump, judged=WhatIsJudged(kinds))
    assert any(m.agreement is not None for m in step.outputs)
    assert step.is_equal is (off == 1)
