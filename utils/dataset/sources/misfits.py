"""Pictures that are refused before any of them is handed over: of another size, or too deep."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from utils.dataset.sources.deep_pictures import is_deep, of_more_bits
from utils.dataset.sources.pictures import PictureFacts, PictureReader, Pixels, sizes_in_words
from utils.dataset.sources.refusals import of_another_size
from utils.dataset.sources.resize_sheet import are_in_proportion, resize_sheet, shown
from utils.wording import plural


def refuse_other_sizes(
    facts: Sequence[PictureFacts],
    count: int,
    reader: PictureReader,
    place_of: Callable[[int], str],
    read: Callable[[int, PictureReader], Pixels],
) -> None:
    """Refuse pictures that do not have the size of the input, where nothing may be done to them.

    Parameters
    ----------
    facts : of the first pictures.
    count : how many there are.
    place_of : where a picture lies, for messages.
    read : decodes one by some reader.

    Raises
    ------
    DatasetError : with a sheet that shows what can be done.
    """
    misfits = [number for number, found in enumerate(facts) if not reader.fits(found)]
    if not misfits:
        return
    shape, first = reader.shape, facts[misfits[0]]
    size = sizes_in_words(place_of(misfits[0]), (first.width, first.height), shape)
    others = [facts[number] for number in misfits]
    is_proportional = len(facts) == count and are_in_proportion(others, shape)
    drawn = [] if is_proportional else shown(misfits, facts, shape)
    rows = [(_caption(place_of(each), facts[each]), partial(read, each)) for each in drawn]
    raise of_another_size(
        f"{len(misfits):,} of {looked_at_in_words(len(facts), count)}, such as {size}",
        are_in_proportion=is_proportional,
        sheet=resize_sheet(shape, rows),
    )


def _caption(place: str, facts: PictureFacts) -> str:
    return f"{os.path.basename(place)}, {facts.width} x {facts.height}"


def refuse_deep(
    facts: Sequence[PictureFacts],
    count: int,
    place_of: Callable[[int], str],
    line: Callable[[], str] = str,
) -> None:
    """Refuse pictures of more than 8 bits a channel.

    Parameters
    ----------
    facts, count, place_of : as of `refuse_other_sizes`.
    line : a line for a shell that writes their values, if all of them are deep and upright.

    Raises
    ------
    DatasetError : there are such pictures.
    """
    deep = [number for number, found in enumerate(facts) if is_deep(found.mode)]
    if not deep:
        return
    is_simple = len(deep) == count and not any(found.is_turned for found in facts)
    said = f"{len(deep):,} of {looked_at_in_words(len(facts), count)}"
    first = deep[0]
    evidence = f"{said}, such as {place_of(first)}"
    raise of_more_bits(evidence, facts[first].mode, line() if is_simple else "")


def looked_at_in_words(looked_at: int, count: int) -> str:
    """The pictures whose headers were read, of how many there are."""
    return f"{'the first ' if looked_at < count else ''}{plural(looked_at, 'picture')}"
