"""Attempts at an explanation: outputs as they are once some faults are undone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from utils.device_outputs.apart import Apart, apart, is_constant
from utils.device_outputs.trials import (
    activation,
    channels_reordered,
    codes_as_numbers,
    exchanged,
    function_applied,
    late,
    logarithm,
    low_bytes,
    missing_frames,
    other_scale,
    reordered,
    repeated,
    scale_per_channel,
    scaled_by_frame,
    shifted,
    smoothed,
    sorted_values,
    swapped_bytes,
    transposed,
    wrapped_codes,
)
from utils.device_outputs.trials.pairs import OrderTrial, Pair, Pairs
from utils.device_outputs.trials.undone import ValueTrial
from utils.stages import Reason

VALUE_TRIALS = (
    ValueTrial("codes-as-numbers", codes_as_numbers.undone),
    ValueTrial("transposed", transposed.undone),
    ValueTrial("scale-per-channel", scale_per_channel.undone),
    ValueTrial("bytes-for-words", low_bytes.undone),
    ValueTrial("bytes-swapped", swapped_bytes.undone),
    ValueTrial("codes-wrapped", wrapped_codes.undone),
    ValueTrial("activation-missing", activation.missing),
    ValueTrial("activation-twice", activation.twice),
    ValueTrial("activation-added", activation.added),
    ValueTrial("log-probabilities", logarithm.undone),
    ValueTrial("other-scale", other_scale.undone),
    ValueTrial("scaled-by-frame", scaled_by_frame.undone),
    ValueTrial("smoothed", smoothed.undone),
    ValueTrial("channels-reordered", channels_reordered.undone),
    ValueTrial("values-sorted", sorted_values.undone),
)
# Most other faults are functions of the values as well, so it is tried where none of them explains.
LAST_TRIALS = (ValueTrial("function-applied", function_applied.undone),)
# Of two faults in the values, what is undone first: how the numbers lie, and what they are.
FIRST_OF_TWO = ("codes-as-numbers", "transposed")
_EXCHANGED = OrderTrial("outputs-exchanged", exchanged.undone)
_LATE = OrderTrial("late", late.undone)
_REPEATED = OrderTrial("repeated", repeated.overwritten)
_NOT_RENEWED = OrderTrial("not-renewed", repeated.not_renewed)
_MISSING = OrderTrial("frames-missing", missing_frames.undone)
# A frame that got lost on the way moves those behind it alone.
_SHIFTED = OrderTrial("late", shifted.undone)
_REORDERED = OrderTrial("reordered", reordered.undone)
# What may have happened to the order in the file, one after the other.
ORDERS: tuple[tuple[OrderTrial, ...], ...] = (
    (),
    (_EXCHANGED,),
    (_LATE,),
    (_REPEATED,),
    (_NOT_RENEWED,),
    (_MISSING,),
    (_SHIFTED,),
    (_REORDERED,),
    (_EXCHANGED, _LATE),
    (_EXCHANGED, _REPEATED),
)
# Every output may have a queue, or a buffer, of its own.
OF_ONE_OUTPUT = (_LATE, _REPEATED, _NOT_RENEWED, _MISSING, _SHIFTED, _REORDERED)
# A fault that explains most takes away three quarters of the energy of a difference.
MOST_DB = 6.0
ALIKE = 0.95  # correlation of what is left then
# Fewer values fit some fault by chance; those that fit in part have to be more.
FEWEST_VALUES, FEWEST_IN_PART = 8, 64
EQUAL_DB = 60.0  # what equality counts for, where attempts are compared


@dataclass(frozen=True, eq=False)
class Attempt:
    """Outputs once some reasons are undone.

    Parameters
    ----------
    pairs : the outputs.
    reasons : what was undone, in the order in which it happened to the values.
    """

    pairs: Pairs
    reasons: tuple[Reason, ...] = ()

    @cached_property
    def found(self) -> tuple[Apart, ...]:
        """How far every output lies apart."""
        return tuple(apart(pair.expected, pair.given) for pair in self.pairs)

    @property
    def worst_db(self) -> float:
        """SNR at the worst output."""
        return min((each.snr_db for each in self.found if not math.isnan(each.snr_db)), default=0.0)

    @property
    def is_solved(self) -> bool:
        """Whether all outputs are the same."""
        return all(each.is_same for each in self.found)

    @property
    def is_exact(self) -> bool:
        """Whether all outputs hold the same codes, so that nothing explains more."""
        return all(e.is_same and (not e.shares or e.shares.equal == 1.0) for e in self.found)

    @property
    def score(self) -> float:
        """How good an explanation is, in dB; every reason has to be worth as much as most."""
        worth = [_worth(each) for each in self.found]
        words = {reason.word for reason in self.reasons}
        return sum(worth) / max(len(worth), 1) - MOST_DB * len(words)

    def with_reason(
        self, pairs: Pairs, word: str, evidence: str, layers: tuple[str, ...] = ()
    ) -> Attempt:
        """The attempt with one more fault undone."""
        after = Attempt(pairs)
        reason = Reason(word, evidence, self.worst_db, after.worst_db, layers)
        return Attempt(pairs, (*self.reasons, reason))


def _worth(found: Apart) -> float:
    """In dB; of two ways to the same codes, within what rounding does, the more exact one."""
    if found.is_same:
        return EQUAL_DB + (found.shares.equal if found.shares else 1.0)
    snr_db = found.snr_db
    return -EQUAL_DB if math.isnan(snr_db) else max(min(snr_db, EQUAL_DB - 1), -EQUAL_DB)


def is_explained(before: Apart, after: Apart, values: int) -> bool:
    """Whether most of a difference is gone, and what is left is alike.

    Parameters
    ----------
    values : how many were compared.
    """
    if after.is_same:
        return not before.is_same
    if values < FEWEST_IN_PART:
        return False
    gained = after.snr_db >= before.snr_db + MOST_DB or math.isnan(before.snr_db)
    return gained and after.snr_db >= MOST_DB and after.correlation >= ALIKE


def through_orders(start: Attempt) -> Iterator[Attempt]:
    """The attempt as it is, and with what belongs together put right."""
    for trials in ORDERS:
        attempt: Attempt | None = start
        for trial in trials:
            moved = trial.undone(attempt.pairs) if attempt else None
            attempt = (
                attempt.with_reason(moved.pairs, trial.word, moved.evidence, moved.layers)
                if attempt and moved
                else None
            )
        if attempt:
            yield attempt
    if len(start.pairs) > 1:
        yield from filter(None, (_by_output(start, trial) for trial in OF_ONE_OUTPUT))


def _by_output(start: Attempt, trial: OrderTrial) -> Attempt | None:
    """The attempt with a trial on each of those outputs alone that differ; None without any."""
    pairs, layers, evidence = list(start.pairs), [], ""
    for place, (pair, found) in enumerate(zip(start.pairs, start.found, strict=True)):
        moved = None if found.is_near else trial.undone((pair,))
        if moved:
            pairs[place] = moved.pairs[0]
            layers.append(pair.expected.layer)
            evidence = evidence or moved.evidence
    if not layers:
        return None
    return start.with_reason(tuple(pairs), trial.word, evidence, tuple(layers))


def through_values(start: Attempt) -> Attempt:
    """The attempt with what became of the values undone, output by output."""
    attempt = start
    for place, pair in enumerate(start.pairs):
        steps = _undone(pair)
        for word, evidence, after in steps:
            pairs = (*attempt.pairs[:place], after, *attempt.pairs[place + 1 :])
            attempt = attempt.with_reason(pairs, word, evidence, (pair.expected.layer,))
    return Attempt(attempt.pairs, joined(attempt.reasons))


Steps = list[tuple[str, str, Pair]]


def _undone(pair: Pair) -> Steps:
    """The one trial that explains an output, or two one after the other; [] where none does."""
    before = apart(pair.expected, pair.given)
    if before.is_near or pair.given.size < FEWEST_VALUES:
        return []
    singles = list(_tried(pair))
    found = _best(before, [[step] for step in singles])
    if found and apart(found[-1][2].expected, found[-1][2].given).is_same:
        return found
    doubles = [
        [step, other]
        for step in singles
        if step[0] in FIRST_OF_TWO
        for other in _tried(step[2], without=step[0])
    ]
    found = _best(before, [*([found] if found else []), *doubles])
    return found or _best(before, [[step] for step in _tried(pair, LAST_TRIALS)])


def _tried(
    pair: Pair, trials: Sequence[ValueTrial] = VALUE_TRIALS, *, without: str = ""
) -> Iterator[tuple[str, str, Pair]]:
    # What is constant fits whatever a fault makes constant.
    says_little = is_constant(pair.given)
    for word, undone in trials:
        if word == without or (says_little and word != "scale-per-channel"):
            continue
        with np.errstate(all="ignore"):  # what a logarithm made infinite fits nothing
            found = undone(pair.expected, pair.given)
        if found is not None:
            yield word, found.evidence, Pair(found.expected, found.values)


def _best(before: Apart, chains: list[Steps]) -> Steps:
    """The chain that leaves least, where one more step has to be worth it."""
    best: tuple[float, Steps] = (-math.inf, [])
    for chain in chains:
        last = chain[-1][2]
        after = apart(last.expected, last.given)
        if is_explained(before, after, last.given.size):
            worth = _worth(after) - MOST_DB * len(chain)
            if worth > best[0]:
                best = worth, chain
    return best[1]


def joined(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Reasons of one word at several outputs as one, with the evidence of the first."""
    found: dict[str, Reason] = {}
    for reason in reasons:
        known = found.get(reason.word)
        if known is None:
            found[reason.word] = reason
        else:
            found[reason.word] = Reason(
                known.word,
                known.evidence,
                min(known.before_db, reason.before_db),
                reason.after_db,
                tuple(dict.fromkeys((*known.layers, *reason.layers))),
            )
    return tuple(found.values())
