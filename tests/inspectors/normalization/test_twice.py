"""Values in units of their own, whose constants are as large as those of pixels are."""

from __future__ import annotations

import pytest

from inspectors.base_inspector import Context
from tests.fixtures.builders import build_statistics
from tests.house.evidence import loud, quiet
from tests.inspectors.normalization.contexts import (
    BY_IMAGENET,
    TABLE,
    TWICE,
    UNIT,
    Z_SCORES,
    build,
    findings,
    summary,
)

# Degrees, percent and metres a second.
WEATHER = build_statistics(
    low=(-18.0, 4.0, 0.0), high=(34.0, 100.0, 19.0), mean=(9.6, 58.0, 4.2), std=(10.4, 22.0, 3.3)
)
CENTRED = build_statistics(
    low=(-27.0, -56.0, -4.4), high=(25.0, 42.0, 15.0), mean=0.1, std=(10.4, 22.0, 3.3)
)
BY_WEATHER = "normalization1 = normalization([9.1, 60.2, 4.4], [10.1, 23.1, 3.1])"
MAPS = (32, 64, 3)


@quiet("data-normalized-twice")
@pytest.mark.parametrize(
    "context",
    [
        build(WEATHER, shape=TABLE, script=BY_WEATHER),
        build(WEATHER, shape=TABLE, script=BY_WEATHER, stored=True),
        build(WEATHER, shape=MAPS, script=BY_WEATHER),
    ],
    ids=["table", "table-as-stored", "maps"],
)
def test_units_of_their_own_are_right(context: Context) -> None:
    assert TWICE[0] not in [finding.id for finding in findings(context)]


@loud("data-normalized-twice")
@pytest.mark.parametrize(
    "context",
    [
        build(Z_SCORES, shape=TABLE, script=BY_WEATHER),
        build(UNIT, shape=TABLE, script=BY_WEATHER),
        build(CENTRED, shape=TABLE, script=BY_WEATHER),
        # A recipe is for pixels, whatever its constants make of other values.
        build(build_statistics(-30.0, 255.0, mean=118.0, std=62.0), script=BY_IMAGENET),
    ],
    ids=["z-scores", "of-0-to-1", "mean-subtracted", "recipe-for-pixels"],
)
def test_what_was_normalized_before_is_not(context: Context) -> None:
    assert summary(findings(context)) == [TWICE]
