"""Whether values that nothing explains come from the scales of the archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from utils.device_outputs.apart import is_constant
from utils.device_outputs.comparing import Output
from utils.stages import Reason
from utils.wording import listed, without_scope

# Shares of values that are whole codes: by chance it is a few percent.
WHOLE, PARTLY_WHOLE = 0.99, 0.5


def of_own_scales(outputs: Sequence[Output]) -> Iterator[Reason]:
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
