"""What to do about a file of another kind: one sentence, with a line that runs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from math import prod

from utils.dataset.foreign.glimpse import SEPARATORS, Glimpse
from utils.dataset.foreign.recognised import numbers
from utils.wording import printable

GENERATOR = re.compile(r"^def (\w+)\(\s*\)[^\n]*:", re.MULTILINE)
WayOut = Callable[[Glimpse], str]


def _text(value: str) -> str:
    """A string in Python, in double quotes where that is possible: shells take it as it is."""
    written = repr(value)
    if '"' in written or not written.startswith("'"):
        return written
    return f'"{written[1:-1]}"'


def _python(code: str) -> str:
    return f"`python3 -c {shlex.quote(printable(code))}`"


def from_pickle(file: Glimpse) -> str:
    """Arrays out of a pickle; only who trusts it may load it."""
    code = (
        f'import pickle, numpy as np; x = pickle.load(open({_text(file.path)}, "rb")); '
        f"np.savez({_text(file.stem + '.npz')}, **x) if isinstance(x, dict) else "
        f"np.save({_text(file.stem + '.npy')}, np.asarray(x))"
    )
    return f"Save its arrays with {_python(code)}, if you trust who made the file, and pass these."


def from_torch(file: Glimpse) -> str:
    """An array of a tensor."""
    code = (
        f'import torch, numpy as np; x = torch.load({_text(file.path)}, map_location="cpu"); '
        f"np.save({_text(file.stem + '.npy')}, x.numpy())"
    )
    return f"Save the tensor of samples in it with {_python(code)}, and pass that file."


def from_table(file: Glimpse) -> str:
    """An array of the numbers, in the shape of the input where there are as many columns."""
    rows = file.rows
    skipped = 0 if numbers(rows[0]) else 1
    columns, (height, width, channels) = len(rows[-1]), file.shape
    shaped = f".reshape(-1, {height}, {width}, {channels})"
    code = (
        f"import numpy as np; x = np.loadtxt({_text(file.path)}, np.float32, "
        f"delimiter={_separator(file)}, skiprows={skipped}, ndmin=2); "
        f"np.save({_text(file.stem + '.npy')}, x{shaped if columns == prod(file.shape) else ''})"
    )
    return f"Save it as an array with {_python(code)}, and pass that file."


def _separator(file: Glimpse) -> str:
    separator = SEPARATORS[file.separator]
    return "None" if separator is None else _text(separator)


def from_json(file: Glimpse) -> str:
    """An array of nested lists."""
    code = (
        f"import json, numpy as np; x = json.load(open({_text(file.path)})); "
        f"np.save({_text(file.stem + '.npy')}, np.array(x, np.float32))"
    )
    return f"If it holds the samples as lists of numbers, save them with {_python(code)}."


def from_generator(file: Glimpse) -> str:
    """An array of what a function without parameters yields."""
    found = GENERATOR.search(file.head.decode("utf-8", "ignore"))
    name = found[1] if found else "representative_dataset"
    code = (
        f"import runpy, numpy as np; f = runpy.run_path({_text(file.path)})[{_text(name)}]; "
        "x = [np.asarray(s[0] if isinstance(s, (list, tuple)) else s) for s in f()]; "
        f"np.save({_text(file.stem + '.npy')}, np.concatenate(x))"
    )
    return f"Save the batches that it yields with {_python(code)}, and pass that file."


def from_hdf5(file: Glimpse) -> str:
    """An array of the first one in the file."""
    code = (
        f"import h5py, numpy as np; f = h5py.File({_text(file.path)}); "
        f"np.save({_text(file.stem + '.npy')}, f[list(f)[0]][()])"
    )
    return f"Save its array of samples with {_python(code)}, and pass that file."


def shell(*words: str) -> str:
    """A line for a shell, with words quoted where they need it."""
    return f"`{shlex.join([printable(word) for word in words])}`"


def unpacked(module: str) -> WayOut:
    """The files in it, by a module of Python that unpacks."""
    return lambda file: (
        f"Unpack it with {shell('python3', '-m', module, '-e', file.path, file.stem)}, and pass "
        f"the folder with {shell('-d', file.stem)}."
    )


def from_list(file: Glimpse) -> str:
    """Copies of the pictures in a folder of their own."""
    copied = shlex.join(["xargs", "-d", "\\n", "-a", printable(file.path), "cp", "-t", file.stem])
    return (
        f"Put its pictures into a folder with `mkdir {shlex.quote(printable(file.stem))} && "
        f"{copied}`, and pass that with {shell('-d', file.stem)}."
    )


def from_video(file: Glimpse) -> str:
    """One picture a second."""
    frames = shlex.join(
        ["ffmpeg", "-i", printable(file.path), "-vf", "fps=1", f"{printable(file.stem)}/%05d.png"]
    )
    return (
        f"Take pictures of it with `mkdir {shlex.quote(printable(file.stem))} && {frames}`, and "
        f"pass the folder with {shell('-d', file.stem)}."
    )


def from_gzip(file: Glimpse) -> str:
    """The file in it."""
    return f"Unpack it with {shell('gunzip', '-k', file.path)}, and pass what comes out."


def always(remedy: str) -> WayOut:
    """The same for every file."""
    return lambda file: remedy
