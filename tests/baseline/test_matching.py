from __future__ import annotations

import pytest

from tests.baseline.runs import ERROR, WARNING, found
from utils.baseline.matching import Match, matches
from utils.baseline.run_facts import FindingFacts

# Findings of the run before and of now, then for each of now and for each that is gone: its
# layers, those of what it was before, those that were added and those that were removed.
CASES = {
    "the same": (["a b"], ["a b"], [("a b", ["a b"], "", "")]),
    "one layer less": (["a b c d e"], ["a b c d"], [("a b c d", ["a b c d e"], "", "e")]),
    "one layer more": (["a"], ["a b"], [("a b", ["a"], "b", "")]),
    "another layer": (["a"], ["b"], [("b", [], "b", ""), (None, ["a"], "", "a")]),
    "about the whole network": ([""], [""], [("", [""], "", "")]),
    "the network, then a layer": ([""], ["a"], [("a", [], "a", ""), (None, [""], "", "")]),
    "the closest of several": (
        ["a b c", "d e"],
        ["d e", "a b"],
        [("d e", ["d e"], "", ""), ("a b", ["a b c"], "", "c")],
    ),
    "one of several is gone": (["a", "b"], ["b"], [("b", ["b"], "", ""), (None, ["a"], "", "a")]),
    "joined": (["a", "b"], ["a b"], [("a b", ["a", "b"], "", "")]),
    "split": (["a b c"], ["a", "b c"], [("a", ["a b c"], "", ""), ("b c", ["a b c"], "", "")]),
    "sorted otherwise": (
        ["a", "b c"],
        ["a b", "c"],
        [("a b", ["a"], "", ""), ("c", ["b c"], "", "")],
    ),
    "a second one at a layer": (["a"], ["a", "a"], [("a", ["a"], "", ""), ("a", [], "", "")]),
    "one of two at a layer": (["a", "a"], ["a"], [("a", ["a"], "", ""), (None, ["a"], "", "a")]),
}


def named(layers: frozenset[str]) -> str:
    return " ".join(sorted(layers))


def told(match: Match) -> tuple[str | None, list[str], str, str]:
    now = None if match.now is None else " ".join(match.now.layers)
    before = [" ".join(finding.layers) for finding in match.before]
    return now, before, named(match.added), named(match.removed)


@pytest.mark.parametrize("case", CASES)
def test_findings_of_one_id_are_known_by_their_layers(case: str) -> None:
    before, now, expected = CASES[case]
    assert [told(m) for m in matches(map(found, before), map(found, now))] == expected


def test_a_layer_with_a_milder_finding_before_is_added_to_the_graver_one() -> None:
    before = [found("a b", ERROR), found("c", WARNING)]
    (match,) = (m for m in matches(before, [found("a b c d", ERROR)]) if m.now)
    assert (named(match.added), named(match.removed)) == ("c d", "")


@pytest.mark.parametrize("layers", ["a", "a l{}", "a b c d e {}"])
def test_thousands_at_one_layer_are_not_all_compared_with_each_other(
    layers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def layer_set(finding: FindingFacts) -> frozenset[str]:
        compared.append(finding)
        return frozenset(finding.layers)

    monkeypatch.setattr(FindingFacts, "layer_set", property(layer_set))
    before, now = (
        [found(layers.format(f"{run}{i}"), message=f"m{run}x{i}y") for i in range(count)]
        for run, count in enumerate((2_000, 200))
    )
    told_of = list(matches(before, now))
    assert len([m for m in told_of if m.now]) == 200
    assert sum(len(m.before) for m in told_of) >= 2_000
    assert len(compared) < 50_000  # of 400,000 pairs


def test_another_id_or_inspector_is_another_finding() -> None:
    before = [found("a", id="low-snr"), found("b", inspector="BInspector")]
    now = [found("a", id="high-snr"), found("b", inspector="CInspector")]
    assert [bool(match.now and match.before) for match in matches(before, now)] == [False] * 4


def pairs(before: list[FindingFacts], now: list[FindingFacts]) -> list[tuple[str, str]]:
    """Messages (before, now), "" for none."""
    return [
        (match.before[0].message if match.before else "", match.now.message if match.now else "")
        for match in matches(before, now)
    ]


def test_what_stands_in_a_script_is_known_by_its_headline() -> None:
    before = [
        found(line=3, message="it is 3", headline="conv1 is no layer"),
        found(line=9, message="it is 4", headline="nrom is no command"),
    ]
    now = [
        found(line=7, message="it is 5", headline="nrom is no command"),
        found(line=9, message="it is 6", headline="conv2 is no layer"),
    ]
    assert pairs(before, now) == [("it is 4", "it is 5"), ("", "it is 6"), ("it is 3", "")]


def test_of_two_at_one_layer_the_headlines_decide() -> None:
    before = [
        found("a", message="x is 3", headline="x"),
        found("a", message="y is 4", headline="y"),
    ]
    now = [
        found("a", message="y is 5", headline="y"),
        found("a", message="x is 2.5", headline="x"),
    ]
    assert pairs(before, now) == [("y is 4", "y is 5"), ("x is 3", "x is 2.5")]


def test_a_report_without_headlines_is_known_by_its_layers() -> None:
    before = [found("a", message="old", headline=""), found("b", message="older", headline="")]
    now = [found("b", message="newer"), found("a", message="new"), found("c", message="other")]
    assert pairs(before, now) == [("older", "newer"), ("old", "new"), ("", "other")]


def test_a_report_without_headlines_is_known_by_its_lines_then_by_its_order() -> None:
    before = [
        found(line=3, message="old 3", headline=""),
        found(line=9, message="old 9", headline=""),
        found(line=10, message="old 10", headline=""),
    ]
    now = [found(line=9, message="new 9"), found(line=4, message="new 4")]
    assert pairs(before, now) == [("old 9", "new 9"), ("old 3", "new 4"), ("old 10", "")]


def test_a_severity_that_splits_a_finding_makes_none_new() -> None:
    now = [found("a", ERROR), found("b c", WARNING)]
    assert all(match.before for match in matches([found("a b c")], now))
    assert all(match.now for match in matches(now, [found("a b c")]))
