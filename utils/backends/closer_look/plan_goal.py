"""What a 16-bit plan has to reach: decisions first, then decibels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from utils.backends.networks import Networks
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements.agreement import AgreementMeasurements
from utils.measurements.agreement.limits import LEAST_MEDIAN_DB
from utils.measurements.agreement.outcome import (
    CLEAR_DB,
    HELPS_DB,
    SAME_DB,
    Outcome,
    Outcomes,
    gained,
)
from utils.outputs.producers import SELECTING_TYPES, class_number_outputs

# Of fewer samples one decision more or less says nothing.
FEWEST_COUNTED = 8


@dataclass(frozen=True)
class Goal:
    """What has to become of every output.

    Where decisions of a known kind are counted, they have to be kept, by the numbers as they are:
    a plan is a promise, so no doubt speaks for it. Where they are not, the pooled SNR and that of
    the median sample have to reach the target. What was fine may not become worse.

    Parameters
    ----------
    before : outcomes of the archive by output, over all samples.
    target_db : SNR wanted.
    is_asked : whether somebody asked for that target: then the pooled SNR of every output counts.
    by_decisions : whether kept decisions suffice where they are counted.
    margin_db : what trials on some of the samples have to reach beyond the target.
    floor_db : what the median sample has to reach in any case.
    """

    before: Outcomes
    target_db: float
    is_asked: bool = False
    by_decisions: bool = False
    margin_db: float = 0.0
    floor_db: float = LEAST_MEDIAN_DB

    @property
    def is_reached_already(self) -> bool:
        """Whether the archive needs no plan."""
        return not any(self._is_wanted(found) for found in self.before.values())

    def _is_wanted(self, found: Outcome) -> bool:
        if self.is_asked:
            is_lost = found.is_counted and found.severity is not None
            return is_lost or not _reaches(found.snr_db, self.target_db)
        if found.is_counted:
            return not found.is_fine
        return not (found.is_fine and _reaches(found.snr_db, self.target_db))

    def is_met(self, after: Outcomes) -> bool:
        """Whether every output is there; one that could not be run is not."""
        return bool(self.before) and not self.missing(after)

    def missing(self, after: Outcomes) -> list[str]:
        """Outputs that are not there."""
        return [
            name
            for name, found in self.before.items()
            if name not in after or not self._is_met(found, after[name])
        ]

    def _is_met(self, before: Outcome, after: Outcome) -> bool:
        keeps = not _lacks_decisions(before, after)
        return keeps and all(_reaches(value, least) for value, least in self._wanted(before, after))

    def _wanted(self, before: Outcome, after: Outcome) -> Iterator[tuple[float, float]]:
        """SNR in dB, and what it has to reach."""
        target = self.target_db + self.margin_db
        if self.is_asked:
            yield after.snr_db, target
        elif self._is_wanted(before):
            yield after.median_db, self.floor_db
            if not (after.is_counted and self.by_decisions):
                yield after.median_db, target
            if not after.is_counted:
                yield after.snr_db, target

    @property
    def without_margin(self) -> Goal:
        """What has to be reached over all samples."""
        return replace(self, margin_db=0.0, floor_db=LEAST_MEDIAN_DB)

    def nearly(self, best: Outcomes) -> Goal:
        """What is wanted where the best set misses an SNR that nobody asked for by a little.

        A plan that takes noise away is worth telling on either side of the target. It may leave
        a decibel, so that not every layer has to take part.

        Parameters
        ----------
        best : what becomes of the outputs with every layer at 16 bit that accepts it.
        """
        missing = [name for name in self.missing(best) if name in best]
        shortfall = max((self._shortfall(name, best[name]) for name in missing), default=0.0)
        if self.is_asked or shortfall > CLEAR_DB:
            return self
        return replace(self, target_db=self.target_db - shortfall - HELPS_DB)

    def stricter(self, found: Outcomes, proven: Outcomes) -> Goal:
        """What trials have to reach after a set did not hold on more samples.

        Parameters
        ----------
        found, proven : its outcomes in the trial, and on more samples.
        """
        goal = self.without_margin
        missing = goal.missing(proven)
        shortfall = max((goal._shortfall(name, proven[name]) for name in missing), default=0.0)
        if shortfall > 0:
            return replace(self, margin_db=self.margin_db + shortfall + SAME_DB)
        medians = [found[name].median_db for name in missing if name in found]
        known = [median for median in medians if math.isfinite(median)]
        return replace(self, floor_db=max([self.floor_db, *known]) + HELPS_DB)

    def _shortfall(self, name: str, after: Outcome) -> float:
        wanted = self._wanted(self.before[name], after)
        return max((least - value for value, least in wanted if not math.isnan(value)), default=0.0)

    def helps(self, after: Outcomes) -> bool:
        """Whether any output gains decisions or one dB, in the median or over all samples."""
        return any(found.helps_over(self.before[name]) for name, found in after.items())


def _reaches(snr_db: float, least_db: float) -> bool:
    """NaN where class numbers leave, of which an SNR says nothing."""
    return math.isnan(snr_db) or snr_db >= least_db


def _lacks_decisions(before: Outcome, after: Outcome) -> bool:
    """Whether decisions are lost that have to be kept."""
    if before.is_fine:
        return after.severity is not None or became_worse(before, after)
    return after.is_counted and after.samples >= FEWEST_COUNTED and after.room < 0


def became_worse(before: Outcome, after: Outcome) -> bool:
    """Whether more decisions are lost; where none were counted, whether the noise is louder."""
    if after.is_counted and before.is_counted:
        return bool(after.loses_decisions_of(before) and after.severity)
    louder = [
        gained(one, other, HELPS_DB)
        for one, other in ((before.snr_db, after.snr_db), (before.median_db, after.median_db))
    ]
    return all(louder)


def goal_of(networks: Networks, agreement: AgreementMeasurements | None) -> Goal:
    """What a plan for these networks has to reach.

    Parameters
    ----------
    agreement : of the archive as it is, as the embedded engine sees it.
    """
    model, settings = networks.model, networks.settings
    class_numbers = class_number_outputs(model.network)
    found = agreement.outputs if agreement else {}
    before = {
        layer.name: Outcome.of(found[layer.name], has_signal=layer.name not in class_numbers)
        for layer in judged_outputs(model)
        if layer.name in found
    }
    return Goal(before, settings.wanted_db, settings.target_db is not None)


def judged_outputs(model: Model) -> list[Layer]:
    """Outputs that a plan is judged by: all but those that hand out what was selected."""
    selecting = SELECTING_TYPES - {"argmax"}
    return [
        layer
        for layer in model.network.output_layers
        if not any(producer.type in selecting for producer in model.network.producers(layer))
    ]
