"""Which numbers of a finding say that it became worse, and by how much they have to move.

Only numbers whose direction is beyond doubt are listed: a ratio in dB is better when it is
higher, a share of clipped values when it is lower.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from utils.baseline import NOTICEABLE_DB
from utils.baseline.run_facts import FindingFacts
from utils.measurements.agreement.wording import COMPARED, is_better_low

NOTICEABLE_BITS = 0.1
NOTICEABLE_DECISIONS = 0.05  # of all decisions; other samples of the same kind move by some percent
NOTICEABLE_SHARE = 0.1  # of the larger number; of other samples shares move by some percent


@dataclass(frozen=True)
class Telling:
    """How to read the numbers of a finding.

    Parameters
    ----------
    is_better_high : whether a higher number is the better one.
    absolute, relative : differences up to which two numbers count as the same.
    keys : beginnings of the names that tell; () for the names of its layers.
    measures : of agreement, which stand behind the name of an output; () for none.
    """

    is_better_high: bool
    absolute: float = 0.0
    relative: float = 0.0
    keys: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()

    def worst(self, numbers: list[float]) -> float:
        """The number that decides."""
        return min(numbers) if self.is_better_high else max(numbers)


def _decibels(*keys: str) -> Telling:
    return Telling(True, absolute=NOTICEABLE_DB, keys=keys)


def _share(*keys: str) -> Telling:
    return Telling(False, relative=NOTICEABLE_SHARE, keys=keys)


def _bits(*keys: str) -> Telling:
    return Telling(False, absolute=NOTICEABLE_BITS, keys=keys)


# Shares, overlaps and cosines of what is decided, and what is off by too much.
_KEPT = Telling(
    True,
    absolute=NOTICEABLE_DECISIONS,
    measures=tuple(name for name in COMPARED if name != "psnr_db" and not is_better_low(name)),
)
_LOST = Telling(
    False,
    absolute=NOTICEABLE_DECISIONS,
    measures=tuple(name for name in COMPARED if is_better_low(name)),
)
_RATIOS = Telling(True, absolute=NOTICEABLE_DB, measures=("psnr_db", "median_snr_db"))

TELLING: Mapping[str, Telling | tuple[Telling, ...]] = {
    "decisions-change": (_KEPT, _LOST, _RATIOS),
    "channel-without-codes": Telling(False, absolute=0.5, keys=("channels",)),
    "output-snr-low": _decibels(),
    "low-snr": _decibels(),
    "low-snr-outlier": _decibels(),
    "worst-samples": _decibels("sample "),
    "dfc-output-snr": _decibels("SNR of "),
    "noise-born-here": Telling(False, absolute=NOTICEABLE_DB),  # the fall at the layer
    "activation-table": _decibels("SNR of the lines of "),
    "error-is-bias": _share(),
    "range-saturates": _share(),
    "accumulator-saturates": _share(),
    "values-beyond-range": _share(),
    "dead-channels": _share(),
    "coarse-channels": _share(),
    "weight-outliers": _share(),
    "unused-range": _share("unused_"),
    "dataset-differs": _share("outside"),
    "calibration-duplicates": _share("share"),
    "abnormal-preactivation": _share("worst_share"),
    "weights-compressed": _share("share"),
    "concatenated-output": Telling(True, relative=NOTICEABLE_SHARE, keys=("codes_of_narrowest",)),
    "calibration-too-few": Telling(True, keys=("samples",)),
    "weights-shrunk": _bits(),
    "join-range-imbalance": _bits("bits lost at "),
    "forced-range-too-wide": _bits("bits lost at "),
    "dfc-bits-reduced": _bits("bits lost by "),
    "dfc-no-shift": _bits("delta of "),
}


def direction(before: tuple[FindingFacts, ...], now: FindingFacts) -> int:
    """1 if the worst of the telling numbers became better, -1 if worse, 0 if neither shows."""
    found = TELLING.get(now.id, ())
    tellings = (found,) if isinstance(found, Telling) else found
    # What became worse by one of several numbers is worse.
    return min((_direction(each, before, now) for each in tellings), key=_worse_first, default=0)


def _worse_first(direction: int) -> tuple[bool, bool]:
    return direction >= 0, direction == 0


def _direction(telling: Telling, before: tuple[FindingFacts, ...], now: FindingFacts) -> int:
    # What is left of a finding that was split is not compared with the parts that went elsewhere.
    gone = frozenset(layer for finding in before for layer in finding.layers) - now.layer_set
    was = [n for finding in before for key, n in _numbers(telling, finding) if key not in gone]
    is_now = [number for _, number in _numbers(telling, now)]
    if not was or not is_now:
        return 0
    old, new = telling.worst(was), telling.worst(is_now)
    if math.isclose(old, new, rel_tol=telling.relative, abs_tol=telling.absolute):
        return 0
    return 1 if (new > old) == telling.is_better_high else -1


def _numbers(telling: Telling, finding: FindingFacts) -> Iterator[tuple[str, float]]:
    for key, number in finding.measured.items():
        if telling.measures:
            layer, _, measure = key.rpartition(" ")
            if measure in telling.measures:
                yield layer, number
        elif key.startswith(telling.keys) if telling.keys else key in finding.layer_set:
            yield key, number
