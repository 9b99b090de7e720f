"""An npz file with an array for each sample, as `numpy.savez(path, *samples)` makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from utils.dataset.recipes.commands import opening
from utils.dataset.recipes.fitting import Headed, fitting_steps
from utils.dataset.recipes.shell_line import array_line
from utils.dataset.recipes.steps import Kind, Step, Steps, statements
from utils.dataset.recipes.values import Values
from utils.har.network import Shape

LEAST = 2  # arrays of one shape


def stacked_members(
    path: str, arrays: Mapping[str, Headed], expected: Shape
) -> tuple[Steps, str] | None:
    """The steps that join the samples, and the line that does; None where they fit no input.

    Parameters
    ----------
    arrays : of the file, by name.
    expected : (height, width, channels) of one sample.
    """
    shapes = Counter(array.shape for array in arrays.values())
    for shape, count in shapes.most_common(1):
        alike = next(array for array in arrays.values() if array.shape == shape)
        rest = fitting_steps(Values((count, *shape), alike.dtype), expected)
        if count < LEAST or rest is None:
            return None
        chosen = "" if len(shapes) == 1 else f" if f[k].shape == {shape}"
        steps = (Step(Kind.STACK_MEMBERS), *rest)
        reading = f"np.stack([f[k] for k in f.files{chosen}])"
        before = f"f = {opening(path)}"
        return steps, array_line(path, reading, statements(rest), before=before)
    return None
