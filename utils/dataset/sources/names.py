"""Names by which samples are told, where they have files of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from utils.wording import short

LONGEST = 60  # characters; names of files are untrusted and may be far longer


def names_of(files: Sequence[str], counts: Sequence[int]) -> tuple[str, ...]:
    """A name for every sample.

    Parameters
    ----------
    files : in their order.
    counts : samples in each of them; in a file of several each has its place, counted from 0.
    """
    return tuple(_named(files, counts))


def _named(files: Sequence[str], counts: Sequence[int]) -> Iterator[str]:
    for file, count in zip(files, counts, strict=True):
        name = short(file, LONGEST)
        if count == 1:
            yield name
        else:
            yield from (f"{name}[{place}]" for place in range(count))
