"""Lines of a model script are called the same in every report, by how much stands behind them."""

from __future__ import annotations

import pytest

from utils.findings import Finding, Recommendation, Severity
from utils.renderers.standing import label

LINE = ("x(1)",)


@pytest.mark.parametrize(
    ("recommendation", "said"),
    [
        (Recommendation(LINE), "Recommended"),
        (Recommendation(LINE, default=False), "To try"),
        (Recommendation(LINE, proven=True), "Helped in emulation"),
        (Recommendation(LINE, ranges={"net/conv1": (0.0, 1.0)}), "Not proven by a trial"),
        (None, ""),
    ],
)
def test_how_lines_are_called(recommendation: Recommendation | None, said: str) -> None:
    assert label(Finding("a-problem", Severity.INFO, "A", recommendation=recommendation)) == said
