"""Situations are drawn again by their name, and verdicts are what a reader would say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.judgement import drawing, families, pairs
from benchmarks.judgement.drawing import FAULTS, drawn
from benchmarks.judgement.families import FAMILIES, variant
from benchmarks.judgement.healthy_kinds import VARIATIONS
from benchmarks.judgement.pairs import drawn_pair, told, verdict_of_pair
from benchmarks.judgement.running import judged, judged_pair
from benchmarks.judgement.scoring import Said, Verdict, verdict_of
from benchmarks.judgement.situation import Expected, expected, healthy
from benchmarks.judgement.tables import line_of, table
from benchmarks.judgement.written import Harm
from utils.causes import Cause, Proof
from utils.findings import Finding, Severity

FREE, DEAR = Harm(0.9, 0.9, 30.0), Harm(0.9, 0.4, 3.0)
WANTED = expected("range-saturates", "output-snr-low", ["net/conv1"], anywhere="calibration-costs")


def cause(name: str, *layers: str, words: str = "") -> Cause:
    measured = dict.fromkeys(words.split(), 1.0)
    finding = Finding(name, Severity.WARNING, "It is so", tuple(layers), measured)
    return Cause(finding, Proof.RULE)


@pytest.mark.parametrize(
    ("causes", "harm", "verdict"),
    [
        ([cause("range-saturates", "net/conv1")], DEAR, Verdict.TRUE),
        ([cause("range-saturates", "net/conv1")], FREE, Verdict.TRUE),
        ([cause("range-saturates", "net/conv2")], DEAR, Verdict.PART),
        ([cause("calibration-costs")], DEAR, Verdict.TRUE),
        ([cause("output-snr-low")], DEAR, Verdict.PART),
        ([cause("dead-channels"), cause("range-saturates", "net/conv1")], DEAR, Verdict.PART),
        ([cause("dead-channels")], DEAR, Verdict.FALSE),
        ([], DEAR, Verdict.MISSED),
        ([], FREE, Verdict.QUIET),
    ],
)
def test_a_verdict_follows_from_what_is_first_and_from_what_it_costs(
    causes: list[Cause], harm: Harm, verdict: Verdict
) -> None:
    assert verdict_of(Said(tuple(causes)), WANTED, harm) is verdict


def test_a_healthy_network_is_to_be_left_alone() -> None:
    assert verdict_of(Said(), None, FREE) is Verdict.QUIET
    assert verdict_of(Said((cause("low-snr"),)), None, FREE) is Verdict.FALSE_ALARM


def test_a_reason_has_to_be_measured() -> None:
    late: Expected = expected("device-differs", words="late not-renewed")
    assert verdict_of(Said((cause("device-differs", words="late"),)), late, DEAR) is Verdict.TRUE
    other = cause("device-differs", words="other-scale")
    assert verdict_of(Said((other,)), late, DEAR) is Verdict.PART


OTHER = expected("integers-differ", "decisions-change")


@pytest.mark.parametrize(
    ("names", "alone", "verdict", "said"),
    [
        ("integers-differ calibration-costs", (DEAR, DEAR), Verdict.TRUE, "2 of 2 told"),
        ("integers-differ", (DEAR, DEAR), Verdict.TRUE, "1 of 2 told"),
        ("integers-differ calibration-costs", (DEAR, FREE), Verdict.PART, "1 of 1 told"),
        ("integers-differ", (FREE, FREE), Verdict.TRUE, "1 of 2 told"),  # both together cost
        ("decisions-change", (DEAR, DEAR), Verdict.PART, "0 of 2 told"),
        ("dead-channels", (DEAR, DEAR), Verdict.FALSE, "0 of 2 told"),
        ("", (DEAR, FREE), Verdict.MISSED, "0 of 1 told"),
    ],
)
def test_of_two_faults_the_first_has_to_be_one_that_costs(
    names: str, alone: tuple[Harm, Harm], verdict: Verdict, said: str
) -> None:
    causes = Said(tuple(map(cause, names.split())))
    assert verdict_of_pair(causes, (WANTED, OTHER), alone, DEAR) is verdict
    assert told(causes, (WANTED, OTHER), alone, DEAR) == said


def test_every_fault_and_every_family_has_a_name_of_its_own() -> None:
    assert len(FAULTS) > 40
    assert len(FAMILIES) > 10
    assert not set(FAULTS) & set(VARIATIONS)
    assert all(name == key for key, (name, _, _) in FAULTS.items())


@pytest.fixture(autouse=True)
def _untrained_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, whose networks are small, and without training."""
    monkeypatch.setattr(drawing, "FAMILIES", {"flows": FAMILIES["flows"]})
    monkeypatch.setattr(pairs, "FAMILIES", {"flows": FAMILIES["flows"]})
    monkeypatch.setattr(pairs, "VARIANTS", 1)
    monkeypatch.setattr(drawing, "VARIANTS", 1)
    monkeypatch.setattr(families, "LONGEST_TRAINING", 0)


def test_situations_are_drawn_again_by_their_numbers(tmp_path: Path) -> None:
    kinds = set()
    for number in range(8):
        one, again = (drawn(3, number, tmp_path) for _ in range(2))
        assert one is not None and again is not None
        assert (one.kind, one.wanted) == (again.kind, again.wanted)
        assert np.array_equal(one.situation.data[0], again.situation.data[0])
        assert drawn(3, number, tmp_path, ["no such kind"]) is None
        kinds.add(one.kind)
    assert len(kinds) > 4


def test_inputs_keep_as_many_samples_as_one_another(tmp_path: Path) -> None:
    situation = healthy(variant("two_inputs", 0, tmp_path), np.random.default_rng(1))
    FAULTS["few/calibration"][2](situation)
    (count,) = {len(samples) for samples in situation.calibration}
    assert count < 9


def test_a_situation_is_written_and_judged(tmp_path: Path) -> None:
    one = drawn(3, 0, tmp_path)
    assert one is not None
    outcome = judged(one, tmp_path)
    assert outcome.shortfalls == ()
    assert f"| {one.family} |" in table([outcome], "family", lambda each: each.family)
    assert one.id in line_of(outcome)


def test_a_pair_is_drawn_again_and_each_fault_alone_as_well(tmp_path: Path) -> None:
    one, again = (drawn_pair(3, 1, tmp_path) for _ in range(2))
    assert one.both.kind == again.both.kind and " + " in one.both.kind
    assert np.array_equal(one.both.situation.data[0], again.both.situation.data[0])
    assert len(one.alone) == len(one.wanted) == 2
    outcome = judged_pair(one, tmp_path)
    assert outcome.shortfalls == ()
    assert one.both.kind in line_of(outcome) and "told" in line_of(outcome)
