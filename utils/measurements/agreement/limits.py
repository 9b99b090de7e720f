"""From which loss on an output no longer decides as in float: first numbers for each measure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from utils.findings import Severity
from utils.measurements.agreement.readings import Agreement

Kind = TypeVar("Kind", bound=str)

# Of fewer decisions one that changes is no rate: the 95 % interval of one out of one ends at 79 %.
FEWEST_DECISIONS = 4


@dataclass(frozen=True)
class Limit:
    """Below which value a measure is a warning, and an error; above which, if less is better."""

    warning: float
    error: float
    less_is_better: bool = False

    def severity(self, found: Agreement) -> Severity | None:
        """None where the numbers may come from enough agreement: the better end of it counts."""
        best = found.low if self.less_is_better else found.high
        return self.severity_of(found.value if math.isnan(best) else best)

    def severity_of(self, value: float) -> Severity | None:
        """How bad a value is, taken as it is; None for what is no number."""
        if math.isnan(value):
            return None
        if self._is_short_of(self.error, value):
            return Severity.ERROR
        return Severity.WARNING if self._is_short_of(self.warning, value) else None

    def _is_short_of(self, limit: float, value: float) -> bool:
        return value > limit if self.less_is_better else value < limit

    def room(self, value: float) -> float:
        """How far a value lies on the good side of the limits, in its own unit; negative beyond."""
        distances = [limit - value for limit in (self.warning, self.error) if math.isfinite(limit)]
        return min(distances) if self.less_is_better else -max(distances)

    @property
    def marks(self) -> tuple[float, ...]:
        """The limits of what is kept, the worst first."""
        kept = {1 - each if self.less_is_better else each for each in (self.error, self.warning)}
        return tuple(sorted(each for each in kept if math.isfinite(each)))


_SHARE = Limit(0.95, 0.85)
_CELLS = Limit(0.92, 0.80)
LIMITS: Mapping[str, Limit] = {
    "same_top1": _SHARE,
    "same_place": _SHARE,
    "still_fire": _SHARE,
    "fired_rightly": _SHARE,
    "same_class": _SHARE,
    "mean_iou": Limit(0.85, 0.70),  # a pixel that changes leaves one class and spoils another
    "cells_still_fire": _CELLS,
    "cells_fired_rightly": _CELLS,
    "box_iou": Limit(0.9, 0.75),
    "same_neighbour": _SHARE,
    "cosine": Limit(0.99, 0.95),
    # A quarter of the values may be off by a tenth, or by three tenths, of their spread.
    "beyond_0.1": Limit(0.25, math.inf, less_is_better=True),
    "beyond_0.3": Limit(math.inf, 0.25, less_is_better=True),
    "psnr_db": Limit(35.0, 25.0),
    "same_peak": _SHARE,
}

# A median sample below this has lost so much that any reading of the output suffers. Small trained
# networks at 10 to 12 dB, 13 of them, all lost: 8 of them 9 to 22 points of a hundred, the others
# 1 to 3. None without a fault had less than 15 dB.
LEAST_MEDIAN_DB = 12.0
# Below this the error of half of the samples is larger than what they hold.
NOTHING_LEFT_DB = 0.0


def limited(measures: Mapping[str, Agreement]) -> dict[str, Agreement]:
    """Those measures that have a limit."""
    return {name: each for name, each in measures.items() if name in LIMITS}


def worst_measure(
    measures: Mapping[str, Agreement], median_db: float = math.nan
) -> tuple[Severity, str] | None:
    """The measure that is beyond its limit, the worst of several; None where none is.

    Parameters
    ----------
    median_db : SNR of the median sample. Where it is too low for any reading, a few decisions that
        changed are no chance, and a measure short of its limit is a warning.

    Returns
    -------
    Severity, and name of the measure.
    """
    is_drowned = lost_by_median(median_db) is not None
    worst: tuple[Severity, str] | None = None
    for name, each in limited(measures).items():
        severity = LIMITS[name].severity(each)
        if severity is None and is_drowned and LIMITS[name].severity_of(each.value) is not None:
            severity = Severity.WARNING
        if severity is not None and (worst is None or severity > worst[0]):
            worst = severity, name
    return worst


def lost_in_every_reading(readings: Mapping[Kind, Mapping[str, Agreement]]) -> dict[Kind, str]:
    """The measure that is beyond its limit, by kind; empty where one reading keeps its limits.

    Parameters
    ----------
    readings : measures of an output of unknown kind, by what it may be; a single one is no choice.
    """
    worst = {kind: worst_measure(measures) for kind, measures in readings.items()}
    lost = {kind: found[1] for kind, found in worst.items() if found is not None}
    return lost if len(readings) > 1 and len(lost) == len(readings) else {}


def lost_by_median(
    median_db: float, readings: Mapping[Kind, Mapping[str, Agreement]] | None = None
) -> Severity | None:
    """How bad it is where nobody knows what an output is: only what spares no reading counts.

    An error is larger than what it hits, and an error in every reading: classes bear a shift that
    is the same for all of them.
    """
    if not median_db < LEAST_MEDIAN_DB:
        return None
    worst = [worst_measure(measures) for measures in (readings or {}).values()]
    is_gone = bool(worst) and all(found and found[0] is Severity.ERROR for found in worst)
    return Severity.ERROR if is_gone and median_db < NOTHING_LEFT_DB else Severity.WARNING
