"""What can be said of values that nothing explains: what of the HEF and its input is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from utils.device_outputs.apart import is_constant
from utils.device_outputs.comparing import Output
from utils.stages import Reason
from utils.wording import listed, without_scope

# Shares of values that are whole codes: by chance it is a few percent.
WHOLE, PARTLY_WHOLE = 0.99, 0.5


def unexplained(outputs: Sequence[Output]) -> tuple[Reason, ...]:
    """What is known of outputs that differ, where no trial says why; () where nothing is."""
    for look in (_empty, _some_equal, _own_scales):
        found = tuple(look(outputs))
        if found:
            return found
    return ()


def _empty(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Outputs of zeros alone, beside others."""
    apart = [o for o in outputs if not o.is_near]
    if len(apart) == len(outputs) or any(o.found.values.any() for o in apart):
        return
    names = listed([without_scope(o.match.layer) for o in apart], 3)
    layers = tuple(o.match.layer for o in apart)
    yield Reason("output-empty", f"every value of {names} is 0", layers=layers)


def _some_equal(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Outputs of one run of which some are equal: the HEF and its input are right."""
    equal = [o for o in outputs if o.apart.is_same and not is_constant(o.found.values)]
    apart = [o for o in outputs if not o.is_near]
    if equal and apart:
        names = listed([without_scope(o.match.layer) for o in equal], 3)
        evidence = f"{names} {'holds' if len(equal) == 1 else 'hold'} the codes of the archive"
        yield Reason("some-equal", evidence, layers=tuple(o.match.layer for o in apart))


def _own_scales(outputs: Sequence[Output]) -> Iterator[Reason]:
    """Right codes of other values: no other HEF, but other samples, or results in another order."""
    are_own = _are_own(outputs)
    if are_own and all(are_own.values()):
        names = listed([without_scope(name) for name in are_own], 3)
        evidence = f"values of {names} are whole codes, so the scales are the archive's"
        yield Reason("own-scales", evidence, layers=tuple(are_own))


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

    The scale of a sigmoid is the same in every archive, so it says nothing, and neither do codes.
    """
    floats = [o for o in outputs if not o.is_near and not o.found.holds_codes]
    telling = [o for o in floats if o.found.expected.activation != "sigmoid"]
    shares = {
        o.match.layer: o.match.codes.whole
        for o in telling
        if o.match.codes and not is_constant(o.found.values) and np.isfinite(o.found.values).all()
    }
    return {n: s >= WHOLE for n, s in shares.items() if s >= WHOLE or s < PARTLY_WHOLE}
