"""Lines that move, add and join axes, as steps of a recipe."""

from __future__ import annotations

from math import prod

from utils.dataset.recipes.steps import Kind, Step, Steps
from utils.dataset.shapes import mending_lines, only_unit_axes_differ
from utils.har.network import Shape


def axis_steps(got: tuple[int, ...], expected: Shape) -> Steps:
    """The likeliest line, with what is to be known of it; empty where axes mend nothing.

    Parameters
    ----------
    got : shape of the whole array.
    expected : (height, width, channels) of one sample.
    """
    lines = mending_lines(got, expected)
    if not lines:
        return ()
    remark = _remark(lines, got, expected)
    sizes = tuple(map(str, expected))
    return (Step(_kind(lines[0]), lines[0], sizes, remark, is_quoted=True),)


def _kind(line: str) -> Kind:
    if ".transpose" in line or ".T" in line:
        return Kind.ORDER_AXES
    if ".reshape" in line:
        return Kind.RESHAPE
    return Kind.ADD_AXIS if "newaxis" in line else Kind.REMOVE_AXIS


def _remark(lines: tuple[str, ...], got: tuple[int, ...], expected: Shape) -> str:
    others = " or ".join(f"`{line}`" for line in lines[1:])
    if len(lines) > 1 and all(".reshape" in line for line in lines):
        return (
            " if its values are in the order height, width, channels, "
            f"or {others} if the channels come first"
        )
    remarks = []
    if ".transpose" in lines[0] and not only_unit_axes_differ(got, expected):
        remarks.append("a reshape would scramble the values")
    if _kind(lines[0]) is Kind.RESHAPE and _shows_no_samples(got, expected):
        remarks.append("the rows of a sample have to follow each other")
    if others:
        remarks.append(f"axes have equal size, so that {others} fits as well")
    return f" ({', and '.join(remarks)})" if remarks else ""


def _shows_no_samples(got: tuple[int, ...], expected: Shape) -> bool:
    """Whether no axis shows where samples end."""
    return prod(expected) not in (prod(got[axis:]) for axis in range(len(got)))
