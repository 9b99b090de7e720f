"""Whatever happens to a log on its way: nothing is claimed that the whole log does not say."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspectors.dfc_log import DfcLogInspector
from tests.fixtures import log_texts
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.log_texts import END, SKIPPED, START, TO_ZERO, ZERO, entries, log
from tests.house.fuzzing import examples
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding

NAMED = "[info] Loading model script commands to {} from string"
STEP = "[info] Starting {}"
DONE = "[info] Model Optimization Algorithm {} is done (completion time is 00:00:01.17)"
DEATH = (
    "hailo_model_optimization.acceleras.utils.acceleras_exceptions.AccelerasResourceError: GPU "
    "memory has been exhausted. Please try to use Quantization-Aware Fine-Tuning with lower batch "
    "size or run on CPU."
)
GOOD = (
    NAMED.format("net"),
    START,
    TO_ZERO,
    ZERO,
    STEP.format("Statistics Collector"),
    entries(64),
    "Calibration: 100%|██████████| 64/64 [00:44<00:00, 22.90entries/s]",
    DONE.format("Statistics Collector"),
    log_texts.no_shift(0.3322),
    log_texts.no_shift(0.9672, "net/fc9"),
    log_texts.bits_reduced(5.0),
    *SKIPPED,
    log_texts.snr("16.39"),
    END,
)
TUNED = (
    NAMED.format("net"),
    START,
    STEP.format("LayerNorm Decomposition"),
    entries(16),
    DONE.format("LayerNorm Decomposition"),
    STEP.format("Statistics Collector"),
    entries(1024),
    DONE.format("Statistics Collector"),
    "[info] Bias Correction skipped",
    STEP.format("Quantization-Aware Fine-Tuning"),
    entries(4000, "finetune"),
    "Epoch 1/4",
    "500/500 [==============================] - 233s 389ms/step - total_distill_loss: 0.1006",
    DONE.format("Quantization-Aware Fine-Tuning"),
    END,
    "[info] Saved HAR to: /out/net_quantized.har",
)
# Entries of another step behind those of the collector, too.
TWICE = (
    NAMED.format("net"),
    START,
    STEP.format("Statistics Collector"),
    entries(1024),
    "Calibration: 100%|██████████| 1024/1024 [00:44<00:00, 22.90entries/s]",
    DONE.format("Statistics Collector"),
    STEP.format("Matmul Equalization"),
    entries(16),
    DONE.format("Matmul Equalization"),
    END,
)
DIED = (
    NAMED.format("net"),
    START,
    STEP.format("Statistics Collector"),
    entries(64),
    DONE.format("Statistics Collector"),
    STEP.format("Quantization-Aware Fine-Tuning"),
    entries(1024, "finetune"),
    "Epoch 1/4",
    DEATH,
)
OTHER = (
    NAMED.format("other"),
    START,
    TO_ZERO,
    entries(33),
    log_texts.no_shift(0.7111, "other/conv1"),
    log_texts.bits_reduced(6.0, "other/conv1"),
    log_texts.snr("3.20", "other/output_layer1"),
    END,
)


@dataclass(frozen=True)
class Truth:
    """A log, and all that may be said of the network `net`.

    `used` and `tuned` are numbers of samples, `told` what else may be found.
    """

    lines: tuple[str, ...]
    used: frozenset[float] = frozenset()
    tuned: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    shifts: frozenset[float] = frozenset()


OF_GOOD = frozenset(
    "dfc-level-reduced dfc-calibration-entries dfc-no-shift dfc-bits-reduced dfc-output-snr".split()
)
SHIFTS = frozenset({0.3322, 0.9672})
TRUTHS = [
    Truth(GOOD, frozenset({64}), frozenset(), OF_GOOD, SHIFTS),
    Truth(TUNED, frozenset({1024}), frozenset({"4,000"}), frozenset({"dfc-calibration-entries"})),
    Truth(TWICE, frozenset({1024}), frozenset(), frozenset({"dfc-calibration-entries"})),
    Truth(DIED, frozenset({64}), frozenset(), frozenset({"dfc-run-failed"})),
    Truth((*OTHER, *GOOD), frozenset({64}), frozenset(), OF_GOOD, SHIFTS),
    Truth((*GOOD, *OTHER), frozenset({64}), frozenset(), OF_GOOD, SHIFTS),
    Truth(OTHER),
]
# Lines without which nobody could tell whose a run or a number is, and how it ended.
NEEDED = (
    NAMED.format("net"),
    NAMED.format("other"),
    START,
    DONE.format("LayerNorm Decomposition"),
    DONE.format("Matmul Equalization"),
    END,
    DEATH,
)

Change = Callable[[Sequence[str]], Sequence[str]]


def dropped(gone: set[int]) -> Change:
    return lambda lines: [
        line
        for i, line in enumerate(lines)
        if i not in gone or any(needed in line for needed in NEEDED)
    ]


def repeated(again: set[int]) -> Change:
    return lambda lines: [line for i, line in enumerate(lines) for _ in range(1 + (i in again))]


def glued(joints: set[int]) -> Change:
    def change(lines: Sequence[str]) -> Sequence[str]:
        text = "".join(f"{line}{'' if i in joints else chr(10)}" for i, line in enumerate(lines))
        return text.splitlines()

    return change


def unchanged(lines: Sequence[str]) -> Sequence[str]:
    return lines


def wrapped(width: int) -> Change:
    return lambda lines: [
        piece for line in lines for piece in textwrap.wrap(line, width, break_on_hyphens=False)
    ]


def cut_at_the_edge(width: int) -> Change:
    return lambda lines: [
        line[start : start + width] for line in lines for start in range(0, len(line), width)
    ]


def cut_off(length: int) -> Change:
    return lambda lines: "\n".join(lines)[:length].splitlines()


def beheaded(length: int) -> Change:
    return lambda lines: "\n".join(lines)[length:].splitlines()


PLACES = st.sets(st.integers(0, 25), max_size=12)
# What happens to lines, and then what the window does to them in which they are shown.
CHANGES = st.one_of(PLACES.map(dropped), PLACES.map(repeated), PLACES.map(glued))
LAYOUTS = st.one_of(
    st.just(unchanged),
    st.integers(25, 200).map(wrapped),
    st.integers(25, 200).map(cut_at_the_edge),
)


def squeezed(text: str) -> str:
    return re.sub(r"\s|\\t", "", text)


def claims(lines: Sequence[str]) -> list[Finding]:
    context = build_context(build_model(mo_flavor=None), dfc_logs=(log(*lines),))
    return list(DfcLogInspector().inspect(context))


def assert_true(lines: Sequence[str], truth: Truth) -> None:
    """What is claimed of these lines, which were made from the true ones, is true, too."""
    given = squeezed("".join(lines))
    for finding in claims(lines):
        assert_well_worded(finding)
        assert finding.id in truth.told
        assert squeezed(finding.quotation.removesuffix("...")) in given
        if finding.id == "dfc-calibration-entries":
            assert finding.measured["used"] in truth.used
            tuned = re.findall(r"and ([\d,]+) for finetuning", finding.evidence)
            assert truth.tuned.issuperset(tuned)
        if finding.id == "dfc-no-shift":
            for value in finding.measured.values():
                assert any(abs(value - shift) < 1e-9 for shift in truth.shifts)
        if finding.id == "dfc-bits-reduced":
            assert finding.measured == {"bits lost by net/conv1": 5.0}
        if finding.id == "dfc-output-snr":
            assert list(finding.measured.values()) == [16.39]
        if finding.id == "dfc-level-reduced":
            assert finding.measured["optimization_level"] == 0


@pytest.mark.parametrize("truth", TRUTHS)
def test_a_whole_log_says_all_that_is_true_of_it(truth: Truth) -> None:
    assert {finding.id for finding in claims(truth.lines)} == truth.told
    assert_true(truth.lines, truth)


@pytest.mark.parametrize("truth", TRUTHS)
@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(CHANGES, max_size=3), layout=LAYOUTS)
def test_nothing_is_claimed_that_the_whole_log_does_not_say(
    truth: Truth, changes: Sequence[Change], layout: Change
) -> None:
    lines: Sequence[str] = truth.lines
    for change in changes:
        lines = change(lines)
    assert_true(layout(lines), truth)


def test_entries_between_lost_lines_are_nobodys() -> None:
    """The start of their step is lost, and its end, the collector's start and its entries."""
    lines = wrapped(35)(dropped({0, 1, 2, 6})(TUNED))
    assert "dfc-calibration-entries" not in [finding.id for finding in claims(lines)]


def test_entries_of_another_network_stay_its_own_beside_a_layer_of_this_one() -> None:
    """The end of a run and the start of the next share a line, which is written twice."""
    lines = repeated({16})(glued({16, 17, 18, 19, 20})((*GOOD, *OTHER)))
    used = [f.measured["used"] for f in claims(lines) if f.id == "dfc-calibration-entries"]
    assert 33 not in used


@pytest.mark.parametrize("truth", TRUTHS[:5])
@settings(max_examples=examples(60), deadline=None)
@given(length=st.integers(0, 2000))
def test_a_log_that_was_cut_off_says_less_and_nothing_else(truth: Truth, length: int) -> None:
    death = "dfc-run-failed"
    for change in (cut_off(length), beheaded(length)):
        lines = change(truth.lines)
        told = truth.told | ({"dfc-calibration-entries"} if death in truth.told else set())
        assert_true(lines, Truth(truth.lines, truth.used, truth.tuned, told, truth.shifts))


@settings(max_examples=examples(60), deadline=None)
@given(width=st.integers(30, 300), change=st.one_of(st.just(None), PLACES.map(dropped)))
def test_a_run_that_died_is_never_called_clean(width: int, change: Change | None) -> None:
    lines = change(DIED) if change else DIED
    for wrap in (wrapped(width), cut_at_the_edge(width)):
        assert [finding.id for finding in claims(wrap(lines))] == ["dfc-run-failed"]
