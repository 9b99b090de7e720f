"""How many pixels one cell of a layer stands for."""

from __future__ import annotations

import math

from inspectors.nms.heads import Size


def has_stride(image: Size, size: Size, stride: float) -> bool:
    """Whether a layer of this size has this stride; a last cell may be padded, or cut off."""
    if stride < 1:
        return False
    return all(
        cells in (math.floor(pixels / stride), math.ceil(pixels / stride))
        for pixels, cells in zip(image, size, strict=True)
    )


def stride_of(image: Size, size: Size) -> int | None:
    """The stride of a layer; None where none fits both sides, as in flattened layers."""
    stride = round(image[0] / size[0])
    return stride if has_stride(image, size, stride) else None
