"""What the user points at with -d, unless that is one npy or npz file."""

from __future__ import annotations

import glob
import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from utils.dataset.arrays import open_npy, unreadable_as_dataset_error
from utils.dataset.facts import NAMES_LISTED
from utils.dataset.foreign.kinds import refuse_foreign
from utils.dataset.read_as import ReadAs
from utils.dataset.sources.listing import (
    ENDINGS,
    by_kind,
    files_below,
    files_matching,
    folders_in,
    links_nowhere,
)
from utils.dataset.sources.mapped_files import npy_files, raw_files, raw_remedy
from utils.dataset.sources.nowhere import refuse_links_nowhere
from utils.dataset.sources.picture_files import picture_files
from utils.dataset.sources.pictures import COLOURS, GREY
from utils.dataset.sources.refusals import of_another_shape, unnamed, unreadable
from utils.dataset.sources.source import NPY_FILES, PICTURES, RAW_VALUES, Opened, Source
from utils.dataset.sources.tf_record import is_tf_record, tf_record
from utils.files.absent import absent
from utils.files.glimpse import NPY
from utils.files.pictures import HEAD, is_picture
from utils.files.typed import typed
from utils.har.network import Layer, Shape
from utils.wording import listed, plural, printable

Matcher = Callable[[Sequence[str], Sequence[Layer]], Mapping[str, str]]
NOUNS = {NPY_FILES: "npy file", PICTURES: "picture", RAW_VALUES: "raw file"}
WHAT_IS_TAKEN = "an npy or npz file, a TFRecord, or a folder of pictures or of npy files"


class _OneInput:
    """Where the samples of one input are looked for."""

    def __init__(self, layer: Layer, converted: Shape | None, read_as: ReadAs) -> None:
        self.layer = layer
        self.read_as = read_as
        shapes = [layer.output_shape, *([converted] if converted else [])]
        self._for_pictures = [shape for shape in shapes if shape[2] in (GREY, COLOURS)]

    def picture_shape(self, place: str) -> Shape:
        """Shape that pictures are given.

        Raises
        ------
        DatasetError : the input has another number of channels.
        """
        if self._for_pictures:
            return self._for_pictures[0]
        height, width, channels = self.layer.output_shape
        raise of_another_shape(
            "The network's input does not take pictures",
            f"{place}, {self.layer.name}: {plural(channels, 'channel')}",
            f"Save the samples as an array of shape (samples, {height}, {width}, {channels}) in an "
            "npy file.",
        )

    def files(self, folder: str, files: Sequence[str], place: str) -> Source:
        """Files of one kind, relative to a folder; others among them are ignored, and said."""
        kinds = by_kind(files)
        is_raw = RAW_VALUES in kinds and (self.read_as.raw_shape is not None or len(kinds) == 1)
        # Raw values beside other samples are something else, unless the user tells their shape.
        kinds = {k: found for k, found in kinds.items() if (k == RAW_VALUES) == is_raw}
        if len(kinds) != 1:
            raise _no_single_kind(place, kinds, len(files))
        ((kind, chosen),) = kinds.items()
        found = self._of_kind(kind, folder, chosen, place)
        taken = set(chosen)
        ignored = [file for file in files if file not in taken]
        return replace(found, notes=(*found.notes, *_left_out(place, ignored)))

    def _of_kind(self, kind: str, folder: str, files: Sequence[str], place: str) -> Source:
        refuse_foreign(os.path.join(folder, files[0]), self.layer.output_shape)
        if kind == NPY_FILES:
            return npy_files(folder, files)
        if kind == PICTURES:
            shape = self.picture_shape(place)
            return picture_files(folder, files, shape, self.read_as, place)
        if self.read_as.raw_shape is None:
            raise _raw_without_shape(place, self.layer.output_shape)
        return raw_files(folder, files, self.read_as)


def open_source(
    path: str,
    inputs: Sequence[Layer],
    converted: Mapping[str, Shape],
    read_as: ReadAs,
    match: Matcher,
) -> Opened | None:
    """Find samples in whatever a path stands for; None where it is an npy or npz file.

    Parameters
    ----------
    path : a file, a folder, or a pattern such as ``calib/*.jpg``.
    inputs : the network's input layers, at least one.
    converted : shape of a sample, by input, that fits as well as the input's own.
    match : which of some names stands for which input.

    Raises
    ------
    DatasetError : there is nothing, nothing that can be read, or not for every input.
    """
    sides = {each.name: _OneInput(each, converted.get(each.name), read_as) for each in inputs}
    if os.path.isdir(path):
        return _folder(path, inputs, sides, match)
    first = next(iter(sides.values()))
    if not os.path.exists(path) and glob.has_magic(path):
        files = files_matching(path)
        if not files:
            refuse_links_nowhere(path)
            raise unreadable("No file matches the pattern", path, f"Pass {WHAT_IS_TAKEN}, with -d.")
        return _single(first.files("", files, path), inputs, path)
    if not os.path.exists(path):
        raise _nothing_at(path)
    if not os.path.isfile(path):
        raise unreadable(
            "The calibration set is not a regular file", path, f"Pass {WHAT_IS_TAKEN}, with -d."
        )
    found = _file(path, first)
    return _single(found, inputs, path) if found else None


def _nothing_at(path: str) -> Exception:
    headline, found = "The calibration set does not exist", absent(path)
    if found is None:
        return unreadable(headline, path, f"Pass {WHAT_IS_TAKEN}, with -d.")
    return unreadable(headline, path, found.remedy, f"it {found.fact}", found.command)


def _left_out(place: str, ignored: Sequence[str]) -> Iterator[str]:
    """Sentences on files that are not read."""
    if ignored:
        many = plural(len(ignored), "other file")
        yield f"{printable(place)}: ignored {many}, such as {printable(ignored[0])}"
    if links := [link for found in by_kind(links_nowhere(place)).values() for link in found]:
        many = plural(len(links), "link")
        yield f"{printable(place)}: left out {many} to nothing, such as {printable(links[0])}"


def _file(path: str, side: _OneInput) -> Source | None:
    with unreadable_as_dataset_error(path):
        with open(path, "rb") as file:
            head = file.read(HEAD)
        size = os.path.getsize(path)
    if head.startswith(NPY):
        return None
    folder, name = os.path.split(path)
    if is_picture(head, size):
        return picture_files(folder, [name], side.picture_shape(path), side.read_as, path)
    if is_tf_record(path):
        return tf_record(path, side.picture_shape(path), side.read_as)
    if side.read_as.raw_shape is not None:
        return raw_files(folder, [name], side.read_as)
    refuse_foreign(path, side.layer.output_shape)
    if list(by_kind([name])) == [RAW_VALUES]:
        raise _raw_without_shape(path, side.layer.output_shape)
    return None


def _single(found: Source, inputs: Sequence[Layer], path: str) -> Opened:
    """The samples of the only input.

    Raises
    ------
    DatasetError : the network has others.
    """
    if len(inputs) > 1:
        raise unnamed(
            "The data are samples of one input, but the network has several",
            f"{path}, {len(inputs)} inputs",
            f"Put the files into folders named {_bases(inputs)}, one for each input, and pass "
            "the folder that holds these.",
        )
    return Opened({inputs[0].name: found.samples}, found.kind, found.names, found.notes)


def _folder(
    path: str, inputs: Sequence[Layer], sides: Mapping[str, _OneInput], match: Matcher
) -> Opened:
    if len(inputs) == 1:
        files = files_below(path)
        if not files:
            refuse_links_nowhere(path)
            raise unreadable("The data folder is empty", path, f"Pass {WHAT_IS_TAKEN}, with -d.")
        return _single(sides[inputs[0].name].files(path, files, path), inputs, path)
    folders = folders_in(path)
    matched = match(folders, inputs)
    if len(matched) == len(inputs):
        found = {}
        for layer in inputs:
            place = os.path.join(path, matched[layer.name])
            found[layer.name] = sides[layer.name].files(place, files_below(place), place)
        return _joined(found)
    arrays = {os.path.splitext(f)[0]: f for f in by_kind(files_below(path)).get(NPY_FILES, ())}
    matched = match(list(arrays), inputs)
    if len(matched) == len(inputs):
        opened = {n: open_npy(os.path.join(path, arrays[m])) for n, m in matched.items()}
        return Opened({layer.name: opened[layer.name] for layer in inputs}, NPY_FILES)
    endings = {**dict.fromkeys(folders, ""), **dict.fromkeys(arrays.values(), ".npy")}
    raise unnamed(
        "The data folder does not tell which samples are for which input",
        f"{path} holds {listed(list(endings), NAMES_LISTED) or 'nothing'}",
        f"Name the folders, or the npy files, in it after the inputs: {_bases(inputs)}.",
        _renaming(path, endings, inputs),
    )


def _renaming(path: str, endings: Mapping[str, str], inputs: Sequence[Layer]) -> str:
    """A line that names folders or files after the inputs, where they are for these in this order.

    Parameters
    ----------
    endings : by name in the folder: what the new name ends in.
    """
    if len(endings) != len(inputs):
        return ""
    moves = []
    for (name, ending), layer in zip(endings.items(), inputs, strict=True):
        places = (os.path.join(path, each) for each in (name, layer.base_name + ending))
        moves.append(typed("mv", "--", *places))
    return " && ".join(moves)


def _joined(found: Mapping[str, Source]) -> Opened:
    first = next(iter(found.values()))
    arrays = {name: source.samples for name, source in found.items()}
    notes = tuple(dict.fromkeys(note for source in found.values() for note in source.notes))
    return Opened(arrays, first.kind, first.names, notes)


def _bases(inputs: Sequence[Layer]) -> str:
    return listed([layer.base_name for layer in inputs], NAMES_LISTED)


def _raw_without_shape(place: str, shape: Shape) -> Exception:
    return of_another_shape(
        "The data are raw values, whose shape and type are stored nowhere", place, raw_remedy(shape)
    )


def _no_single_kind(place: str, kinds: Mapping[str, Sequence[str]], count: int) -> Exception:
    if kinds:
        held = [plural(len(files), NOUNS[kind]) for kind, files in kinds.items()]
        return unreadable(
            "The data folder holds samples of several kinds",
            place,
            f"Pass those that are meant, as with `-d {shlex.quote(printable(place) + '/*.jpg')}`.",
            listed(held),
        )
    return unreadable(
        "The data folder holds nothing that can be read as samples",
        place,
        f"Pass {WHAT_IS_TAKEN}, with -d.",
        f"{plural(count, 'file')}, none of them named as {listed(list(ENDINGS), len(ENDINGS))}",
    )
