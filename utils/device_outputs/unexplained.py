"""What can be said of values that nothing explains: what of the HEF and its input is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.apart import NEAR_CODES, NEAR_SHARE, bounded, correlation, is_constant
from utils.device_outputs.comparing import Output
from utils.device_outputs.trials.pairs import frames
from utils.stages import Reason
from utils.wording import listed, plural, without_scope

# Shares of values that are whole codes: by chance it is a few percent.
WHOLE, PARTLY_WHOLE = 0.99, 0.5
# Frames are equal, or clearly not; of those that are neither there are few.
EQUAL, NOT_EQUAL, MOST_BETWEEN = NEAR_SHARE, 0.9, 0.1
ALIKE = 0.6  # correlation of what changes from frame to frame; of other pictures it is near 0
LEAST_ENERGY = 0.25  # of what changes in equal frames, against that in the others
FEWEST_EQUAL, FEWEST_VALUES = 3, 4  # frames; values of each, since fewer are equal by chance
PROBABILITIES = ("sigmoid", "softmax")  # activations that give them
CERTAIN = 0.1  # of the codes, from either end of probabilities
ENOUGH_VALUES = 64  # of a frame: never all equal by chance
FEWEST_ALIKE, ALIKE_SHARE = 3, 1e-5  # frames; of the largest value


def unexplained(outputs: Sequence[Output], positions: Sequence[int] = ()) -> tuple[Reason, ...]:
    """What is known of outputs that differ, where no trial says why; () where nothing is.

    Parameters
    ----------
    positions : of the frames in the dump; () where they are all of it.
    """
    some_frames_equal = partial(_some_frames_equal, positions=positions)
    for look in (_empty, some_frames_equal, _frames_alike, _some_equal, _own_scales):
        found = tuple(look(outputs))
        if found:
            return found
    return ()


def rather_some_frames(
    reasons: tuple[Reason, ...], outputs: Sequence[Output], positions: Sequence[int] = ()
) -> tuple[Reason, ...]:
    """Reasons, or that the same frames differ at all outputs, where they leave outputs unexplained.

    A picture that was not sent makes one output constant and others different.
    """
    told = {layer for reason in reasons for layer in reason.layers}
    open_ = [o for o in outputs if not o.is_near and o.match.layer not in told]
    if not reasons or not open_ or any(not reason.layers for reason in reasons):
        return reasons
    return tuple(_some_frames_equal(outputs, positions)) or reasons


def _empty(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Outputs of zeros alone, beside others."""
    apart = [o for o in outputs if not o.is_near]
    if len(apart) == len(outputs) or any(o.found.values.any() for o in apart):
        return
    names = listed([without_scope(o.match.layer) for o in apart], 3)
    layers = tuple(o.match.layer for o in apart)
    yield Reason("output-empty", f"every value of {names} is 0", layers=layers)


def _some_frames_equal(outputs: Sequence[Output], positions: Sequence[int]) -> Iterator[Reason]:
    """Frames of one run of which some are equal at every output: the HEF is right."""
    shares = _equal_shares(outputs)
    equal, apart = shares >= EQUAL, shares < NOT_EQUAL
    between = len(shares) - int(equal.sum()) - int(apart.sum())
    if equal.sum() < FEWEST_EQUAL or not apart.any() or between > MOST_BETWEEN * len(shares):
        return
    telling = equal & ~_are_certain(outputs)
    if telling.sum() < FEWEST_EQUAL or _are_trivial(outputs, equal, apart):
        return
    values = sum(output.found.expected.values[0].size for output in outputs)
    if values < ENOUGH_VALUES and _follow(outputs, apart) >= ALIKE:
        return  # of few values all are equal by chance where samples are alike
    numbers = positions or range(len(shares))
    places = [str(numbers[int(place)]) for place in np.flatnonzero(apart)]
    which = f"frame{'' if len(places) == 1 else 's'} {listed(places, 3)}"
    evidence = (
        f"{equal.sum()} of {plural(len(shares), 'frame')} hold the codes of the archive at all "
        f"outputs, {which} do{'es' if len(places) == 1 else ''} not"
    )
    yield Reason("some-frames-equal", evidence)


def _equal_shares(outputs: Sequence[Output]) -> NDArray[np.float64]:
    """Of every frame, the share of codes that are the same at the worst output, (frames,).

    Nothing is left of it where outputs are not coded.
    """
    shares = []
    for output in outputs:
        expected = output.found.expected
        wanted, held = expected.codes, expected.codes_of(bounded(output.found.values))
        if wanted is None or held is None:
            return np.zeros(0)
        by_frame = (np.abs(held - wanted) <= NEAR_CODES + 0.5).reshape(len(wanted), -1)
        shares.append(by_frame.mean(axis=1))
    values = sum(output.found.expected.values[0].size for output in outputs)
    return np.min(shares, axis=0) if values >= FEWEST_VALUES else np.zeros(0)


def _are_certain(outputs: Sequence[Output]) -> NDArray[np.bool_]:
    """Which frames hold classes that are certain alone, which another network gives as well."""
    certain = np.ones(len(outputs[0].found.values), np.bool_)
    for expected in (output.found.expected for output in outputs):
        if expected.codes is None or expected.activation not in PROBABILITIES:
            return np.zeros_like(certain)
        codes, reach = expected.codes.reshape(len(certain), -1), CERTAIN * expected.highest_code
        certain &= (np.minimum(codes, expected.highest_code - codes) <= reach).all(axis=1)
    return certain


def _are_trivial(
    outputs: Sequence[Output], equal: NDArray[np.bool_], apart: NDArray[np.bool_]
) -> bool:
    """Whether little happens in frames that are equal, as where no object is in the picture."""
    expected, _ = frames(tuple(output.pair for output in outputs))
    energy = np.square(expected - expected.mean(axis=0)).sum(axis=1)
    return bool(energy[equal].mean() < LEAST_ENERGY * energy[apart].mean())


def _follow(outputs: Sequence[Output], some: NDArray[np.bool_] | slice = slice(None)) -> float:
    """Correlation of what changes from frame to frame at the worst output; 0 if nothing does."""
    found = []
    for output in outputs:
        sides = output.found.expected.values[some], bounded(output.found.values[some])
        one, other = (side - side.mean(axis=0, dtype=np.float64) for side in sides)
        found.append(correlation(one, other))
    return float(np.min(np.nan_to_num(found)))


def _some_equal(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Outputs of one run of which some are equal: the HEF and its input are right."""
    same = [o for o in outputs if o.is_near and o.apart.is_same]
    equal = [o for o in same if not is_constant(o.found.values)]
    apart = [o for o in outputs if not o.is_near]
    if equal and apart:
        names = listed([without_scope(o.match.layer) for o in equal], 3)
        evidence = f"{names} {'holds' if len(equal) == 1 else 'hold'} the codes of the archive"
        yield Reason("some-equal", evidence, layers=tuple(o.match.layer for o in apart))


def _frames_alike(outputs: Sequence[Output]) -> Iterator[Reason]:
    """One result in all frames, of samples that have different ones."""
    apart = [o for o in outputs if not o.is_near]
    frames_of = [(o.found.values, o.found.expected.values) for o in apart]
    if not all(_are_alike(found) and not _are_alike(wanted) for found, wanted in frames_of):
        return
    names = listed([without_scope(o.match.layer) for o in apart], 3)
    count = len(apart[0].found.values) if apart else 0
    if count >= FEWEST_ALIKE:
        evidence = f"all {count} frames hold the same values of {names}"
        yield Reason("frames-alike", evidence, layers=tuple(o.match.layer for o in apart))


def _are_alike(values: NDArray[np.floating]) -> bool:
    """Whether all frames are the same, but for what rounding does; (frames, ...)."""
    known = bounded(values)
    if (known != values).any():
        return False  # no numbers, of which more is said elsewhere
    spread, reach = np.ptp(known, axis=0).max(initial=0.0), np.abs(known).max(initial=0.0)
    return bool(spread <= ALIKE_SHARE * reach)


def _own_scales(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Right codes of other values: no other HEF, but other samples, or results in another order."""
    are_own = _are_own(outputs)
    if not are_own or not all(are_own.values()):
        return
    names = listed([without_scope(name) for name in are_own], 3)
    evidence = f"values of {names} are whole codes, so the scales are the archive's"
    follows = _follow(outputs)
    if follows >= ALIKE:
        evidence += (
            ", and from frame to frame all outputs change as those of the archive do, with a "
            f"correlation of {follows:.2f} or more"
        )
    yield Reason(
        "like-samples" if follows >= ALIKE else "own-scales", evidence, layers=tuple(are_own)
    )


def notes_on_scales(outputs: Sequence[Output]) -> list[str]:
    """That values do not come from the scales of the archive."""
    other = [without_scope(name) for name, is_own in _are_own(outputs).items() if not is_own]
    if not other:
        return []
    return [
        f"Values of {listed(other, 3)} are not whole codes of this archive, so the HEF has other "
        "scales or something changed the values."
    ]


def _are_own(outputs: Sequence[Output]) -> dict[str, bool]:
    """By output layer, where it can be seen.

    The scale of probabilities is the same in every archive, so it says nothing, and neither do
    codes.
    """
    floats = [o for o in outputs if not o.apart.is_same and not o.found.holds_codes]
    telling = [o for o in floats if o.found.expected.activation not in PROBABILITIES]
    shares = {
        o.match.layer: o.match.codes.whole
        for o in telling
        if o.match.codes and not is_constant(o.found.values) and np.isfinite(o.found.values).all()
    }
    return {n: s >= WHOLE for n, s in shares.items() if s >= WHOLE or s < PARTLY_WHOLE}
