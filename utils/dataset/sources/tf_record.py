"""Pictures in a TFRecord, as Hailo's Model Zoo keeps them.

The file is a sequence of records: eight bytes that hold a length, four of a checksum, the data,
four of a checksum. Where records begin is found by hopping from length to length, within bounds;
what a record holds is read by TensorFlow, which is imported only then.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from utils.dataset.arrays import Batches, Indices, unreadable_as_dataset_error
from utils.dataset.headers import ArrayHeader
from utils.dataset.read_as import ReadAs
from utils.dataset.sources.in_order import in_order
from utils.dataset.sources.misfits import refuse_deep, refuse_other_sizes
from utils.dataset.sources.names import LONGEST
from utils.dataset.sources.picture_files import (
    DTYPE,
    gathered,
    picture_notes,
    threads,
)
from utils.dataset.sources.pictures import (
    COLOURS,
    GREY,
    PictureFacts,
    PictureReader,
    Pixels,
    facts_of,
)
from utils.dataset.sources.refusals import unreadable
from utils.dataset.sources.source import RECORDS, Source
from utils.errors import DatasetError
from utils.files.pictures import HEAD, is_picture
from utils.har.network import Shape
from utils.tool import install_command
from utils.wording import listed, short

LENGTH, CHECKSUM = 8, 4  # bytes
FIELD = b"\x0a"  # what the data of an example begin with
MOST_RECORDS = 1_000_000
LONGEST_RECORD = 1 << 28  # bytes
LOOKED_AT = 64  # records of which sizes are held against the input before anything is measured
RECOGNISED_BY = 3  # records; one length may be right by chance
# Where pictures are kept, and their sizes, by the names that public scripts use.
PICTURE_FEATURES = "image_jpeg image_png image/encoded image_raw image_numpy image img rgb".split()
NAME_FEATURES = "image_name image/filename filename file_name".split()
SIZE_FEATURES = (("height", "width"), ("image/height", "image/width"))
NAMES_LISTED = 10
# Names stand between the pictures, so that all has to be read for them. Larger files do without.
MOST_READ_FOR_NAMES = 1 << 29  # bytes


@dataclass(frozen=True, eq=False)
class TfRecord:
    """The pictures of a TFRecord.

    Parameters
    ----------
    path : the file.
    offsets, lengths : of the data of every record, in bytes; int64 (records,).
    header : of all samples as one array.
    reader : makes a picture into a sample.
    """

    path: str
    offsets: Indices
    lengths: Indices
    header: ArrayHeader
    reader: PictureReader

    @property
    def files(self) -> Sequence[str]:
        """See `StoredArray`."""
        return (self.path,)

    def batches(self, chosen: Indices, batch_size: int) -> Batches:
        """Samples by their ascending indices, each once."""
        samples = in_order(self.sample, chosen.tolist(), threads())
        yield from gathered(samples, len(chosen), batch_size, self.reader.shape)

    def facts(self, index: int) -> PictureFacts:
        """What is known of a picture before it is decoded."""
        found = self._stored(index)
        if isinstance(found, bytes):
            return facts_of(io.BytesIO(found), self.place(index))
        height, width, channels = found.shape
        return PictureFacts(width, height, "L" if channels == GREY else "RGB", False, False)

    def sample(self, index: int, reader: PictureReader | None = None) -> Pixels:
        """A picture as the input takes it, or as another reader makes it fit."""
        found, place, taken_by = self._stored(index), self.place(index), reader or self.reader
        if isinstance(found, bytes):
            return taken_by.pixels(io.BytesIO(found), place)
        return taken_by.fitted(found, place)

    def place(self, index: int) -> str:
        """Where a picture lies, for messages."""
        return f"{self.path}, record {index}"

    def names(self) -> tuple[str, ...]:
        """File that every picture was made of, shortened; empty where no record tells."""
        if int(self.lengths.sum()) > MOST_READ_FOR_NAMES:
            return ()
        found = tuple(self._name(index) for index in range(len(self.offsets)))
        return found if any(found) else ()

    def _name(self, index: int) -> str:
        try:
            return short(stored_name(self._record(index), self.place(index)), LONGEST)
        except DatasetError:  # damage is told where the picture is wanted
            return ""

    def _stored(self, index: int) -> bytes | Pixels:
        return stored_picture(self._record(index), self.place(index))

    def _record(self, index: int) -> bytes:
        with unreadable_as_dataset_error(self.path), open(self.path, "rb") as file:
            file.seek(int(self.offsets[index]))
            return file.read(int(self.lengths[index]))


def is_tf_record(path: str) -> bool:
    """Whether a file begins with records of examples."""
    if not os.path.isfile(path):
        return False
    try:
        _hop(path, RECOGNISED_BY)
    except DatasetError:
        return False
    return True


def tf_record(path: str, shape: Shape, read_as: ReadAs) -> Source:
    """A TFRecord of pictures for an input of 1 or 3 channels.

    Raises
    ------
    DatasetError : it is damaged, holds no pictures, or pictures of another size or of more than
        8 bits a channel.
    """
    offsets, lengths = _hop(path, MOST_RECORDS)
    header = ArrayHeader((len(offsets), *shape), DTYPE, fortran_order=False, offset=0)
    samples = TfRecord(path, offsets, lengths, header, PictureReader(shape, read_as))
    facts = [samples.facts(index) for index in range(min(LOOKED_AT, len(offsets)))]
    refuse_other_sizes(facts, len(offsets), samples.reader, samples.place, samples.sample)
    refuse_deep(facts, len(offsets), samples.place)
    notes = picture_notes(path, facts, len(offsets), samples.reader)
    return Source(samples, RECORDS, samples.names(), notes)


def stored_picture(record: bytes, place: str) -> bytes | Pixels:
    """The picture of one example: encoded, or as pixels (height, width, channels).

    Raises
    ------
    DatasetError : the record is damaged, or holds no picture.
    """
    features = _features(record, place)
    for name in PICTURE_FEATURES:
        if name in features and len(features[name].bytes_list.value) == 1:
            data = features[name].bytes_list.value[0]
            pixels = _raw_pixels(data, features)
            if pixels is not None:
                return pixels
            if is_picture(data[:HEAD], len(data)):
                return bytes(data)
    raise unreadable(
        "The TFRecord holds no picture under a name that is known",
        place,
        "Save its samples as an npy file, or store the pictures as image_jpeg.",
        f"features {listed(sorted(features), NAMES_LISTED) or 'none'}",
    )


def stored_name(record: bytes, place: str) -> str:
    """The name of the file that the picture of one example was made of; "" if it does not say.

    Raises
    ------
    DatasetError : the record is damaged.
    """
    features = _features(record, place)
    for name in NAME_FEATURES:
        if name in features and len(features[name].bytes_list.value) == 1:
            return os.fsdecode(features[name].bytes_list.value[0])
    return ""


def _raw_pixels(data: bytes, features: Mapping[str, Any]) -> Pixels | None:
    for names in SIZE_FEATURES:
        sizes = [features[name].int64_list.value for name in names if name in features]
        if [len(size) for size in sizes] == [1, 1]:
            height, width = (int(size[0]) for size in sizes)
            for channels in (GREY, COLOURS):
                if min(height, width) > 0 and len(data) == height * width * channels:
                    return np.frombuffer(data, np.uint8).reshape(height, width, channels)
    return None


@cache
def _parser() -> Callable[[bytes], Any]:
    try:
        import tensorflow as tf
    except ImportError as error:
        raise DatasetError(
            f"TensorFlow cannot be imported ({error}), but is needed to read a TFRecord; run "
            f"`{install_command('tensorflow')}`"
        ) from error
    parse: Callable[[bytes], Any] = tf.train.Example.FromString
    return parse


def _features(record: bytes, place: str) -> Mapping[str, Any]:
    parse = _parser()
    try:
        features: Mapping[str, Any] = parse(record).features.feature
    except Exception as error:  # the class of it belongs to another package
        raise _damaged(place, "the record is not an example") from error
    return features


def _hop(path: str, most: int) -> tuple[Indices, Indices]:
    """Places and lengths of the records, no more than asked for."""
    offsets: list[int] = []
    lengths: list[int] = []
    with unreadable_as_dataset_error(path), open(path, "rb") as file:
        size, position = os.fstat(file.fileno()).st_size, 0
        while position < size and len(offsets) < most:
            file.seek(position)
            head = file.read(LENGTH + CHECKSUM + 1)
            length = int.from_bytes(head[:LENGTH], "little")
            begin = position + LENGTH + CHECKSUM
            position = begin + length + CHECKSUM
            is_whole = 0 < length <= LONGEST_RECORD and position <= size
            if not is_whole or head[-1:] != FIELD:
                raise _damaged(path, f"record {len(offsets)} is cut off or malformed")
            offsets.append(begin)
            lengths.append(length)
    if not offsets:
        raise _damaged(path, "it is empty")
    if position < size and most == MOST_RECORDS:
        raise _damaged(path, f"more than {MOST_RECORDS:,} records")
    return np.array(offsets, np.int64), np.array(lengths, np.int64)


def _damaged(place: str, reason: str) -> DatasetError:
    return unreadable(
        "The TFRecord is damaged", place, "Write the file again from the pictures.", reason
    )
