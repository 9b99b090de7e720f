"""Arrays whose values are no numbers to compute with, turned into such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from utils.dataset.headers import NUMBER_KINDS, TEXT_KINDS
from utils.dataset.recipes.fitting import fitting_steps
from utils.dataset.recipes.pictures import resizing
from utils.dataset.recipes.shell_line import literal
from utils.dataset.recipes.steps import Kind, Step, Steps
from utils.har.image_like import is_image_shaped
from utils.har.network import Layer, Shape
from utils.wording import printable

MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's, by number of channels
_AS_FLOATS = "x = x.astype(np.float32)"


class Values(NamedTuple):
    """What is known of an array whose values cannot be used.

    Parameters
    ----------
    first : the first value, of texts; "" of others.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    first: str = ""


def number_steps(values: Values, inputs: Sequence[Layer]) -> Steps | None:
    """What makes numbers of the values; None where nobody can know.

    A dictionary is not among them: it is no array.

    Parameters
    ----------
    inputs : those that take the array; several where it is not known which one does.
    """
    expected = inputs[0].output_shape if len(inputs) == 1 else None
    if values.dtype.hasobject and values.shape:
        return _of_objects(values, expected)
    if values.dtype.kind in TEXT_KINDS:
        return _of_texts(values, expected)
    if values.dtype.names:
        return _of_fields(values, expected)
    if values.dtype.kind in "iuf":
        return _then_fitting(Step(Kind.NARROW, _AS_FLOATS, is_quoted=True), values, expected)
    return None


def _of_objects(values: Values, expected: Shape | None) -> Steps:
    if len(values.shape) > 1:
        return _then_fitting(Step(Kind.CAST_OBJECTS, _AS_FLOATS, is_quoted=True), values, expected)
    if expected and is_image_shaped(expected):
        height, width, _ = expected
        code = resizing("x", (height, width), is_bytes=False, dtype=None)
        return (Step(Kind.STACK_PICTURES, code, (str(height), str(width))),)
    return (Step(Kind.STACK_OBJECTS, "x = np.stack(list(x))", is_quoted=True),)


def _of_texts(values: Values, expected: Shape | None) -> Steps | None:
    if _is_number(values.first):
        step = Step(Kind.READ_NUMBERS, _AS_FLOATS, is_quoted=True)
        return _then_fitting(step, values, expected)
    if expected is None or not is_image_shaped(expected):
        return None
    height, width, channels = expected
    picture = f'Image.open(p).convert("{MODES[channels]}").resize(({width}, {height}))'
    axis = "[..., np.newaxis]" if channels == 1 else ""
    code = f"x = np.stack([np.asarray({picture}){axis} for p in x.ravel()])"
    return (Step(Kind.LOAD_PICTURES, code),)


def _of_fields(values: Values, expected: Shape | None) -> Steps | None:
    """The one field that fits best, or the numbers of all fields as the features of a sample."""
    if expected is None or values.dtype.names is None:
        return None
    found = []
    for name in values.dtype.names:
        own = values.dtype[name]
        field = Values((*values.shape, *own.shape), own.base)
        rest = fitting_steps(field, expected) if own.base.kind in NUMBER_KINDS else None
        if rest is not None:
            step = Step(Kind.TAKE_FIELD, f"x = x[{literal(name)}]", (printable(name),))
            found.append((step, *rest))
    names = [n for n in values.dtype.names if values.dtype[n].kind in NUMBER_KINDS]
    joined = Values((*values.shape, len(names)), np.dtype(np.float32))
    rest = fitting_steps(joined, expected) if len(names) == len(values.dtype.names) else None
    if rest is not None:
        code = "x = np.stack([x[n].astype(np.float32) for n in x.dtype.names], -1)"
        found.append((Step(Kind.JOIN_FIELDS, code), *rest))
    return min(found, key=len, default=None)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _then_fitting(step: Step, values: Values, expected: Shape | None) -> Steps:
    as_floats = Values(values.shape, np.dtype(np.float32))
    rest = fitting_steps(as_floats, expected) if expected else ()
    return (step, *(rest or ()))
