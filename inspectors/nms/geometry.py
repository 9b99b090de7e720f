"""Strides and image size against the shapes of the network."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspectors.nms.heads import MAX_NAMED, Detector, Head, Size
from utils.findings import Finding, Severity
from utils.side_files.nms_config import NmsDecoder
from utils.wording import listed


def stride_findings(detector: Detector) -> Iterator[Finding]:
    """Yield where the image size or a stride contradicts the network."""
    yield from _image_size(detector)
    yield from _strides(detector)


def _image_size(detector: Detector) -> Iterator[Finding]:
    written, image = detector.config.image_dims, detector.image
    if written is None or image is None or written == image:
        return
    note = " (height first)" if written == image[::-1] else ""
    yield Finding(
        id="nms-stride",
        severity=Severity.ERROR,
        headline="The image size of the NMS configuration is not that of the network",
        evidence=f'"image_dims" of {detector.config.path} is {_shown(written)}, the network takes '
        f"{_shown(image)}",
        why="Boxes are scaled wrongly.",
        remedy=f'Write "image_dims": {list(image)}{note} in {detector.config.path}.',
        layers=tuple(layer.name for layer in detector.network.input_layers),
        measured={"height": float(image[0]), "width": float(image[1])},
        location=detector.config.location("image_dims"),
    )


def _strides(detector: Detector) -> Iterator[Finding]:
    right = {d: stride for d, stride in _fitting_strides(detector).items() if stride is not None}
    wrong = {d: stride for d, stride in right.items() if d.stride != stride}
    if not wrong:
        return
    heads = {decoder: _sized_head(detector, decoder) for decoder in wrong}
    parts = [
        f"{decoder.described} has {_number(decoder.stride)}, "
        f"{head.layer.described()} is {_shown(head.shape[:2])}"
        for decoder, head in heads.items()
        if head and head.layer and head.shape
    ]
    entries = [f'"stride": {stride} in {decoder.described}' for decoder, stride in wrong.items()]
    first = next(iter(wrong))
    yield Finding(
        id="nms-stride",
        severity=Severity.ERROR,
        headline="Strides of the NMS configuration do not fit the sizes of the layers",
        evidence=f"image of {_shown(_image(detector) or (0, 0))}: {listed(parts, MAX_NAMED)}",
        why="Boxes of these scales come out at wrong places and with wrong sizes.",
        remedy=f"Write {listed(entries, len(entries))} of {detector.config.path}.",
        layers=tuple(head.layer.name for head in heads.values() if head and head.layer),
        measured={f"stride of {d.described}": float(stride) for d, stride in wrong.items()},
        location=detector.config.location("stride", first),
    )


def strides_not_checked(detector: Detector) -> list[str]:
    """Names of the decoders whose strides could not be compared with a layer's size."""
    fitting = _fitting_strides(detector)
    return [decoder.described for decoder, stride in fitting.items() if stride is None]


def _fitting_strides(detector: Detector) -> dict[NmsDecoder, int | None]:
    """The stride that the layers have, by decoder that says one; None if it cannot be told."""
    return {
        decoder: _stride(_image(detector), _sized_head(detector, decoder), decoder.stride)
        for decoder in detector.config.decoders
        if decoder.stride is not None
    }


def _image(detector: Detector) -> Size | None:
    return detector.image or detector.config.image_dims


def _sized_head(detector: Detector, decoder: NmsDecoder) -> Head | None:
    heads = [h for h in detector.heads_of(decoder).values() if h.shape and detector.is_end(h)]
    return heads[0] if heads else None


def _stride(image: Size | None, head: Head | None, written: float) -> int | None:
    if image is None or head is None or head.shape is None:
        return None
    size = head.shape[:2]
    for stride in (written, round(image[0] / size[0])):
        if stride >= 1 and all(map(_fits, image, size, (stride, stride))):
            return int(stride)
    return None


def _fits(pixels: int, cells: int, stride: float) -> bool:
    return cells in (math.floor(pixels / stride), math.ceil(pixels / stride))


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _shown(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
