"""Why a dump differs from the emulation: what undoes the difference, by trials.

Three kinds of faults lie one behind the other: what entered the chip, what belongs to what in the
file, and what became of the values. A fault is named only where undoing it makes the stages equal,
or explains most of the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from utils.device_outputs.apart import NEAR_CODES, NEAR_SHARE, apart, correlation, is_constant
from utils.device_outputs.attempts import (
    FEWEST_VALUES,
    MOST_DB,
    Attempt,
    is_explained,
    joined,
    through_orders,
    through_values,
)
from utils.device_outputs.rerunning import EXPLAINING, InputTrial, Rerun
from utils.device_outputs.trials import other_scale
from utils.device_outputs.trials.changed_samples import ChangedSamples
from utils.device_outputs.trials.input_channels import input_channels
from utils.device_outputs.trials.input_colours import input_grey, input_range
from utils.device_outputs.trials.input_cropped import input_cropped
from utils.device_outputs.trials.input_raw import input_raw
from utils.device_outputs.trials.input_resized import input_resized
from utils.device_outputs.trials.pairs import Pair, Pairs
from utils.device_outputs.trials.several_inputs import inputs_alike
from utils.stages import Reason

# What leaves outputs near: of other faults of the input nothing does.
MILD_TRIALS: tuple[InputTrial, ...] = (
    input_channels,
    input_range,
    input_grey,
    input_resized,
    input_raw,
)
# What hosts get wrong together: OpenCV reads BGR, and is told to resize.
FRAMED: tuple[InputTrial, ...] = (input_resized, input_cropped)
NEAR_SCALE_DB = 26.0  # SNR of a factor that is 5 % off; arithmetic of a chip may be 1 % off
FEW_OF_MILD = 2  # samples are enough where the codes have to come out the same
LEAST_LIKENESS = 0.5  # correlation of what differs between frames, where a fault explains it
# Every trial of an input runs the quantized network on so many samples. They lie side by side, so
# that results that are a few frames late are still found.
FEW, FEWEST = 16, 4
MOST_VALUES = 1 << 23  # that an attempt holds
SHARE_AS_IT_IS = 0.25  # of the work of all trials, of those without a fault of the input


def explanation(pairs: Pairs, rerun: Rerun) -> tuple[Reason, ...]:
    """What makes a dump differ, the reasons in the order in which they happen; () where unknown."""
    if not pairs:
        return ()
    affordable = min(SHARE_AS_IT_IS * rerun.work / EXPLAINING, MOST_VALUES)
    start = Attempt(_first(pairs, int(affordable)))
    best = _best(start, (through_values(moved) for moved in through_orders(start)))
    if best is not None and best.is_solved:
        return best.reasons
    few = Attempt(_first(pairs, MOST_VALUES // 4, FEW))
    alike = _with_inputs_alike(few, rerun)
    if alike and _is_one_result(pairs):
        return ()
    tried = alike or _with_inputs(few, rerun)
    found = _best(few, chain(tried, [best] if best else []))
    return found.reasons if found else ()


def exact_input(pairs: Pairs, rerun: Rerun) -> tuple[Reason, ...]:
    """A fault of the input that makes outputs the same which are near as they are; () without one.

    Emulators differ from the chip by as much, and no change of the samples takes that away.
    """
    some = np.arange(min(FEW_OF_MILD, len(pairs[0].given)))
    few = Attempt(tuple(pair.taken(some, some) for pair in pairs))
    if few.is_solved:
        return ()
    tried = [
        entered
        for entered in _entered(few, rerun, rerun.changed(len(some), MILD_TRIALS))
        if entered.is_solved
    ]
    found = max(tried, key=lambda attempt: attempt.worst_db, default=None)
    is_clear = found is not None and found.worst_db >= few.worst_db + MOST_DB
    return found.reasons if found is not None and is_clear else ()


def exact_scale(pairs: Pairs) -> tuple[Reason, ...]:
    """Another scale of outputs that are near, where one line makes them the same; () without one.

    Emulators differ from the chip by codes here and there, and not by one factor.
    """
    attempt = Attempt(pairs)
    for place, (pair, found) in enumerate(zip(pairs, attempt.found, strict=True)):
        is_off = not found.is_same and found.snr_db < NEAR_SCALE_DB
        undone = other_scale.undone(pair.expected, pair.given) if is_off else None
        if undone is not None and apart(undone.expected, undone.values).is_same:
            after = Pair(undone.expected, undone.values)
            changed = (*attempt.pairs[:place], after, *attempt.pairs[place + 1 :])
            layers = (pair.expected.layer,)
            attempt = attempt.with_reason(changed, "other-scale", undone.evidence, layers)
    return joined(attempt.reasons)


def _first(pairs: Pairs, values: int, most: int | None = None) -> Pairs:
    """The first frames, so many that all outputs together hold no more than so many values."""
    each = sum(pair.given[0].size for pair in pairs)
    frames = len(pairs[0].given)
    some = np.arange(min(frames, most or frames, max(values // each, FEWEST)))
    return tuple(pair.taken(some, some) for pair in pairs)


def _with_inputs(start: Attempt, rerun: Rerun) -> Iterator[Attempt]:
    """Attempts with other samples; in the file everything may be right or wrong."""
    is_explained = False
    for entered in _entered(start, rerun, rerun.promising(start.pairs)):
        for moved in through_orders(entered):
            attempt = through_values(moved)
            is_explained |= attempt.is_solved
            yield attempt
        if entered.is_exact:
            return
    if not is_explained and rerun.is_affordable(start.pairs):
        yield from _with_two_of_the_input(start, rerun)


def _with_inputs_alike(start: Attempt, rerun: Rerun) -> list[Attempt]:
    """Attempts with the samples of one input at several, which give all the results there are.

    Networks that compare their inputs give one result for whatever makes these alike, so that most
    faults of an input would explain it.
    """
    if len(rerun.samples) < 2 or not _is_one_result(start.pairs):
        return []
    tried = rerun.changed(len(start.pairs[0].given), (inputs_alike,))
    return [entered for entered in _entered(start, rerun, tried) if entered.is_exact]


def _is_one_result(pairs: Pairs) -> bool:
    return not any((pair.given != pair.given[:1]).any() for pair in pairs)


def _with_two_of_the_input(start: Attempt, rerun: Rerun) -> Iterator[Attempt]:
    """Attempts with frames that were resized or cropped otherwise as well, in BGR."""
    frames = len(start.pairs[0].given)
    for reverse in rerun.changed(frames, (input_channels,)):
        (entered,) = _entered(start, rerun, (reverse,))
        of_reverse = rerun.with_samples(reverse.samples)
        for both in _entered(entered, rerun, of_reverse.promising(entered.pairs, FRAMED)):
            yield through_values(both)


def _entered(
    start: Attempt, rerun: Rerun, changed_samples: Iterable[ChangedSamples]
) -> Iterator[Attempt]:
    """Attempts with other samples, in which the file is as it is."""
    layers = [pair.expected.layer for pair in start.pairs]
    for changed in changed_samples:
        values = rerun.outputs(changed.samples, layers)
        pairs = tuple(
            Pair(pair.expected.with_values(found), pair.given)
            for pair, found in zip(start.pairs, values, strict=True)
        )
        yield start.with_reason(pairs, changed.word, changed.evidence)


def _best(before: Attempt, attempts: Iterable[Attempt]) -> Attempt | None:
    """The attempt that explains most, as long as it explains what it is about."""
    explained = [a for a in attempts if a.reasons and _holds(before, a)]
    return max(explained, key=lambda a: a.score, default=None)


def _holds(before: Attempt, after: Attempt) -> bool:
    """Whether every output that a reason is about is explained.

    Reasons without layers are about all of them.
    """
    about = {layer for reason in after.reasons for layer in reason.layers}
    is_about_all = any(not reason.layers for reason in after.reasons)
    told = [pair for pair in after.pairs if is_about_all or pair.expected.layer in about]
    are_few = sum(pair.given.size for pair in told) < FEWEST_VALUES
    if (are_few and not _is_that_of_one_sample(before, after)) or all(map(_says_nothing, told)):
        return False
    return all(
        each.is_same
        or (is_explained(earlier, each, pair.given.size) and not _varies_otherwise(pair))
        for pair, earlier, each in zip(after.pairs, before.found, after.found, strict=True)
        if is_about_all or pair.expected.layer in about
    )


def _is_that_of_one_sample(before: Attempt, after: Attempt) -> bool:
    """Whether one result is left of many, and it is exactly that of one sample and of no other."""
    if len(after.pairs[0].given) != 1 or not after.is_exact:
        return False
    wanted, left = (
        np.concatenate([p.expected.values.reshape(len(p.given), -1) for p in each.pairs], axis=1)
        for each in (before, after)
    )
    return int((wanted == left).all(axis=1).sum()) == 1


def _varies_otherwise(pair: Pair) -> bool:
    """Whether what differs from frame to frame in the file does so otherwise in the attempt.

    Where zeros are sent, or frames that are next to black, all results are one. That may be near
    results that hardly differ, and is not what made them.
    """
    codes = pair.expected.codes_of(pair.given)
    if codes is None or (np.ptp(codes, axis=0) > 2 * NEAR_CODES).mean() <= 1 - NEAR_SHARE:
        return False
    own = pair.expected.values.astype(np.float64)
    likeness = correlation(own - own.mean(axis=0), pair.given - pair.given.mean(axis=0))
    return not likeness >= LEAST_LIKENESS  # NaN where nothing differs in the attempt


def _says_nothing(pair: Pair) -> bool:
    """Whether every value is the smallest or the largest that there is, which many faults cause."""
    wanted, highest = pair.expected.codes, pair.expected.highest_code
    if wanted is None or not (is_constant(pair.given) and is_constant(wanted)):
        return False
    return bool(wanted.flat[0] in (0, highest))
