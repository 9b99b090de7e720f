"""What to do about a file given as data: a sentence, and a line for a shell that does it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from utils.dataset.recipes.shell_line import literal
from utils.files.glimpse import Glimpse
from utils.files.packing import unpacking_line
from utils.files.table import table_of
from utils.files.typed import PYTHON, typed, unpacking
from utils.har.network import Shape

# How ffmpeg calls what files of raw frames are named after (`ffmpeg -pix_fmts`).
FRAMES = {
    ".yuv": "yuv420p",
    ".i420": "yuv420p",
    ".nv12": "nv12",
    ".nv21": "nv21",
    ".yuyv": "yuyv422",
    ".yuy2": "yuyv422",
    ".uyvy": "uyvy422",
}
GENERATOR = re.compile(r"^def (\w+)\(\s*\)[^\n]*:", re.MULTILINE)


@dataclass(frozen=True)
class Given:
    """A file that was given as the samples of an input.

    Parameters
    ----------
    file : what is seen of it.
    shape : (height, width, channels) of a sample of the input.
    """

    file: Glimpse
    shape: Shape

    @property
    def path(self) -> str:
        """Where it lies."""
        return self.file.path

    @property
    def stem(self) -> str:
        """Name of the file without folder and endings, for what is made of it."""
        stem = os.path.splitext(os.path.basename(self.path))[0]
        return stem.removesuffix(".tar") or "calib"


class WayOut(NamedTuple):
    """What to do.

    Parameters
    ----------
    remedy : one sentence.
    command : a line that does it; "" for none.
    """

    remedy: str
    command: str = ""


def always(remedy: str, command: str = "") -> Callable[[Given], WayOut]:
    """The same for every file."""
    return lambda given: WayOut(remedy, command)


def from_pickle(given: Given) -> WayOut:
    """Arrays out of a pickle; only who trusts it may load it."""
    line = _python(
        "import pickle, numpy as np",
        f'x = pickle.load(open({literal(given.path)}, "rb"))',
        f"np.savez({literal(given.stem + '.npz')}, **x) if isinstance(x, dict) else "
        f"np.save({literal(given.stem + '.npy')}, np.asarray(x))",
    )
    return WayOut("Save its arrays, if you trust who made the file, and pass these.", line)


def from_torch(given: Given) -> WayOut:
    """An array of a tensor."""
    return _saved(
        given,
        "Save the tensor of samples in it, unless it is a model, as an npy file, and pass that.",
        "import torch, numpy as np",
        f'x = torch.load({literal(given.path)}, map_location="cpu")',
        array="x.numpy()",
    )


def from_hdf5(given: Given) -> WayOut:
    """An array of the first one in the file."""
    return _saved(
        given,
        "Save its array of samples as an npy file, and pass that.",
        "import h5py, numpy as np",
        f"f = h5py.File({literal(given.path)})",
        array="f[list(f)[0]][()]",
    )


def from_table(given: Given) -> WayOut:
    """An array of the numbers, in the shape of the input where there are as many columns."""
    table = table_of(given.file)
    delimiter = "None" if table.separator is None else literal(table.separator)
    height, width, channels = given.shape
    is_sample = table.columns == prod(given.shape)
    shaped = f".reshape(-1, {height}, {width}, {channels})" if is_sample else ""
    return _saved(
        given,
        "Save its numbers as an npy file, and pass that.",
        "import numpy as np",
        f"x = np.loadtxt({literal(given.path)}, np.float32, delimiter={delimiter}, "
        f"skiprows={table.names}, ndmin=2)",
        array=f"x{shaped}",
    )


def from_json(given: Given) -> WayOut:
    """An array of nested lists."""
    return _saved(
        given,
        "Save the samples in it as an npy file, if they are lists of numbers.",
        "import json, numpy as np",
        f"x = json.load(open({literal(given.path)}))",
        array="np.array(x, np.float32)",
    )


def from_generator(given: Given) -> WayOut:
    """An array of what a function without parameters yields."""
    found = GENERATOR.search(given.file.text)
    name = found[1] if found else "representative_dataset"
    return _saved(
        given,
        "Save the batches that it yields as an npy file, and pass that.",
        "import runpy, numpy as np",
        f"f = runpy.run_path({literal(given.path)})[{literal(name)}]",
        "x = [np.asarray(s[0] if isinstance(s, (list, tuple)) else s) for s in f()]",
        array="np.concatenate(x)",
    )


def unpacked(module: str) -> Callable[[Given], WayOut]:
    """The files in it, by a module of Python that unpacks."""
    return lambda given: WayOut(
        f"Unpack it, and pass the folder with {_folder_option(given)}.",
        unpacking(module, given.path, given.stem),
    )


def from_packed(given: Given) -> WayOut:
    """The file in it, or the folder of files."""
    if given.file.is_packed_tar:  # of what Python unpacks itself
        return unpacked("tarfile")(given)
    return WayOut("Unpack it, and pass what comes out.", unpacking_line(given.file))


def from_list(given: Given) -> WayOut:
    """Copies of the pictures in a folder of their own."""
    copying = typed("xargs", "-d", "\\n", "-a", given.path, "cp", "-t", given.stem)
    return WayOut(
        f"Put its pictures into a folder, and pass that with {_folder_option(given)}.",
        f"{typed('mkdir', '--', given.stem)} && {copying}",
    )


def from_video(given: Given) -> WayOut:
    """One picture a second."""
    taking = typed("ffmpeg", "-i", given.path, "-vf", "fps=1", f"{given.stem}/%05d.png")
    return WayOut(
        f"Take pictures of it into a folder, and pass that with {_folder_option(given)}.",
        f"{typed('mkdir', '--', given.stem)} && {taking}",
    )


def from_frames(given: Given) -> WayOut:
    """Pictures of raw frames; nothing tells their size, nor surely their format."""
    height, width, _ = given.shape
    pixels = frame_format(given.path) or ""
    size = f"{width}x{height}"
    taking = typed(
        *("ffmpeg", "-f", "rawvideo", "-pix_fmt", pixels, "-s", size, "-i", given.path),
        f"{given.stem}/%05d.png",
    )
    return WayOut(
        f"Make pictures of them in a folder, with the size and the format of the frames in place "
        f"of {size} and {pixels}, and pass that with {_folder_option(given)}.",
        f"{typed('mkdir', '--', given.stem)} && {taking}",
    )


def frame_format(path: str) -> str | None:
    """The format of raw frames by the end of a file's name, as ffmpeg calls it; None for others."""
    return FRAMES.get(os.path.splitext(path)[1].lower())


def _folder_option(given: Given) -> str:
    return f"`{typed('-d', given.stem)}`"


def _saved(given: Given, remedy: str, *statements: str, array: str) -> WayOut:
    """An npy file of an array, beside where the line is typed."""
    saving = f"np.save({literal(given.stem + '.npy')}, {array})"
    return WayOut(remedy, _python(*statements, saving))


def _python(*statements: str) -> str:
    return typed(PYTHON, "-c", "; ".join(statements))
