"""How one output comes out of a quantized network: its decisions first, then its noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from utils.findings import Severity
from utils.measurements.agreement import OutputAgreement
from utils.measurements.agreement.limits import (
    LEAST_MEDIAN_DB,
    LIMITS,
    limited,
    lost_by_median,
    lost_in_every_reading,
    worst_measure,
)
from utils.measurements.agreement.readings import Agreement, agreement, readings
from utils.measurements.noise import decibels
from utils.measurements.output_kind import OutputKind

# Of the samples, 10 % have no higher SNR.
LOW_SHARE = 0.1
# Less is rounding among pixels and values; a sample that is decided otherwise counts for more.
SAME_SHARE = 0.005
# Decisions that come back, and outweigh noise: fewer may be chance.
MANY_SHARE = 0.05
# Less is within the spread between two halves of a calibration set.
SAME_DB = 0.1
# What a fifth less noise gains: less is not worth that decisions or other samples suffer.
HELPS_DB = 1.0
# Outputs of these kinds are right or wrong, however close they are.
DECIDING_KINDS = frozenset({"classes", "segmentation", "scores", "detection", "heatmap"})
# What half of the noise is: less is not worth that a few samples are given up.
CLEAR_DB = 3.0


@dataclass(frozen=True)
class Outcome:
    """What was measured at one output over some samples.

    Parameters
    ----------
    kind : of the output.
    readings : measures by kind; of an output whose kind is known that kind alone.
    samples : how many there were.
    snr_db : pooled over all samples and values; NaN where class numbers leave, of which an SNR
        says nothing, and where there is neither signal nor noise.
    median_db, p10_db : SNR of the median sample, and that which a tenth of them do not exceed.
    silenced : channels that vary in float and have one code for all samples.
    """

    kind: OutputKind = "unknown"
    readings: Mapping[str, Mapping[str, Agreement]] = field(default_factory=dict)
    samples: int = 0
    snr_db: float = math.nan
    median_db: float = math.nan
    p10_db: float = math.nan
    silenced: int = 0

    @classmethod
    def of(cls, output: OutputAgreement, *, has_signal: bool = True) -> Outcome:
        """What was measured, in short.

        Parameters
        ----------
        has_signal : False where class numbers leave.
        """
        kind, samples = output.settled.kind, output.samples
        found: dict[str, Mapping[str, Agreement]] = {kind: agreement(output)}
        if kind == "unknown":
            found = {str(reading): measures for reading, measures in readings(output).items()}
        silenced = int(output.codes.silenced.sum())
        plain = cls(kind, found, len(samples.positions), silenced=silenced)
        if not has_signal:
            return plain
        return replace(
            plain,
            snr_db=decibels(float(samples.signal.sum()), float(samples.noise.sum())),
            median_db=samples.snr_db_at(0.5),
            p10_db=samples.snr_db_at(LOW_SHARE),
        )

    @property
    def measures(self) -> dict[str, Agreement]:
        """Measures of the known kind that have a limit, and that something was counted for."""
        found = limited(self.readings.get(self.kind, {}))
        return {name: each for name, each in found.items() if not math.isnan(each.value)}

    @property
    def is_counted(self) -> bool:
        """Whether decisions of a known kind were counted."""
        return bool(self.measures)

    @property
    def severity(self) -> Severity | None:
        """How bad what is lost is; None where nothing is."""
        if self.kind == "unknown":
            is_lost = bool(lost_in_every_reading(self.readings))
            by_median = lost_by_median(self.median_db, self.readings)
            return max(by_median or Severity.WARNING, Severity.WARNING) if is_lost else by_median
        worst = worst_measure(self.measures, self.median_db)
        return None if worst is None else worst[0]

    @property
    def is_fine(self) -> bool:
        """Whether no decision is lost, nor half of the samples."""
        return self.severity is None and not self.median_db < LEAST_MEDIAN_DB

    @property
    def room(self) -> float:
        """How far the measure that decides lies on the good side of its limit; NaN without one."""
        measures = self.measures.items()
        return min((LIMITS[n].room(each.value) for n, each in measures), default=math.nan)

    @property
    def deciding(self) -> str:
        """Name of the measure that decides; "" without one."""
        measures = self.measures
        return min(measures, key=lambda n: LIMITS[n].room(measures[n].value), default="")

    def gains_decisions_over(self, before: Outcome) -> bool:
        """Whether more is decided as in float, of what was lost; one more of enough is chance."""
        return before.room < 0 and self.room > before.room + SAME_SHARE

    def loses_decisions_of(self, before: Outcome) -> bool:
        """Whether less is decided as in float."""
        return self.room < before.room - SAME_SHARE

    def helps_over(self, before: Outcome) -> bool:
        """Whether decisions are gained, or a decibel, in the median or over all samples."""
        return self.gains_decisions_over(before) or self._gains_decibels_over(before, HELPS_DB)

    def helps_clearly_over(self, before: Outcome) -> bool:
        """The same, where one or two decisions more, which may be chance, are not enough.

        Where decisions are counted, less noise that brings none of them back has to be clear. Of
        numbers, pictures and vectors each decibel counts.
        """
        has_many = self.room >= before.room + MANY_SHARE or self.is_fine
        has_gained = self.gains_decisions_over(before) and has_many
        least_db = CLEAR_DB if before.is_counted and before.kind in DECIDING_KINDS else HELPS_DB
        return has_gained or self._gains_decibels_over(before, least_db)

    def _gains_decibels_over(self, before: Outcome, least_db: float) -> bool:
        return gained(self.median_db, before.median_db, least_db) or gained(
            self.snr_db, before.snr_db, least_db
        )

    def is_better_than(self, before: Outcome, least_db: float = SAME_DB) -> bool:
        """Whether decisions are gained, or the median sample is less noisy."""
        return self.gains_decisions_over(before) or gained(
            self.median_db, before.median_db, least_db
        )

    def is_worse_than(self, before: Outcome) -> bool:
        """Whether decisions are lost, or the noise is louder, and nothing outweighs that.

        Many decisions that come back do. A pooled SNR that falls may be that of single samples, so
        it is outweighed where the median sample gains as many decibels, and clearly. Where what
        counts is rare, as objects are among scores, the loud samples are those that hold it.
        """
        if self.is_worse_for_most(before):
            return True
        if self._has_many_decisions_back(before) or not gained(before.snr_db, self.snr_db, SAME_DB):
            return False
        enough_db = max(HELPS_DB, before.snr_db - self.snr_db)
        return not gained(self.median_db, before.median_db, enough_db)

    def is_worse_for_most(self, before: Outcome) -> bool:
        """The same where a few samples are given up, of which the pooled SNR speaks alone."""
        if self.loses_decisions_of(before) or _is_lost(self, before):
            return True
        return not self._has_many_decisions_back(before) and gained(
            before.median_db, self.median_db, SAME_DB
        )

    def _has_many_decisions_back(self, before: Outcome) -> bool:
        return before.room < 0 and self.room > before.room + MANY_SHARE


def gained(after_db: float, before_db: float, least_db: float) -> bool:
    """Whether an SNR is higher by some dB; what is infinite on both sides is the same."""
    return after_db != before_db and after_db - before_db >= least_db


def _is_lost(after: Outcome, before: Outcome) -> bool:
    """Whether numbers that were there before are no numbers any more."""
    numbers = ((before.snr_db, after.snr_db), (before.room, after.room))
    return any(not math.isnan(one) and math.isnan(other) for one, other in numbers)


Outcomes = Mapping[str, Outcome]
