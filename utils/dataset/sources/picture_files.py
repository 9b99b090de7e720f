"""Pictures in a folder: decoded by several threads, a few at a time."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from utils.dataset.arrays import Batches, Indices
from utils.dataset.headers import ArrayHeader
from utils.dataset.read_as import BGR, EXACT, ReadAs
from utils.dataset.sources.deep_pictures import values_line
from utils.dataset.sources.in_order import THREADS, in_order
from utils.dataset.sources.misfits import looked_at_in_words, refuse_deep, refuse_other_sizes
from utils.dataset.sources.names import names_of
from utils.dataset.sources.pictures import (
    COLOURS,
    GREY,
    PictureFacts,
    PictureReader,
    Pixels,
    facts_of,
)
from utils.dataset.sources.source import PICTURES, Source
from utils.har.network import Shape
from utils.wording import printable

LOOKED_AT = 1024  # headers read before anything is decoded, so that misfits are told at once
DTYPE: np.dtype[Any] = np.dtype(np.uint8)


def threads() -> int:
    """How many pictures to decode at a time."""
    return min(THREADS, os.cpu_count() or 1)


@dataclass(frozen=True)
class PictureFiles:
    """Pictures, one a file.

    Parameters
    ----------
    paths : in their order.
    header : of all samples as one array.
    reader : makes a picture into a sample.
    """

    paths: Sequence[str]
    header: ArrayHeader
    reader: PictureReader

    @property
    def files(self) -> Sequence[str]:
        """See `StoredArray`."""
        return self.paths

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once."""
        samples = in_order(self._sample, chosen.tolist(), threads())
        yield from gathered(samples, len(chosen), batch_size, self.reader.shape)

    def _sample(self, index: int) -> Pixels:
        return self.reader.pixels(self.paths[index], self.paths[index])


def gathered(
    samples: Generator[Pixels, None, None], count: int, batch_size: int, shape: Shape
) -> Batches:
    """Samples (height, width, channels) as they come, put into batches.

    Parameters
    ----------
    samples : `count` of them; closed where nobody takes the rest.
    """
    try:
        for first in range(0, count, batch_size):
            batch = np.empty((min(batch_size, count - first), *shape), DTYPE)
            for place in range(len(batch)):
                batch[place] = next(samples)
            yield batch
    finally:
        samples.close()


def picture_files(
    folder: str, files: Sequence[str], shape: Shape, read_as: ReadAs, place: str
) -> Source:
    """A folder of pictures for an input of 1 or 3 channels.

    Parameters
    ----------
    folder, files : where they lie, in their order; names are relative to the folder.
    place : what the user named, for messages.

    Raises
    ------
    DatasetError : a picture is damaged, has another size, or more than 8 bits a channel.
    """
    paths = [os.path.join(folder, file) for file in files]
    reader = PictureReader(shape, read_as)
    looked_at = paths[:LOOKED_AT]
    facts = list(in_order(_facts, looked_at, threads()))
    place_of = paths.__getitem__
    refuse_other_sizes(
        facts, len(paths), reader, place_of, lambda i, other: other.pixels(paths[i], paths[i])
    )
    line = partial(values_line, place, paths, shape, read_as.resize)
    refuse_deep(facts, len(paths), place_of, line)
    header = ArrayHeader((len(paths), *shape), DTYPE, fortran_order=False, offset=0)
    notes = picture_notes(place, facts, len(paths), reader)
    names = names_of(files, [1] * len(files))
    return Source(PictureFiles(paths, header, reader), PICTURES, names, notes)


def _facts(path: str) -> PictureFacts:
    return facts_of(path, path)


def picture_notes(
    place: str, facts: Sequence[PictureFacts], count: int, reader: PictureReader
) -> tuple[str, ...]:
    """Sentences on what is done to pictures so that they fit.

    Parameters
    ----------
    place : what the user named.
    facts : of the first pictures.
    count : how many there are.
    """
    channels, size = reader.shape[2], reader.shape[:2]
    is_deep = channels == COLOURS
    changes = {
        "grey, given three equal channels": [is_deep and f.is_grey for f in facts],
        "coloured, turned grey for an input of one channel": [
            channels == GREY and not f.is_grey for f in facts
        ],
        "transparent, which is left out": [f.has_transparency for f in facts],
        "with a palette, which is looked up": [f.mode in ("P", "PA") for f in facts],
        "turned as their EXIF data ask": [f.is_turned for f in facts],
        f"of another size, resized by {reader.read_as.resize}": [
            reader.read_as.resize != EXACT and (f.height, f.width) != size for f in facts
        ],
    }
    said = [f"{sum(found):,} {what}" for what, found in changes.items() if any(found)]
    which = looked_at_in_words(len(facts), count)
    notes = [f", of {which}: {'; '.join(said)}"] if said else []
    if reader.read_as.colour == BGR and is_deep:
        notes.append(": channels are handed over in the order blue, green, red")
    return tuple(printable(place) + note for note in notes)
