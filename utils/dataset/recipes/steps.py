"""What recipes can do, one kind of step after the other: in words, and as a statement of Python."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from utils.wording import listed


class Kind(Enum):
    """Every kind of step; the value says it, as an imperative without its end."""

    ORDER_AXES = "bring the axes into the order samples, height, width, channels"
    RESHAPE = "reshape the array to samples of {0} x {1} x {2}"
    ADD_AXIS = "add the axis that is missing"
    REMOVE_AXIS = "remove the extra axis"
    CUT_ALPHA = "leave out the alpha channel"
    REPEAT_GREY = "repeat the grey channel three times"
    AVERAGE_COLOURS = "average the colours to grey"
    CONVERT_FRAMES = (
        "convert the frames to RGB if a camera gave them as NV12 (NV21 and I420 lie otherwise: "
        "cv2.cvtColor converts these)"
    )
    UNPACK_FRAMES = "convert the frames to RGB, which a camera seems to have given as {0}"
    UNPACK_BITS = "take red, green and blue out of the 16 bits of each pixel (RGB565)"
    DEMOSAIC = (
        "make colours of the mosaic of a sensor, whose first filter is red in this line "
        "(cv2.demosaicing knows other orders and is finer)"
    )
    TAKE_BRIGHTNESS = "take the brightness of the frames, their first {0} rows"
    RESIZE = "resize the pictures to {0} x {1} (height x width), best from the original files"
    CAST_OBJECTS = "store the values as numbers"
    STACK_OBJECTS = "stack the arrays to one of numbers"
    STACK_PICTURES = "resize the pictures to {0} x {1} (height x width) and stack them"
    UNPACK_DICTIONARY = "save the arrays of the dictionary as npz"
    LOAD_PICTURES = (
        "load the pictures that the file names, in the folder that these names start from"
    )
    READ_NUMBERS = "convert the texts to numbers"
    NARROW = "convert the values to float32"
    TAKE_FIELD = "save the field {0} alone"
    JOIN_FIELDS = "make one array of the fields"
    JOIN_APPENDED = "join the arrays to one"
    SPLIT_APPENDED = "save the arrays under the names of the inputs, in their order"
    STACK_MEMBERS = "stack the arrays of the file to one"
    TAKE_ARRAY = "save the one array that calibration needs, such as {0}, as a file of its own"
    NAME_ARRAYS = "name the arrays after the inputs"
    EXCHANGE_ARRAYS = "exchange the arrays, of which each fits the other input"
    SPLIT_STACK = "save the arrays that are stacked in one under the names of the inputs"
    SPLIT_JOINED = "cut the array into the parts of the inputs, in their order"
    LEAVE_OUT = "leave out the samples that hold such values"
    CUT_SAMPLES = "cut all arrays to {0} if samples at the same place belong together"
    REPEAT_SAMPLE = "repeat the one sample of an array if it belongs to all of the others"


@dataclass(frozen=True)
class Step:
    """One step of a recipe.

    Parameters
    ----------
    code : statement that does it to the array `x`; "" where the reading does it.
    of : what the words of the kind leave open.
    remark : what follows the words.
    is_quoted : whether the words quote the statement.
    """

    kind: Kind
    code: str = ""
    of: tuple[str, ...] = ()
    remark: str = ""
    is_quoted: bool = False

    @property
    def in_words(self) -> str:
        """As an imperative without its end."""
        quoted = f" with `{self.code}`" if self.is_quoted else ""
        return f"{self.kind.value.format(*self.of)}{quoted}{self.remark}"


Steps = tuple[Step, ...]


def statements(steps: Steps) -> tuple[str, ...]:
    """The statements of some steps, in their order."""
    return tuple(step.code for step in steps if step.code)


def in_words(steps: Steps) -> str:
    """What some steps do, as an imperative without its end."""
    return listed([step.in_words for step in steps])
