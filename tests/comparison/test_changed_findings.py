from __future__ import annotations

from dataclasses import replace

import pytest

from tests.comparison.runs import ERROR, INFO, WARNING, found, layer, run
from utils.comparison.changed_findings import finding_changes
from utils.comparison.run_facts import FindingFacts, InspectorFacts, RunFacts

LOW = "low-snr"


def changes(before: RunFacts, now: RunFacts) -> list[tuple[str, str, str]]:
    """What became of every finding, its severity and layers."""
    return [
        (each.change, each.severity, " ".join(each.layers))
        for each in finding_changes(before, now).findings
    ]


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (found("a"), found("a"), "unchanged"),
        (found("a b"), found("b a"), "unchanged"),
        (found("a b c d e"), found("a b c d"), "better"),
        (found("a"), found("a b"), "worse"),
        (found("a", WARNING), found("a", ERROR), "worse"),
        (found("a b c", ERROR), found("a b c d", WARNING), "better"),
        (found("a b", WARNING), found("a", ERROR), "worse"),
        (found("a b"), found("a c"), "unchanged"),
        (found("a", id=LOW, a=5.0), found("a", id=LOW, a=5.4), "unchanged"),
        (found("a", id=LOW, a=5.0), found("a", id=LOW, a=5.6), "better"),
        (found("a", id=LOW, a=5.0), found("a", id=LOW, a=4.4), "worse"),
        (found("a b", id=LOW, a=5.0, b=9.0), found("a b", id=LOW, a=5.0, b=6.0), "unchanged"),
        (found("a b", id=LOW, a=5.0, b=9.0), found("a", id=LOW, a=1.0), "better"),
    ],
)
def test_severity_decides_then_layers_then_numbers(
    before: FindingFacts, now: FindingFacts, change: str
) -> None:
    assert [c for c, _, _ in changes(run(before), run(now))] == [change]


def test_what_one_run_lacks_is_new_or_fixed() -> None:
    assert changes(run(found("a")), run(found("b", ERROR))) == [
        ("new", "error", "b"),
        ("fixed", "warning", "a"),
    ]


def test_a_split_by_severity_is_worse_only_where_it_is() -> None:
    before, now = (
        [found("a b c", id=LOW, a=2.0, b=9.0, c=9.0)],
        [
            found("a", ERROR, id=LOW, a=-1.0),
            found("b c", WARNING, id=LOW, b=9.0, c=9.0),
        ],
    )
    assert changes(run(*before), run(*now)) == [
        ("worse", "error", "a"),
        ("unchanged", "warning", "b c"),
    ]
    assert changes(run(*now), run(*before)) == [("better", "warning", "a b c")]


def test_of_several_that_were_joined_the_worst_counts() -> None:
    before = run(found("a", ERROR), found("b c", WARNING))
    assert changes(before, run(found("a b c", WARNING))) == [("better", "warning", "a b c")]


def test_findings_are_told_by_change_then_severity() -> None:
    before = run(found("a", INFO, id="x"), found("b", id="y"), found("c", ERROR, id="z"))
    now = run(found("d", INFO, id="v"), found("e", ERROR, id="w"), found("b a", id="y"))
    assert changes(before, now) == [
        ("new", "error", "e"),
        ("new", "info", "d"),
        ("worse", "warning", "b a"),
        ("fixed", "error", "c"),
        ("fixed", "info", "a"),
    ]


@pytest.mark.parametrize(
    ("inspectors", "reason"),
    [
        ({}, "did not run"),
        ({"AInspector": InspectorFacts("AInspector", skipped="no log")}, "skipped"),
        ({"AInspector": InspectorFacts("AInspector", crashed="KeyError: 3")}, "KeyError: 3"),
    ],
)
@pytest.mark.parametrize("is_reversed", [False, True], ids=["before", "now"])
def test_an_inspector_that_said_nothing_makes_nothing_new_or_fixed(
    inspectors: dict[str, InspectorFacts], reason: str, is_reversed: bool
) -> None:
    silent, loud = run(inspectors=inspectors), run(found("a"), found("b", id="other"))
    runs = (loud, silent) if is_reversed else (silent, loud)
    found_changes = finding_changes(*runs)
    assert found_changes.findings == ()
    (sentence,) = found_changes.not_compared
    assert reason in sentence
    assert ("in this run" in sentence) == is_reversed
    assert "a-problem and other" in sentence


def test_a_crash_keeps_what_both_runs_said() -> None:
    crashed = run(
        inspectors={"AInspector": InspectorFacts("AInspector", crashed="x", findings=(found("a"),))}
    )
    assert changes(run(found("a"), found("b", id="y")), crashed) == [("unchanged", "warning", "a")]


def test_without_data_in_one_run_only_what_is_equal_counts() -> None:
    bare = {name: layer(is_measured=False, has_noise=False) for name in "abcde"}
    with_data = run(found("a", id="x"), found("b", id="y"), found("c", ERROR, id="z"))
    without = replace(run(found("a", id="x"), found("c", id="z"), found("d", id="v")), layers=bare)
    found_changes = finding_changes(with_data, without)
    assert [(f.id, f.change) for f in found_changes.findings] == [("x", "unchanged")]
    (sentence,) = found_changes.not_compared
    assert sentence == "3 findings (y, z and v): only in the earlier run were data measured"
    quiet = replace(with_data, layers=bare)
    assert [f.change for f in finding_changes(quiet, without).findings] == [
        "new", "better", "unchanged", "fixed",
    ]  # fmt: skip


def test_a_run_without_noise_is_no_proof_either() -> None:
    noiseless = {name: layer(has_noise=False) for name in "abcde"}
    (sentence,) = finding_changes(run(found("a")), replace(run(), layers=noiseless)).not_compared
    assert "only in the earlier run was the quantized network emulated" in sentence


def test_a_layer_that_only_one_run_measured_is_no_change() -> None:
    stopped = {n: layer(is_measured=n < "c", has_noise=n < "c") for n in "abcde"}
    whole = run(found("a c", id="x"), found("d e", id="y"), found("b d", id="z"))
    part = replace(run(found("a", id="x")), layers=stopped)
    for runs, change in (((whole, part), "fixed"), ((part, whole), "new")):
        found_changes = finding_changes(*runs)
        assert {f.id: f.change for f in found_changes.findings} == {"x": "unchanged", "z": change}
        assert found_changes.not_compared == (
            "1 finding (y): d and e could be measured in one of the runs only",
        )


def test_a_layer_of_one_network_only_is_a_change() -> None:
    now = run(found("f"), layers=("a", "b", "f"))
    assert changes(run(), now) == [("new", "warning", "f")]


def test_what_an_inspector_left_out_is_told_beside_what_it_found() -> None:
    before = run(inspectors={"AInspector": InspectorFacts("AInspector", not_checked=("outputs",))})
    assert finding_changes(before, run(found("a"))).not_compared == (
        "What AInspector did not check in the earlier run: outputs",
    )
    assert finding_changes(run(found("a")), before).not_compared == (
        "What AInspector did not check in this run: outputs",
    )
    assert finding_changes(before, before).not_compared == ()
    assert finding_changes(before, run()).not_compared == ()
