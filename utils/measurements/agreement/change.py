"""What a change in the network does to an output, in words and as one number."""

from __future__ import annotations

import math
from collections.abc import Iterable

from utils.findings import Gain
from utils.measurements.agreement.outcome import Outcome, Outcomes
from utils.measurements.agreement.wording import figure, in_words, measure_name
from utils.measurements.noise import snr_in_words

# From here on the median sample tells something else than all samples together.
APART_DB = 3.0


def change_in_words(before: Outcome, after: Outcome) -> str:
    """Decisions before and after as far as they were counted, then SNR; a clause."""
    clauses = [
        _decided(before, after),
        _ratio("SNR", before.snr_db, after.snr_db),
        _ratio("SNR of the median sample", before.median_db, after.median_db)
        if _is_apart(before) or _is_apart(after)
        else "",
    ]
    return ", ".join(filter(None, clauses))


def telling_measure(before: Outcome, after: Outcome) -> str:
    """The measure that decides as it is, or, where that is kept, with the change; "" without."""
    name = before.deciding
    return name if name in before.measures and name in after.measures else ""


def _decided(before: Outcome, after: Outcome) -> str:
    name = telling_measure(before, after)
    if not name:
        return ""
    then = figure(name, after.measures[name])
    return f"{in_words(name, before.measures[name])} before, {then} after"


def _ratio(what: str, before_db: float, after_db: float) -> str:
    if math.isnan(before_db) and math.isnan(after_db):
        return ""
    before, after = (snr_in_words(each, "unknown") for each in (before_db, after_db))
    return f"{what} {before} before, {after} after"


def _is_apart(found: Outcome) -> bool:
    return abs(found.snr_db - found.median_db) >= APART_DB


def gain_at_the_worst(before: Outcomes, after: Outcomes) -> Gain | None:
    """What is gained where most is lost: decisions first, else dB; None without numbers."""
    names = [name for name in before if name in after]
    decided = [n for n in names if after[n].gains_decisions_over(before[n])]
    if decided:
        worst = min(decided, key=lambda name: before[name].room)
        measure = telling_measure(before[worst], after[worst])
        if measure:
            values = (o[worst].measures[measure].value for o in (before, after))
            return Gain(f"{measure_name(measure)} at {worst}", *values)
    return _gain_in_db(names, before, after)


def _gain_in_db(names: Iterable[str], before: Outcomes, after: Outcomes) -> Gain | None:
    """Over all samples; of the median sample where that gains and all together do not."""
    known = [
        name
        for name in names
        if all(math.isfinite(number) for o in (before[name], after[name]) for number in _both(o))
    ]
    if not known:
        return None
    worst = min(known, key=lambda name: min(_both(before[name])))
    one, other = before[worst], after[worst]
    if other.snr_db < one.snr_db < math.inf and other.median_db > one.median_db:
        return Gain(f"SNR in dB of the median sample at {worst}", one.median_db, other.median_db)
    return Gain(f"SNR in dB at {worst}", one.snr_db, other.snr_db)


def _both(outcome: Outcome) -> tuple[float, float]:
    """An SNR of all samples, and that of the median sample."""
    return outcome.snr_db, outcome.median_db
