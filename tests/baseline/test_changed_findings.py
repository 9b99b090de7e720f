from __future__ import annotations

from dataclasses import replace

import pytest

from tests.baseline.runs import ERROR, INFO, WARNING, found, layer, run
from utils.baseline.changed_findings import finding_changes
from utils.baseline.run_facts import FindingFacts, InspectorFacts, RunFacts

LOW = "low-snr"
COUNTED = (
    "(a-problem and other) may be new, and count as new for --fail-on new-error and new-warning"
)


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
        (found("a b c", ERROR), found("a b c", WARNING), "better"),
        (found("a b c", ERROR), found("a b", WARNING), "better"),
        (found("a", ERROR), found("a b c d", WARNING), "worse"),
        (found("a b", WARNING), found("a", ERROR), "worse"),
        (found("a b", ERROR), found("a c", ERROR), "worse"),
        (found("a b c d e"), found("a f"), "worse"),
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
    sentence, *rest = found_changes.not_compared
    assert reason in sentence
    assert ("in this run" in sentence) == is_reversed
    assert "a-problem and other" in sentence
    assert rest == ([] if is_reversed else [f"Of these, 2 warnings of this run {COUNTED}"])
    assert len(found_changes.left_out) == (0 if is_reversed else 2)


def test_infos_that_could_not_be_compared_are_left_at_that() -> None:
    silent = run(inspectors={})
    assert len(finding_changes(silent, run(found("a", INFO))).not_compared) == 1


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
    assert found_changes.not_compared == (
        "3 findings (y, z and v): only in the earlier run were data measured",
        "Of these, 1 warning of this run (v) may be new, and count as new for --fail-on new-error "
        "and new-warning",
    )
    assert [(f.id, f.change) for f in found_changes.left_out] == [("v", "new")]
    quiet = replace(with_data, layers=bare)
    assert [f.change for f in finding_changes(quiet, without).findings] == [
        "new", "better", "unchanged", "fixed",
    ]  # fmt: skip


def test_what_takes_no_data_is_compared_whoever_had_them() -> None:
    bare = {name: layer(is_measured=False, has_noise=False) for name in "abcde"}
    before = replace(run(found("a"), found("b", id="old")), layers=bare)
    now = run(found("a c"), found("d", ERROR, id="other"))
    assert len(finding_changes(before, now).left_out) == 2
    found_changes = finding_changes(before, now, ["AInspector"])
    assert [(f.id, f.change, f.added) for f in found_changes.findings] == [
        ("other", "new", ("d",)),
        ("a-problem", "worse", ("c",)),
        ("old", "fixed", ()),
    ]
    assert (found_changes.left_out, found_changes.not_compared) == ((), ())
    skipped = replace(now, inspectors={"AInspector": InspectorFacts("AInspector", skipped="x")})
    assert "was skipped" in finding_changes(before, skipped, ["AInspector"]).not_compared[0]


def test_a_layer_that_moves_between_findings_of_one_id_is_sound_nowhere() -> None:
    before = run(found("a b", WARNING), found("c d", WARNING))
    assert changes(before, run(found("a b c", WARNING), found("d", WARNING))) == [
        ("unchanged", "warning", "a b c"),
        ("unchanged", "warning", "d"),
    ]
    graver = finding_changes(before, run(found("a b", WARNING), found("c d e", ERROR)))
    assert [(f.change, f.added) for f in graver.findings] == [
        ("worse", ("c", "d", "e")),
        ("unchanged", ()),
    ]


def test_milder_ones_at_more_layers_are_worse_and_no_error() -> None:
    (finding,) = finding_changes(run(found("a", ERROR)), run(found("a b", WARNING))).findings
    assert (finding.change, finding.severity, finding.severity_before, finding.added) == (
        "worse",
        "warning",
        "error",
        ("b",),
    )


def test_a_run_without_noise_is_no_proof_either() -> None:
    noiseless = {name: layer(has_noise=False) for name in "abcde"}
    (sentence,) = finding_changes(run(found("a")), replace(run(), layers=noiseless)).not_compared
    assert "only in the earlier run was the quantized network emulated" in sentence


def test_a_layer_that_only_one_run_measured_is_no_change() -> None:
    stopped = {n: layer(is_measured=n < "c", has_noise=n < "c") for n in "abcde"}
    whole = run(found("a c", id="x"), found("d e", id="y"), found("b d", id="z"))
    part = replace(run(found("a", id="x")), layers=stopped)
    where = "could be measured in one of the runs only"
    lost = finding_changes(whole, part)
    assert {f.id: f.change for f in lost.findings} == {"x": "unchanged", "z": "fixed"}
    assert lost.not_compared == (f"1 finding (y): d and e {where}",)
    assert lost.left_out == ()
    gained = finding_changes(part, whole)
    assert {f.id: f.change for f in gained.findings} == {"z": "new"}
    assert gained.not_compared[:2] == (
        f"1 finding (x): c {where}",
        f"1 finding (y): d and e {where}",
    )
    assert {f.id: f.change for f in gained.left_out} == {"x": "worse", "y": "new"}


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


def test_a_severity_that_data_decided_in_one_run_is_not_compared() -> None:
    bare = {name: layer(is_measured=False, has_noise=False) for name in "abcde"}
    mild = run(found("a b", INFO, a=1.0, b=2.0))
    unknown = replace(run(found("a b", WARNING, a=1.0, b=2.0)), layers=bare)
    for before, now, when in ((mild, unknown, "the earlier"), (unknown, mild, "this")):
        compared = finding_changes(before, now, ["AInspector"])
        assert (compared.findings, compared.left_out) == ((), ())
        assert compared.not_compared == (
            f"1 finding (a-problem): only in {when} run were data measured, which decide its "
            "severity",
        )
    # The archive itself is another one: further layers, or other numbers.
    for worse in (found("a c", WARNING, a=1.0, c=3.0), found("a b", WARNING, a=9.0, b=2.0)):
        now = replace(run(worse), layers=bare)
        assert [f.change for f in finding_changes(mild, now, ["AInspector"]).findings] == ["worse"]
