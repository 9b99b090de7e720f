"""Lists of boxes of the chip against every box of the emulated heads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from utils.device_outputs.nms.limits import limit_of, not_suppressed
from utils.device_outputs.nms.lists import Boxes
from utils.device_outputs.nms.placing import mapped, moved
from utils.device_outputs.nms.readings import (
    CENTRES,
    COLUMNS,
    CORNERS,
    NEAR_SCORE,
    Reading,
    likeness,
    readings,
)
from utils.device_outputs.trials.late import how_late
from utils.stages import Reason

ALL = 0.97  # share of boxes that have to be found
FEWEST = 3  # boxes from which anything can be told


@dataclass(frozen=True)
class Judged:
    """What comes of comparing lists.

    Parameters
    ----------
    is_equal : whether the chip keeps the boxes that the archive's thresholds keep.
    reasons : why not.
    is_compared : False where nothing could be.
    note : the numbers, or why nothing was compared; a sentence without its period.
    """

    is_equal: bool
    note: str
    reasons: tuple[Reason, ...] = ()
    is_compared: bool = True


def not_compared(why: str) -> Judged:
    """What to say where lists cannot be compared; `why` is a clause."""
    return Judged(False, f"The lists of boxes were not compared, since {why}", is_compared=False)


def judged(
    lists: Sequence[Boxes],
    decoded: Sequence[Boxes],
    image: tuple[int, int],
    configured: float | None,
) -> Judged:
    """Compare the lists of the chip with every box of the heads.

    Parameters
    ----------
    lists, decoded : by frame.
    image : height and width of the input.
    configured : score from which the archive's configuration keeps boxes; None where none is
        stored.
    """
    count = sum(len(each) for each in lists)
    if count < FEWEST:
        return _too_few(count, decoded, configured)
    tried = list(readings(lists, decoded, image, COLUMNS))
    best, plain = max(tried, key=likeness), tried[0]
    if best.share < ALL:
        sizes = readings(lists, decoded, image, {**CENTRES, **CORNERS})
        best = max([best, *sizes], key=likeness)
    late, units = 0, ""
    if best.share < ALL:
        best, late = moved(best, lists, decoded, image)
    if best.share < ALL:
        best, units = mapped(best, lists, decoded)
        late = 0
    note = f"{best.share:.0%} of {count:,} boxes of the chip are among those of the emulated heads"
    if best.share < ALL:
        return Judged(False, note)
    note += units
    reasons = [*_late(late, best, plain), *_columns(best, plain), *_labels(best)]
    return _kept(best, configured, reasons, note)


def _too_few(count: int, decoded: Sequence[Boxes], configured: float | None) -> Judged:
    """What to say where the chip keeps hardly any box: a difference where the heads have them."""
    boxes = f"{count} box{'' if count == 1 else 'es'}"
    firing = (
        0
        if configured is None
        else sum(bool((found[:, 4] > configured + NEAR_SCORE).any()) for found in decoded)
    )
    if configured is None or firing < FEWEST:
        return not_compared(f"the chip keeps {boxes}, which are too few")
    note = (
        f"the chip keeps {boxes}, and the emulated heads have some with scores above "
        f"{configured:.3g} in {firing} of {len(decoded)} frames"
    )
    return Judged(False, note[0].upper() + note[1:], (Reason("nms-empty", note),))


def _kept(best: Reading, configured: float | None, reasons: list[Reason], note: str) -> Judged:
    """Whether boxes that were found are all that the thresholds keep."""
    lists, heads = best.lists, best.heads
    count = sum(len(each) for each in lists)
    cut, missing, extra = _cut(lists, heads, configured)
    note += f"; the lowest score is {cut:.3g}"
    if missing > (1 - ALL) * count or (extra and configured is not None):
        most = limit_of(lists, heads, cut if configured is None else configured)
        if most:
            return Judged(False, note, (*reasons, Reason("nms-most-boxes", most)))
    if missing > (1 - ALL) * count:
        return Judged(False, f"{note}, and {missing:,} boxes above it are missing", tuple(reasons))
    # Where nobody says which cut is meant, every list of a chip has one: it is told, no more.
    is_equal = not reasons and (configured is None or not extra)
    if extra and (configured is not None or not reasons):
        reasons.append(Reason("nms-threshold", _threshold(cut, extra, configured)))
    return Judged(is_equal, note, tuple(reasons))


def _late(late: int, best: Reading, plain: Reading) -> Iterator[Reason]:
    if late:
        said = f"{how_late(late)}: {best.share:.0%} of the boxes are found"
        yield Reason("late", f"{said}, {plain.share:.0%} as they lie")


def _cut(
    lists: Sequence[Boxes], decoded: Sequence[Boxes], configured: float | None
) -> tuple[float, int, int]:
    """Lowest score of the chip; boxes above it that are missing; boxes that the cut is wrong for.

    The last are those between it and the configured cut, or below it where none is configured.
    """
    cut = min((float(boxes[:, 4].min()) for boxes in lists if len(boxes)), default=math.nan)
    missing = sum(
        not_suppressed(boxes, found[found[:, 4] > cut + NEAR_SCORE])
        for boxes, found in zip(lists, decoded, strict=True)
    )
    wanted = 0.0 if configured is None else configured
    extra = sum(
        not_suppressed(boxes, found[(found[:, 4] < cut - NEAR_SCORE) & (found[:, 4] > wanted)])
        for boxes, found in zip(lists, decoded, strict=True)
    )
    if configured is not None and cut < configured - NEAR_SCORE:
        extra += sum(int((boxes[:, 4] < configured - NEAR_SCORE).sum()) for boxes in lists)
    return cut, missing, extra


def _columns(best: Reading, plain: Reading) -> Iterator[Reason]:
    if best.columns != plain.columns:
        evidence = f"sides read as {best.columns}: {best.share:.0%} of the boxes are found"
        yield Reason("nms-columns", f"{evidence}, {plain.share:.0%} as {plain.columns}")


def _labels(best: Reading) -> Iterator[Reason]:
    if best.labels:
        way = "too high" if best.labels < 0 else "too low"
        yield Reason("nms-labels", f"classes are 1 {way}: {best.share:.0%} of the boxes are found")


def _threshold(cut: float, extra: int, configured: float | None) -> str:
    if configured is None:
        return f"no box of the chip has a score below {cut:.3g}, {extra:,} of the heads have"
    told = f"the archive's configuration keeps boxes from {configured:.3g}"
    return f"the lowest score of the chip is {cut:.3g}, {told}, {extra:,} boxes lie between"
