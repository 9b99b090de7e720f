"""Several arrays one behind the other in an npy file, of which numpy.load reads the first alone."""

from __future__ import annotations

import os
from collections.abc import Sequence

from utils.dataset.arrays import unreadable_as_dataset_error
from utils.dataset.headers import ArrayHeader, checked_header
from utils.dataset.recipes.commands import array_names
from utils.dataset.recipes.fitting import fitting_steps
from utils.dataset.recipes.shell_line import array_line, arrays_line, literal
from utils.dataset.recipes.steps import Kind, Step, Steps, in_words, statements
from utils.dataset.recipes.values import Values
from utils.dataset.refusals import as_remedy
from utils.errors import DatasetError
from utils.files.glimpse import NPY
from utils.har.network import Layer, Shape
from utils.wording import plural

MOST_ARRAYS = 100_000  # whose headers are read


def refuse_appended(path: str, first: ArrayHeader, inputs: Sequence[Layer]) -> None:
    """Refuse a file that was written by several calls of numpy.save.

    Raises
    ------
    DatasetError : it holds other arrays behind the first one.
    """
    headers = _headers(path, first)
    if len(headers) == 1:
        return
    samples = [header.shape for header in headers]
    steps, command = _mending(path, headers, inputs)
    raise DatasetError(
        "The file holds several arrays, of which numpy.load reads the first alone",
        "calibration-unreadable",
        f"{path}: {plural(len(samples), 'array')}, the first of shape {samples[0]}, the last of "
        f"shape {samples[-1]}",
        as_remedy(in_words(steps)),
        command,
    )


def _headers(path: str, first: ArrayHeader) -> list[ArrayHeader]:
    headers, end = [first], first.offset + first.nbytes
    with unreadable_as_dataset_error(path), open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        while end < size and len(headers) < MOST_ARRAYS:
            stream.seek(end)
            if stream.read(len(NPY)) != NPY:
                break  # numpy ignores what follows an array
            stream.seek(end)
            headers.append(checked_header(stream, size - end, path))
            end += headers[-1].offset + headers[-1].nbytes
    return headers


def _mending(
    path: str, headers: Sequence[ArrayHeader], inputs: Sequence[Layer]
) -> tuple[Steps, str]:
    """What makes one file that fits of the arrays, and the line that does; "" where none does."""
    opened = f"h = open({literal(path)}, {literal('rb')})"
    if len(inputs) == len(headers) > 1:
        rest = {
            layer.base_name: fitting_steps(header, layer.output_shape)
            for layer, header in zip(inputs, headers, strict=True)
        }
        names = array_names(inputs)
        arrays = {
            names[layer.name]: ("np.load(h)", statements(rest[layer.base_name] or ()))
            for layer in inputs
        }
        is_fitting = all(found is not None for found in rest.values())
        step = Step(Kind.SPLIT_APPENDED)
        return (step,), arrays_line(path, [opened], arrays) if is_fitting else ""
    step = Step(Kind.JOIN_APPENDED)
    if len(inputs) > 1:
        return (step,), ""
    found = _joined(headers, inputs[0].output_shape)
    if found is None:
        return (step,), ""
    function, rest_of_all = found
    reading = f"np.{function}([np.load(h) for _ in range({len(headers)})])"
    line = array_line(path, reading, statements(rest_of_all), before=opened)
    return (step, *rest_of_all), line


def _joined(headers: Sequence[ArrayHeader], expected: Shape) -> tuple[str, Steps] | None:
    """The function of numpy that joins arrays, and what makes the result fit in fewest steps."""
    shapes = {header.shape for header in headers}
    of_samples = {shape[1:] for shape in shapes}
    ways = []
    if len(of_samples) == 1:
        count = sum(header.shape[0] for header in headers)
        ways.append(("concatenate", (count, *of_samples.pop())))
    if len(shapes) == 1:
        ways.append(("stack", (len(headers), *shapes.pop())))
    found = [
        (function, steps)
        for function, shape in ways
        if (steps := fitting_steps(Values(shape, headers[0].dtype), expected)) is not None
    ]
    return min(found, key=lambda way: len(way[1]), default=None)
