from __future__ import annotations

import math
from dataclasses import replace

from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.renderers.html.comparison import (
    MAX_DRAWN,
    MAX_SENTENCE,
    MAX_SENTENCES,
    SHOWN,
    SnrRow,
    comparison_chart,
    comparison_view,
)

FINDING = ChangedFinding("low-snr", "fixed", "warning", "warning", "AInspector", "It was noisy")


def test_without_an_earlier_run_there_is_nothing_to_compare() -> None:
    assert comparison_view(None, str) is None
    assert comparison_chart(None) is None


def test_all_changes_are_shown_also_those_that_did_not_happen() -> None:
    view = comparison_view(BaselineComparison("r.json", (FINDING,)), str)
    assert view is not None
    assert {group.change: len(group.shown) for group in view.groups} == {
        "new": 0,
        "worse": 0,
        "better": 0,
        "unchanged": 0,
        "fixed": 1,
    }
    assert comparison_chart(BaselineComparison("r.json", (FINDING,))) is None


def test_the_largest_differences_come_first() -> None:
    changes = [SnrChange(f"net/a{i}", 10.0, 10.0 + i / 10) for i in range(SHOWN)]
    changes += [SnrChange("net/lost", 30.0, 12.5), SnrChange("net/new", None, math.inf)]
    comparison = BaselineComparison("r.json", layers=tuple(changes))
    view = comparison_view(comparison, str)
    assert view is not None
    assert view.layers[0] == SnrRow("net/lost", "30.0", "12.5", "−17.5")
    assert view.layers[1].gain == "+1.9"
    assert (len(view.layers), view.more_layers) == (SHOWN, 2)
    chart = comparison_chart(comparison)
    assert chart is not None
    assert chart["labels"][-2:] == ["lost", "new"]
    assert (chart["before"][-1], chart["now"][-1]) == (None, "inf")


def test_what_cannot_be_subtracted_has_no_gain() -> None:
    changes = (SnrChange("a", None, 3.0), SnrChange("b", math.inf, math.inf))
    view = comparison_view(BaselineComparison("r.json", outputs=changes), str)
    assert view is not None
    assert [row.gain for row in view.outputs] == ["", ""]


def test_an_earlier_report_of_any_size_is_bounded() -> None:
    long, many = "x" * 5000, 900
    changed = replace(FINDING, message=long, severity_before="error")
    comparison = BaselineComparison(
        long,
        (changed,) * many,
        tuple(SnrChange(f"net/a{i}", 1.0, 1.0 + i) for i in range(5000)),
        (SnrChange(long, 1.0, 2.0),) * many,
        changes=(long,) * many,
        not_compared=(long,) * many,
        script_added=(long,) * many,
    )
    view = comparison_view(comparison, str)
    assert view is not None
    fixed = next(group for group in view.groups if group.change == "fixed")
    assert (fixed.count, len(fixed.shown)) == (many, MAX_SENTENCES)
    assert fixed.shown[0].severity == "error → warning"
    assert len(fixed.shown[0].message) == MAX_SENTENCE
    for sentences in (view.changes, view.not_compared, view.script_added):
        assert (len(sentences.shown), sentences.more) == (MAX_SENTENCES, many - MAX_SENTENCES)
    assert (len(view.outputs), view.more_outputs) == (MAX_SENTENCES, many - MAX_SENTENCES)
    chart = comparison_chart(comparison)
    assert chart is not None
    assert len(chart["labels"]) == MAX_DRAWN
    assert chart["labels"][-1] == "a4999"


def test_layers_have_short_names_but_in_statements() -> None:
    comparison = BaselineComparison(
        "r.json",
        (replace(FINDING, message="net/a is bad"),),
        layers=(SnrChange("net/a", 1.0, 2.0),),
        script_added=("allocate([net/a])",),
    )
    view = comparison_view(comparison, lambda text: text.replace("net/", ""))
    assert view is not None
    fixed = next(group for group in view.groups if group.change == "fixed")
    assert (fixed.shown[0].message, view.layers[0].name) == ("a is bad", "a")
    assert view.script_added.shown == ("allocate([net/a])",)
