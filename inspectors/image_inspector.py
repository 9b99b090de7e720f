"""Contact sheets of the calibration images, for the eye."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from utils.findings import Artifact, Finding, NotChecked, Severity
from utils.har.network import Layer
from utils.wording import plural


class ImageInspector(BaseInspector):
    """Do the calibration images look as they should?

    Swapped colours, scrambled rows, grey or empty pictures: a look at the data finds within a
    second what no statistics prove. This inspector draws some samples, evenly spread over the data,
    of every input with 3 channels of at least 16 x 16 pixels and no negative values, once with the
    channels in the order of the data and once reversed. It needs the data, and is silent about
    other inputs.

    - `images-saved` (info): `standard.jpg` shows the channels as they are, taken for RGB,
      `inverse.jpg` reversed, taken for BGR. The one with natural colours tells the order of the
      data; it has to be the order that the network was trained with. With several such inputs
      the names end in the one of the input.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.INPUT_STATISTICS | Need.PREVIEWS

    CHANNELS = 3  # red, green and blue in either order
    MIN_SIDE = 16  # pixels; less shows nothing

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without data, or without an input that holds pictures, there is nothing to draw."""
        if context.measurements is None:
            return NotChecked("drawing pictures takes data", context.without_data)
        if self._drawable(context):
            return ""
        return (
            f"no input holds {self.CHANNELS} channels of at least {self.MIN_SIDE} x "
            f"{self.MIN_SIDE} pixels without negative values"
        )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Draw two contact sheets for every input with pictures."""
        from utils.dataset.contact_sheet import contact_sheet  # imports Pillow, for this alone

        drawable = self._drawable(context)
        for (layer, samples), ending in zip(
            drawable, _endings([layer for layer, _ in drawable]), strict=True
        ):
            names = [f"standard{ending}.jpg", f"inverse{ending}.jpg"]
            sheets = [contact_sheet(samples, swap=swap) for swap in (False, True)]
            yield Finding(
                id="images-saved",
                severity=Severity.INFO,
                headline="Some samples are drawn as pictures",
                evidence=f"{_chosen(context, len(samples))} of {layer.described()}, with the "
                f"channels as they are in {names[0]}, reversed in {names[1]}",
                why="The picture with natural colours shows the order of the channels.",
                layers=(layer.name,),
                measured={"samples": float(len(samples))},
                artifacts=tuple(map(Artifact, names, sheets)),
            )

    def _drawable(self, context: Context) -> list[tuple[Layer, NDArray[np.float32]]]:
        """Inputs that hold pictures, with their samples."""
        previews = context.measurements.previews if context.measurements else {}
        return [
            (layer, previews[layer.name])
            for layer in context.model.network.input_layers
            if layer.name in previews and self._holds_images(context, layer, previews[layer.name])
        ]

    def _holds_images(self, context: Context, layer: Layer, samples: NDArray[np.float32]) -> bool:
        height, width, channels = layer.output_shape
        if channels != self.CHANNELS or min(height, width) < self.MIN_SIDE or not samples.size:
            return False
        measured = context.measured(layer.name)
        low = float(samples.min()) if measured is None else measured.output.low
        return low >= 0.0 and bool(np.isfinite(samples).all())


def _chosen(context: Context, drawn: int) -> str:
    """How many samples are drawn, and of which."""
    of = context.calibration.samples if context.calibration else drawn
    if of <= drawn:
        return plural(drawn, "sample")
    return f"{drawn:,} of {plural(of, 'sample')}, evenly spread over the file,"


def _endings(layers: Sequence[Layer]) -> list[str]:
    """What tells the files of several inputs apart; nothing where there is only one."""
    if len(layers) < 2:
        return [""] * len(layers)
    names = [layer.base_name for layer in layers]
    if len(set(names)) < len(names):
        names = [layer.name for layer in layers]
    # Names come from the archive; a file name must not leave the folder it is written to.
    return ["_" + re.sub(r"[^\w.-]", "_", name) for name in names]
