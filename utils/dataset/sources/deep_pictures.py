"""Pictures of more than 8 bits a channel: refused, with a line that writes their values.

Nobody knows what such values stand for. Some scripts divide them by 257, others take the upper
byte, cut them off at 255, or train on them as they are. As an array they are compared with what
the archive was calibrated on, which tells.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence

from utils.dataset.read_as import CROP, EXACT, STRETCH
from utils.dataset.recipes.shell_line import array_line, literal
from utils.dataset.sources.refusals import of_another_type
from utils.errors import DatasetError
from utils.har.network import Shape

DEEP = ("I", "F")  # Pillow's modes of more than 8 bits a channel, by their first letter
COLOURS = 3
_SINGLE = "Image.fromarray(np.asarray(Image.open(i)).astype(np.float32))"
# Letterbox is left out, as nobody knows which of these values is the grey of its bars.
_READ = {
    EXACT: "np.asarray(Image.open(i))",
    STRETCH: f"np.asarray({_SINGLE}.resize({{size}}, Image.BILINEAR))",
    CROP: f"np.asarray(ImageOps.fit({_SINGLE}, {{size}}, Image.BILINEAR))",
}


def is_deep(mode: str) -> bool:
    """Whether pictures of one of Pillow's modes have more than 8 bits a channel."""
    return mode.startswith(DEEP)


def of_more_bits(evidence: str, mode: str, command: str = "") -> DatasetError:
    """The error of pictures of more than 8 bits.

    Parameters
    ----------
    evidence : which.
    mode : of one of them.
    command : a line that writes their values to an npy file; "" for none.
    """
    return of_another_type(
        "Pictures hold more than 8 bits a channel",
        f"{evidence}: {mode} in the terms of Pillow",
        "Write their values to an npy file, and pass that, so that their scale is compared with "
        "the calibration's."
        if command
        else "Save the pictures with 8 bits a channel, or their values as a float32 npy file.",
        command,
    )


def values_line(place: str, paths: Sequence[str], shape: Shape, resize: str) -> str:
    """A line for a shell that writes the values of pictures in one channel to an npy file.

    Parameters
    ----------
    place : what the user named: a folder, a pattern or a picture.
    paths : of the pictures.
    shape : (height, width, channels) of the input.
    resize : what is done to them, one of `RESIZES`.

    Returns
    -------
    "" where nobody can tell what to do.
    """
    pattern = _pattern(place, paths)
    if resize not in _READ or sorted(glob.glob(pattern, recursive=True)) != sorted(paths):
        return ""
    height, width, channels = shape
    one = _READ[resize].format(size=(width, height))
    files = f"sorted(glob.glob({literal(pattern)}, recursive=True))"
    statements = ["x = x[..., None].astype(np.float32)"]
    if channels == COLOURS:
        statements.append("x = np.repeat(x, 3, axis=-1)")
    imports = "import glob; from PIL import ImageOps" if resize == CROP else "import glob"
    return array_line(_root(place), f"np.stack([{one} for i in {files}])", statements, imports)


def _pattern(place: str, paths: Sequence[str]) -> str:
    """A pattern for all the pictures, as far as they have one ending."""
    if not os.path.isdir(place):
        return glob.escape(place) if os.path.exists(place) else place
    ending = glob.escape(os.path.splitext(paths[0])[1])
    return os.path.join(glob.escape(place), "**", f"*{ending}")


def _root(place: str) -> str:
    """What the name of the array is made of; a pattern names no file."""
    return os.path.normpath(place) if os.path.exists(place) else "pictures"
