"""Strides and image size against the shapes of the network."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.nms.heads import MAX_NAMED, Detector, Size
from inspectors.nms.matching import Match
from inspectors.nms.strides import has_stride, stride_of
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.side_files.nms_config import NmsDecoder
from utils.wording import listed

_SIZES_AND_CHANNELS = 3  # as a shape has them, in place of the two sizes


def image_findings(detector: Detector) -> Iterator[Finding]:
    """Yield where the image size contradicts the network."""
    written, image = detector.config.image_dims, detector.image
    if image is None or (written or _with_channels(detector)) in (None, image):
        return
    note = " (height first)" if written == image[::-1] else ""
    said = _shown(written) if written else detector.quoted("image_dims")
    yield Finding(
        id="nms-stride",
        severity=Severity.ERROR,
        headline="The image size of the NMS configuration is not that of the network",
        evidence=f'"image_dims" of {detector.config.path} is {said}, the network takes '
        f"{_shown(image)}",
        why="Boxes are scaled wrongly.",
        remedy=f'Write "image_dims": {list(image)}{note} in {detector.config.path}.',
        layers=tuple(layer.name for layer in detector.network.input_layers),
        measured={"height": float(image[0]), "width": float(image[1])},
        location=detector.config.location("image_dims"),
    )


def _with_channels(detector: Detector) -> Size | None:
    """The first two of three sizes, which are height and width where channels come last."""
    given = detector.config.values.get("image_dims")
    if not isinstance(given, list) or len(given) != _SIZES_AND_CHANNELS:
        return None
    if not all(type(each) is int for each in given):
        return None
    return given[0], given[1]


def stride_findings(detector: Detector, match: Match) -> Iterator[Finding]:
    """Yield where a stride contradicts the size of a layer."""
    right = {d: s for d, s in _fitting_strides(detector, match).items() if s is not None}
    wrong = {d: stride for d, stride in right.items() if d.stride != stride}
    if not wrong:
        return
    layers = {d: layer for d in wrong if (layer := _sized_layer(detector, match, d)) is not None}
    parts = [
        f"{decoder.described} has {_number(decoder.stride)}, "
        f"{layer.described()} is {_shown(layer.output_shape[:2])}"
        for decoder, layer in layers.items()
    ]
    entries = [f'"stride": {stride} in {decoder.described}' for decoder, stride in wrong.items()]
    first = next(iter(wrong))
    yield Finding(
        id="nms-stride",
        severity=Severity.ERROR,
        headline="Strides of the NMS configuration do not fit the sizes of the layers",
        evidence=f"image of {_shown(detector.seen_image or (0, 0))}: {listed(parts, MAX_NAMED)}",
        why="Boxes of these scales come out at wrong places and with wrong sizes.",
        remedy=f"Write {listed(entries, len(entries))} of {detector.config.path}.",
        layers=tuple(layer.name for layer in layers.values()),
        measured={f"stride of {d.described}": float(stride) for d, stride in wrong.items()},
        location=detector.config.location("stride", first),
    )


def strides_not_checked(detector: Detector, match: Match) -> list[str]:
    """Names of the decoders whose strides could not be compared with a layer's size."""
    fitting = _fitting_strides(detector, match)
    return [decoder.described for decoder, stride in fitting.items() if stride is None]


def _fitting_strides(detector: Detector, match: Match) -> dict[NmsDecoder, int | None]:
    """The stride that the layers have, by decoder that says one; None if it cannot be told."""
    return {
        decoder: _stride(detector.seen_image, _sized_layer(detector, match, decoder), decoder)
        for decoder in detector.config.decoders
        if decoder.stride is not None
    }


def _sized_layer(detector: Detector, match: Match, decoder: NmsDecoder) -> Layer | None:
    found = (match.layers.get(head) for head in detector.heads_of(decoder))
    return next((layer for layer in found if layer is not None), None)


def _stride(image: Size | None, layer: Layer | None, decoder: NmsDecoder) -> int | None:
    if image is None or layer is None or decoder.stride is None:
        return None
    size = layer.output_shape[:2]
    if has_stride(image, size, decoder.stride):
        return int(decoder.stride)
    return stride_of(image, size)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _shown(size: Size) -> str:
    return f"{size[0]}x{size[1]}"
