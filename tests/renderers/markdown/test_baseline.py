from __future__ import annotations

import pytest

from tests.baseline.runs import same_class
from tests.renderers.hostile import NAMES, hostile_baseline
from tests.renderers.pages import harmless_page
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.renderers.markdown.baseline import baseline_sections
from utils.renderers.markdown.fitted import fitted


def rendered(comparison: BaselineComparison) -> str:
    return fitted(baseline_sections(comparison), 60_000, "{} more.")


def test_nothing_to_tell_is_a_table_of_counts() -> None:
    page = harmless_page(rendered(BaselineComparison("old.json")))
    assert len(page.tables) == 1


def test_an_snr_that_is_no_number_may_be_infinite() -> None:
    outputs = (SnrChange("net/a", 12.0, None), SnrChange("net/b", None, 12.0))
    (_, table) = harmless_page(rendered(BaselineComparison("old.json", outputs=outputs))).tables
    assert table[1:] == [
        ["a", "12.0 dB", "not measured or not finite", ""],
        ["b", "not measured or not finite", "12.0 dB", ""],
    ]


def test_an_output_that_is_another_tensor_has_its_note_below_the_table() -> None:
    plain, other = SnrChange("net/a", 1.0, 2.0), SnrChange("net/b", 1.0, 2.0, "another tensor: x")
    text = rendered(BaselineComparison("old.json", outputs=(plain,)))
    assert "another" not in text
    text = rendered(BaselineComparison("old.json", outputs=(plain, other)))
    assert "\n\n- `b`: another tensor: x" in text
    assert len(harmless_page(text).tables[1]) == 3


def test_decisions_stand_worst_first() -> None:
    changes = (same_class(52, 64), same_class(63, 64), same_class(64, 52))
    text = rendered(BaselineComparison("old.json", decisions=changes))
    said = "the same class as in float comes first in"
    assert text.endswith(
        f"**What the outputs decide:**\n\n"
        f"- worse: `output_layer1`: {said} 52 of 64 samples, before 64 of 64\n\n"
        f"- better: `output_layer1`: {said} 64 of 64 samples, before 52 of 64\n\n"
        f"- `output_layer1`: {said} 64 of 64 samples, before 63 of 64"
    )
    assert "decide" not in rendered(BaselineComparison("old.json"))


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ((), "at `a`, `b`"),
        (("net/b",), "at `a`, `b`, new at `b`"),
        (("net/a", "net/b"), "at `a`, `b`"),
    ],
)
def test_layers_that_came_to_a_finding_are_named(added: tuple[str, ...], expected: str) -> None:
    layers = ("net/a", "net/b")
    finding = ChangedFinding("x", "worse", "error", "error", "A", "bad", layers, added)
    text = rendered(BaselineComparison("old.json", (finding,)))
    assert f"- worse: **`x`** (error) {expected}\n" in f"{text}\n"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_do_no_harm(name: str) -> None:
    comparison = hostile_baseline(name)
    note = SnrChange(name, 1.0, None, f"another tensor: {name}")
    harmless_page(rendered(BaselineComparison("x", comparison.findings, outputs=(note,))))
