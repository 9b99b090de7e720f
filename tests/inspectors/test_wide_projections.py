"""Layers that enter no activation, and are wide."""

from __future__ import annotations

import pytest

from inspectors.base_inspector import Context
from tests.house.evidence import loud, quiet
from tests.inspectors.test_batch_norm_inspector import (
    NORMAL,
    WIDE,
    Summary,
    abnormal,
    agreeing,
    findings,
    summary,
)
from tests.inspectors.wording_rules import assert_well_worded
from utils.har.statistics import ChannelStatistics


def projecting(high: float, wrong: int, *preactivations: ChannelStatistics) -> Context:
    """Layers without an activation, each with batch normalization."""
    return agreeing(high, wrong, *preactivations, type="conv", batch_norm=True, activation="linear")


@quiet("abnormal-preactivation")
def test_wide_projections_cost_nothing_where_nothing_is_lost_by_them() -> None:
    """Scaled, with the weights behind them divided, they leave the network as it is."""
    found = findings(projecting(1.0, 0, NORMAL, WIDE, WIDE, WIDE))[0]
    assert summary([found]) == [abnormal("info", 2, 3, 4)]
    assert found.asks_for_nothing
    assert_well_worded(found)


@loud("abnormal-preactivation")
@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (projecting(1.0, 50, NORMAL, WIDE, WIDE, WIDE), abnormal("warning", 2, 3, 4)),
        (projecting(255.0, 0, NORMAL, WIDE, WIDE, WIDE), abnormal("warning", 2, 3, 4)),
        (projecting(1.0, 0, *[WIDE] * 4), abnormal("warning", 1, 2, 3, 4)),
    ],
    ids=["decisions-are-lost", "wide-inputs", "wide-from-the-first-layer-on"],
)
def test_wide_projections_count_where_something_else_is_wrong(
    context: Context, expected: Summary
) -> None:
    assert summary(findings(context)[:1]) == [expected]
