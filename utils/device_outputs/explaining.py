"""Why a dump differs from the emulation: what undoes the difference, by trials.

Three kinds of faults lie one behind the other: what entered the chip, what belongs to what in the
file, and what became of the values. A fault is named only where undoing it makes the stages equal,
or explains most of the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import is_constant
from utils.device_outputs.attempts import (
    FEWEST_VALUES,
    MOST_DB,
    Attempt,
    is_explained,
    through_orders,
    through_values,
)
from utils.device_outputs.trials.changed_samples import ChangedSamples, InputFacts
from utils.device_outputs.trials.input_channels import input_channels
from utils.device_outputs.trials.input_colours import input_grey, input_range
from utils.device_outputs.trials.input_layout import input_layout
from utils.device_outputs.trials.input_resized import input_resized
from utils.device_outputs.trials.input_turned import input_turned
from utils.device_outputs.trials.input_values import (
    input_black,
    input_cast,
    input_normalized_twice,
    input_scale,
)
from utils.device_outputs.trials.pairs import Pair, Pairs
from utils.device_outputs.trials.several_inputs import input_empty, inputs_exchanged
from utils.stages import Reason
from utils.stages.runs import Samples

InputTrial = Callable[[Samples, Mapping[str, InputFacts]], Iterator[ChangedSamples]]
INPUT_TRIALS: tuple[InputTrial, ...] = (
    input_scale,
    input_black,
    input_cast,
    input_channels,
    input_normalized_twice,
    input_layout,
    input_range,
    input_grey,
    input_turned,
    inputs_exchanged,
    input_empty,
    input_resized,
)
# What leaves outputs near: of other faults of the input nothing does.
MILD_TRIALS: tuple[InputTrial, ...] = (input_channels, input_range, input_grey, input_resized)
FEW_OF_MILD = 2  # samples are enough where the codes have to come out the same
# Every trial of an input runs the quantized network on so many samples. They lie side by side, so
# that results that are a few frames late are still found.
FEW, FEWEST = 16, 4
MOST_VALUES = 1 << 23  # that an attempt holds


@dataclass(frozen=True, eq=False)
class Rerun:
    """The quantized network, to be run on changed samples.

    Parameters
    ----------
    samples : as they were run, by name of the input layer.
    facts : of the inputs.
    outputs : values of some outputs for samples, in the order in which they are named.
    """

    samples: Samples
    facts: Mapping[str, InputFacts]
    outputs: Callable[[Samples, Sequence[str]], Sequence[NDArray[np.float32]]]

    def changed(
        self, frames: int, trials: Sequence[InputTrial] = INPUT_TRIALS
    ) -> Iterator[ChangedSamples]:
        """The first samples with every fault that inputs may have."""
        few = {name: values[:frames] for name, values in self.samples.items()}
        for trial in trials:
            yield from trial(few, self.facts)


def explanation(pairs: Pairs, rerun: Rerun) -> tuple[Reason, ...]:
    """What makes a dump differ, the reasons in the order in which they happen; () where unknown."""
    if not pairs:
        return ()
    start = Attempt(_first(pairs, MOST_VALUES))
    best = _best(start, (through_values(moved) for moved in through_orders(start)))
    if best is not None and best.is_solved:
        return best.reasons
    few = Attempt(_first(pairs, MOST_VALUES // 4, FEW))
    tried = _with_inputs(few, rerun)
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
    tried = [entered for entered in _entered(few, rerun, MILD_TRIALS) if entered.is_solved]
    found = max(tried, key=lambda attempt: attempt.worst_db, default=None)
    is_clear = found is not None and found.worst_db >= few.worst_db + MOST_DB
    return found.reasons if found is not None and is_clear else ()


def _first(pairs: Pairs, values: int, most: int | None = None) -> Pairs:
    """The first frames, so many that all outputs together hold no more than so many values."""
    each = sum(pair.given[0].size for pair in pairs)
    frames = len(pairs[0].given)
    some = np.arange(min(frames, most or frames, max(values // each, FEWEST)))
    return tuple(pair.taken(some, some) for pair in pairs)


def _with_inputs(start: Attempt, rerun: Rerun) -> Iterator[Attempt]:
    """Attempts with other samples; in the file everything may be right or wrong."""
    for entered in _entered(start, rerun):
        for moved in through_orders(entered):
            yield through_values(moved)
        if entered.is_exact:
            return


def _entered(
    start: Attempt, rerun: Rerun, trials: Sequence[InputTrial] = INPUT_TRIALS
) -> Iterator[Attempt]:
    """Attempts with other samples, in which the file is as it is."""
    layers = [pair.expected.layer for pair in start.pairs]
    frames = len(start.pairs[0].given)
    for changed in rerun.changed(frames, trials):
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
    if sum(pair.given.size for pair in told) < FEWEST_VALUES or all(map(_says_nothing, told)):
        return False
    return all(
        each.is_same or is_explained(earlier, each, pair.given.size)
        for pair, earlier, each in zip(after.pairs, before.found, after.found, strict=True)
        if is_about_all or pair.expected.layer in about
    )


def _says_nothing(pair: Pair) -> bool:
    """Whether every value is the smallest or the largest that there is, which many faults cause."""
    wanted, highest = pair.expected.codes, pair.expected.highest_code
    if wanted is None or not (is_constant(pair.given) and is_constant(wanted)):
        return False
    return bool(wanted.flat[0] in (0, highest))
