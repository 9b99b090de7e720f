from __future__ import annotations

import pytest

from tests.baseline.runs import same_class
from tests.fixtures.builders import build_layer, build_model
from tests.renderers.hostile import NAMES, hostile_baseline, hostile_report
from utils.baseline import BaselineComparison, Change, ChangedFinding, SnrChange
from utils.findings import Severity
from utils.renderers.terminal.baseline_lines import baseline_lines
from utils.renderers.terminal.wording import ShortNames


def changed(
    change: Change,
    id: str,
    *layers: str,
    severity: str = "warning",
    before: str | None = None,
    added: tuple[str, ...] = (),
) -> ChangedFinding:
    return ChangedFinding(id, change, severity, before, "A", "it is bad", layers, added)


def lines(*findings: ChangedFinding, **parts: object) -> list[str]:
    comparison = BaselineComparison("old.json", findings, **parts)  # type: ignore[arg-type]
    return [f"{severity.label}: {text}" for severity, text in baseline_lines(comparison)]


def test_where_nothing_changed_one_line_is_enough() -> None:
    assert lines() == ["info: Against old.json: no findings"]
    assert lines(changed("unchanged", "x", before="warning")) == [
        "info: Against old.json: 1 unchanged"
    ]


def test_new_and_worse_ones_are_named_and_the_others_counted() -> None:
    assert lines(
        changed("new", "low-snr", "a", "b"),
        changed("new", "level-lowered", severity="info"),
        changed("worse", "clipped", "a", severity="error", before="warning"),
        changed("worse", "noisy", "a", before="warning"),
        changed("better", "fine", "a", before="error"),
        changed("unchanged", "same", "a", before="warning"),
        changed("fixed", "gone", "a", before="warning"),
    ) == [
        "info: Against old.json: 2 new, 2 worse, 1 better, 1 unchanged, 1 fixed",
        "warning: New: low-snr at a and b",
        "info: New: level-lowered",
        "error: Worse: clipped at a, before warning",
        "warning: Worse: noisy at a",
        "info: Better: fine at a, before error",
        "info: Fixed: gone at a",
    ]


def test_decisions_that_moved_are_told_and_one_that_did_not() -> None:
    said = "info: Decisions at net/output_layer1: the same class as in float comes first in"
    moved = lines(decisions=(same_class(64, 64), same_class(52, 64), same_class(64, 52)))
    assert moved[1:] == [
        f"{said} 52 of 64 samples, before 64 of 64",
        f"{said} 64 of 64 samples, before 52 of 64",
    ]
    same = lines(decisions=(same_class(64, 64), same_class(62, 62)))
    assert same[1:] == [f"{said} 64 of 64 samples, as before"]


def test_whatever_is_counted_is_named() -> None:
    gone = changed("fixed", "level-lowered", severity="info", before="info")
    assert lines(gone) == ["info: Against old.json: 1 fixed", "info: Fixed: level-lowered"]


@pytest.mark.parametrize(
    ("severity", "before", "added", "expected"),
    [
        ("error", "error", (), "error: Worse: x at a and b"),
        ("error", "error", ("b",), "error: Worse: x at a and b, new at b"),
        ("warning", "error", ("b",), "warning: Worse: x at a and b, new at b, before error"),
        ("error", "warning", ("a", "b"), "error: Worse: x at a and b, before warning"),
    ],
)
def test_layers_that_came_to_a_finding_are_named(
    severity: str, before: str, added: tuple[str, ...], expected: str
) -> None:
    finding = changed("worse", "x", "a", "b", severity=severity, before=before, added=added)
    assert lines(finding)[1:] == [expected]


def test_layers_are_called_by_their_short_names_where_these_are_unambiguous() -> None:
    model = build_model([build_layer("input_layer1"), build_layer("conv1"), build_layer("fc1")])
    comparison = BaselineComparison(
        "old.json",
        (changed("worse", "x", "net/conv1", "net/fc1", added=("net/fc1",)),),
        layers=(SnrChange("net/conv1", 1.0, 5.0), SnrChange("old/conv1", 5.0, 1.0)),
        outputs=(SnrChange("net/fc1", 1.0, 5.0),),
        changes=("Precision: 1 layer went from a to b: net/conv1",),
        not_compared=("net/fc1 could be measured in one of the runs only",),
    )
    assert [text for _, text in baseline_lines(comparison, ShortNames(model))][1:] == [
        "Changed: Precision: 1 layer went from a to b: conv1",
        "Worse: x at conv1 and fc1, new at fc1",
        "SNR at output fc1: 5.0 dB, before 1.0 dB (+4.0 dB)",
        "Gained most: conv1 (+4.0 dB)",
        "Lost most: old/conv1 (-4.0 dB)",
        "Not compared: fc1 could be measured in one of the runs only",
    ]
    whole_names = [text for _, text in baseline_lines(comparison)]
    assert "Gained most: net/conv1 (+4.0 dB)" in whole_names


def test_findings_of_one_id_share_a_line_and_long_lists_are_counted() -> None:
    same = [changed("new", "unused-range", f"l{i}") for i in range(7)]
    kinds = [changed("new", f"x{i}") for i in range(12)]
    assert lines(*same)[1:] == [
        "warning: New: unused-range (7 findings) at l0, l1, l2, l3, l4 and 2 more"
    ]
    assert len(lines(*kinds)) == 12
    assert lines(*kinds)[-1] == (
        "info: Changed as well: 2 more findings (all are in the --json report)"
    )


def test_layers_that_moved_most_come_first() -> None:
    layers = tuple(SnrChange(f"l{i}", 10.0, 10.0 + gain) for i, gain in enumerate(range(-7, 8)))
    assert lines(layers=layers)[1:] == [
        "info: Gained most: l14 (+7.0 dB), l13 (+6.0 dB), l12 (+5.0 dB), l11 (+4.0 dB), "
        "l10 (+3.0 dB) and 2 more",
        "info: Lost most: l0 (-7.0 dB), l1 (-6.0 dB), l2 (-5.0 dB), l3 (-4.0 dB), l4 (-3.0 dB) "
        "and 2 more",
    ]
    assert lines(layers=(SnrChange("a", 10.0, 10.4), SnrChange("b", None, 3.0))) == lines()


def test_outputs_are_told_before_and_now() -> None:
    outputs = (
        SnrChange("a", 12.5, 38.1),
        SnrChange("b", 12.5, 12.51),
        SnrChange("c", None, 12.5),
        SnrChange("d", 12.5, None),
        SnrChange("e", 12.5, 38.1, "another tensor: box"),
    )
    assert lines(outputs=outputs)[1:] == [
        "info: SNR at output a: 38.1 dB, before 12.5 dB (+25.6 dB)",
        "info: SNR at output b: 12.5 dB as before",
        "info: SNR at output c: 12.5 dB, before not measured or not finite",
        "info: SNR at output d: not measured or not finite, before 12.5 dB",
        "info: SNR at output e: 38.1 dB, before 12.5 dB (+25.6 dB); another tensor: box",
    ]
    many = tuple(SnrChange(f"o{i}", 1.0, 2.0) for i in range(7))
    assert lines(outputs=many)[-1] == ("info: SNR at 2 more outputs (all are in the --json report)")


def test_what_changed_and_what_was_not_compared_is_said() -> None:
    assert lines(changes=("Chip: a, before b",), not_compared=("1 finding",))[1:] == [
        "info: Changed: Chip: a, before b",
        "info: Not compared: 1 finding",
    ]


def test_another_network_is_a_warning() -> None:
    assert lines(not_compared=("another network",), is_comparable=False) == [
        "warning: Against old.json: not compared, another network"
    ]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_stay_on_their_line(name: str) -> None:
    names = ShortNames(hostile_report(name).model)
    comparison = hostile_baseline(name)
    for severity, text in (*baseline_lines(comparison), *baseline_lines(comparison, names)):
        assert isinstance(severity, Severity)
        assert text.isprintable()
        assert len(text) < 700
        text.encode("utf-8")
