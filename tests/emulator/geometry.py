"""Geometries of sliding windows, with padding found without the arithmetic under test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Geometry:
    """One convolution; height and width differ so that a mix-up shows."""

    size: tuple[int, int] = (9, 8)
    kernel: tuple[int, int] = (3, 3)
    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    padding: str = "VALID"
    groups: int = 1
    fan_in: int = 2
    fan_out: int = 3

    @property
    def channels(self) -> int:
        return self.groups * self.fan_in

    def params(self) -> dict[str, Any]:
        return {
            "strides": [1, *self.strides, 1],
            "dilations": [1, *self.dilations, 1],
            "padding": self.padding,
            "groups": self.groups,
        }

    def onnx_attributes(self) -> dict[str, Any]:
        begins, ends = zip(*(self._pads(axis) for axis in (0, 1)), strict=True)
        return {
            "strides": self.strides,
            "dilations": self.dilations,
            "pads": [*begins, *ends],
            "group": self.groups,
        }

    def _pads(self, axis: int) -> tuple[int, int]:
        """Padding found by trying, until as many windows fit as the mode promises."""
        size, stride = self.size[axis], self.strides[axis]
        reach = (self.kernel[axis] - 1) * self.dilations[axis]
        if self.padding == "VALID":
            return 0, 0
        for total in range(64):
            begin = reach // 2 if self.padding == "SAME" else total // 2
            end = total if self.padding == "SAME" else total - begin
            if (begin + size + end - reach - 1) // stride + 1 >= -(-size // stride):
                return begin, end
        raise AssertionError("no padding found")

    def fits(self) -> bool:
        return self.padding != "VALID" or all(
            size > (kernel - 1) * dilation
            for size, kernel, dilation in zip(self.size, self.kernel, self.dilations, strict=True)
        )


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high))
