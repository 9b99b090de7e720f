"""Fleets as data."""

from __future__ import annotations

from dataclasses import replace

from utils.fleet.history import Point, Trends
from utils.fleet.rows import AtOutput, Fleet, Row

FINISHED = "2026-01-02T03:04:05+00:00"
FINE = Row(
    "fine",
    "/nets/fine.har",
    "/nets/x.npy",
    0,
    verdict="No errors and no warnings.",
    severity="info",
    worst=AtOutput(
        "fc1", 31.54, "same_top1", 0.9876, "the same class as in float comes first", "fc1"
    ),
    samples=64,
    folder="archives/fine",
)
BAD = replace(
    FINE,
    name="bad",
    code=1,
    severity="error",
    cause="The images are normalized twice",
    cause_id="data-normalized-twice",
    next="Save the images as they are.",
    errors=1,
    worst=AtOutput("fc1", 3.2, "same_top1", 0.4, "40 of 100", "fc1"),
    against="worse than report.json",
    folder="archives/bad",
)
FAILED = Row("failed", "/nets/f.har", "", 2, failure="/nets/f.har is damaged")
HOSTILE = replace(
    BAD,
    name="<script>alert(1)</script>",
    archive="a\u202eb\"'><img src=x>",
    folder="archives/%2e#?",
    commands=("x(" + "1" * 999 + ")", "</code><script>alert(1)</script>"),
)


def fleet(*rows: Row) -> Fleet:
    return Fleet("nets/fleet.yaml", "error", rows, FINISHED, 12.5)


def many(count: int) -> tuple[Fleet, Trends]:
    """So many archives with thirty runs behind them."""
    states = (FINE, BAD, FAILED)
    rows = [
        replace(
            states[at % 3],
            name=f"net{at:03}",
            worst=replace(states[at % 3].worst, snr_db=None if at % 3 == 2 else float(at)),
        )
        for at in range(count)
    ]
    points = [Point(FINISHED, float(run % 7), 0.9 + run / 1000) for run in range(30)]
    return fleet(*rows), {row.name: points for row in rows}
