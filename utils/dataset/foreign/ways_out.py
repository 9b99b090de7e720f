"""What to do about a file of another kind: a sentence, and a line for a shell that does it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from math import prod
from typing import NamedTuple

from utils.dataset.foreign.glimpse import SEPARATORS, Glimpse
from utils.dataset.foreign.recognised import numbers
from utils.dataset.recipes.shell_line import literal
from utils.wording import printable

GENERATOR = re.compile(r"^def (\w+)\(\s*\)[^\n]*:", re.MULTILINE)


class WayOut(NamedTuple):
    """What to do.

    Parameters
    ----------
    remedy : one sentence.
    command : a line that does it; "" for none.
    """

    remedy: str
    command: str = ""


def always(remedy: str, command: str = "") -> Callable[[Glimpse], WayOut]:
    """The same for every file."""
    return lambda file: WayOut(remedy, command)


def from_pickle(file: Glimpse) -> WayOut:
    """Arrays out of a pickle; only who trusts it may load it."""
    line = _python(
        "import pickle, numpy as np",
        f'x = pickle.load(open({literal(file.path)}, "rb"))',
        f"np.savez({literal(file.stem + '.npz')}, **x) if isinstance(x, dict) else "
        f"np.save({literal(file.stem + '.npy')}, np.asarray(x))",
    )
    return WayOut("Save its arrays, if you trust who made the file, and pass these.", line)


def from_torch(file: Glimpse) -> WayOut:
    """An array of a tensor."""
    line = _python(
        "import torch, numpy as np",
        f'x = torch.load({literal(file.path)}, map_location="cpu")',
        _saved(file, "x.numpy()"),
    )
    return WayOut(
        "Save the tensor of samples in it, unless it is a model, as an npy file, and pass that.",
        line,
    )


def from_hdf5(file: Glimpse) -> WayOut:
    """An array of the first one in the file."""
    line = _python(
        "import h5py, numpy as np",
        f"f = h5py.File({literal(file.path)})",
        _saved(file, "f[list(f)[0]][()]"),
    )
    return WayOut("Save its array of samples as an npy file, and pass that.", line)


def from_table(file: Glimpse) -> WayOut:
    """An array of the numbers, in the shape of the input where there are as many columns."""
    rows = file.rows
    separator = SEPARATORS[file.separator]
    delimiter = "None" if separator is None else literal(separator)
    skipped = 0 if numbers(rows[0]) else 1
    height, width, channels = file.shape
    is_sample = len(rows[-1]) == prod(file.shape)
    shaped = f".reshape(-1, {height}, {width}, {channels})" if is_sample else ""
    line = _python(
        "import numpy as np",
        f"x = np.loadtxt({literal(file.path)}, np.float32, delimiter={delimiter}, "
        f"skiprows={skipped}, ndmin=2)",
        _saved(file, f"x{shaped}"),
    )
    return WayOut("Save its numbers as an npy file, and pass that.", line)


def from_json(file: Glimpse) -> WayOut:
    """An array of nested lists."""
    line = _python(
        "import json, numpy as np",
        f"x = json.load(open({literal(file.path)}))",
        _saved(file, "np.array(x, np.float32)"),
    )
    return WayOut("Save the samples in it as an npy file, if they are lists of numbers.", line)


def from_generator(file: Glimpse) -> WayOut:
    """An array of what a function without parameters yields."""
    found = GENERATOR.search(file.head.decode("utf-8", "ignore"))
    name = found[1] if found else "representative_dataset"
    line = _python(
        "import runpy, numpy as np",
        f"f = runpy.run_path({literal(file.path)})[{literal(name)}]",
        "x = [np.asarray(s[0] if isinstance(s, (list, tuple)) else s) for s in f()]",
        _saved(file, "np.concatenate(x)"),
    )
    return WayOut("Save the batches that it yields as an npy file, and pass that.", line)


def unpacked(module: str) -> Callable[[Glimpse], WayOut]:
    """The files in it, by a module of Python that unpacks."""
    return lambda file: WayOut(
        f"Unpack it, and pass the folder with {_folder_option(file)}.",
        _shell("python3", "-m", module, "-e", file.path, file.stem),
    )


def from_gzip(file: Glimpse) -> WayOut:
    """The file in it."""
    return WayOut("Unpack it, and pass what comes out.", _shell("gunzip", "-k", "--", file.path))


def from_list(file: Glimpse) -> WayOut:
    """Copies of the pictures in a folder of their own."""
    copying = _shell("xargs", "-d", "\\n", "-a", file.path, "cp", "-t", file.stem)
    return WayOut(
        f"Put its pictures into a folder, and pass that with {_folder_option(file)}.",
        f"{_shell('mkdir', '--', file.stem)} && {copying}",
    )


def from_video(file: Glimpse) -> WayOut:
    """One picture a second."""
    taking = _shell("ffmpeg", "-i", file.path, "-vf", "fps=1", f"{file.stem}/%05d.png")
    return WayOut(
        f"Take pictures of it into a folder, and pass that with {_folder_option(file)}.",
        f"{_shell('mkdir', '--', file.stem)} && {taking}",
    )


def _folder_option(file: Glimpse) -> str:
    return f"`{_shell('-d', file.stem)}`"


def _saved(file: Glimpse, array: str) -> str:
    return f"np.save({literal(file.stem + '.npy')}, {array})"


def _python(*statements: str) -> str:
    return _shell("python3", "-c", "; ".join(statements))


def _shell(*words: str) -> str:
    return shlex.join([printable(word) for word in words])
