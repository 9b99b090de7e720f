from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Context, Need, Priority
from inspectors.image_inspector import ImageInspector
from tests.fixtures.builders import (
    build_context,
    build_layer,
    build_measurements,
    build_model,
    build_network,
    build_statistics,
)
from tests.har.samples import sample_model
from tests.house.evidence import loud, quiet
from utils.dataset.facts import DatasetFacts
from utils.findings import Finding
from utils.har.network import Shape
from utils.measurements import LayerMeasurement

Previews = dict[str, NDArray[np.float32]]


def red(
    samples: int = 4, side: int = 16, channels: int = 3, low: float = 0.0
) -> NDArray[np.float32]:
    pixels = np.full((samples, side, side, channels), low, np.float32)
    pixels[..., 0] = 255.0
    return pixels


def build(
    *shapes: Shape,
    previews: Sequence[NDArray[np.float32] | None] = (),
    lows: Sequence[float] = (),
    names: Sequence[str] = (),
) -> Context:
    """A context with one input per shape; what is not given is a red picture."""
    names = names or [f"input_layer{index + 1}" for index in range(len(shapes))]
    inputs = [
        build_layer(name, "input_layer", shape=shape)
        for name, shape in zip(names, shapes, strict=True)
    ]
    layers = [
        *inputs,
        build_layer("concat1", inputs=[layer.name for layer in inputs]),
        build_layer("output_layer1", inputs=["concat1"]),
    ]
    network = build_network(layers)
    drawn: Previews = {}
    for index, layer in enumerate(inputs):
        preview = previews[index] if index < len(previews) else red(channels=shapes[index][2])
        if preview is not None:
            drawn[layer.name] = preview
    outputs = {
        layer.name: LayerMeasurement(build_statistics(low, 255.0, channels=layer.output_shape[2]))
        for layer, low in zip(inputs, lows, strict=False)
    }
    measurements = replace(build_measurements(), layers=outputs, previews=drawn)
    return build_context(replace(build_model(), network=network), measurements)


def findings(context: Context) -> list[Finding]:
    return list(ImageInspector().inspect(context))


def pixel(data: bytes) -> list[int]:
    """Colour of a pixel in the middle of the first picture."""
    from PIL import Image

    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return [round(float(value) / 255.0) for value in picture[8, 8]]


QUIET = {
    "table": build((1, 1, 80)),
    "grey": build((32, 32, 1)),
    "four-channels": build((32, 32, 4)),
    "too-low": build((15, 32, 3)),
    "too-narrow": build((32, 15, 3)),
    "no-preview": build((32, 32, 3), previews=[None]),
    "empty-preview": build((32, 32, 3), previews=[red(samples=0)]),
    "negative-preview": build((32, 32, 3), previews=[red(low=-0.1)]),
    "negative-beyond-the-preview": build((32, 32, 3), lows=[-0.1]),
    "nan": build((32, 32, 3), previews=[red(low=np.nan)]),
    "infinite": build((32, 32, 3), previews=[red(low=np.inf)]),
}


@quiet("images-saved")
@pytest.mark.parametrize("context", QUIET.values(), ids=QUIET)
def test_quiet(context: Context) -> None:
    assert findings(context) == []
    assert "no input holds 3 channels" in str(ImageInspector().should_skip(context))


@loud("images-saved")
@pytest.mark.parametrize("shape", [(16, 16, 3), (480, 640, 3)])
@pytest.mark.parametrize("lows", [(), (0.0,)])
def test_two_sheets_for_an_image_input(shape: Shape, lows: tuple[float, ...]) -> None:
    context = build(shape, lows=lows)
    assert str(ImageInspector().should_skip(context)) == ""
    (found,) = findings(context)
    assert (found.id, found.severity.label, found.layers) == (
        "images-saved",
        "info",
        ("net/input_layer1",),
    )
    assert found.measured == {"samples": 4.0}
    assert [artifact.name for artifact in found.artifacts] == ["standard.jpg", "inverse.jpg"]
    assert [pixel(artifact.data) for artifact in found.artifacts] == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("samples", "said"),
    [(4, "4 samples of net/"), (900, "4 of 900 samples, evenly spread over the file, of net/")],
)
def test_it_says_which_samples_are_drawn(samples: int, said: str) -> None:
    data = DatasetFacts("x.npy", samples, min(samples, 64), {})
    (found,) = findings(replace(build((32, 32, 3)), calibration=data))
    assert found.evidence.startswith(said)


@pytest.mark.parametrize(
    ("shapes", "names", "files"),
    [
        ([(32, 32, 3), (1, 1, 80)], (), ["standard.jpg"]),
        (
            [(32, 32, 3), (16, 16, 3)],
            (),
            ["standard_input_layer1.jpg", "standard_input_layer2.jpg"],
        ),
        (  # joined networks
            [(32, 32, 3), (32, 32, 3)],
            ("left/input_layer1", "right/input_layer1"),
            ["standard_left_input_layer1.jpg", "standard_right_input_layer1.jpg"],
        ),
        (
            [(32, 32, 3), (32, 32, 3)],
            ("net/..\\up", "net/a b:c"),
            ["standard_.._up.jpg", "standard_a_b_c.jpg"],
        ),
    ],
)
def test_names_of_several_inputs(
    shapes: list[Shape], names: tuple[str, ...], files: list[str]
) -> None:
    found = findings(build(*shapes, names=names))
    assert [finding.artifacts[0].name for finding in found] == files
    assert [finding.artifacts[1].name for finding in found] == [
        name.replace("standard", "inverse") for name in files
    ]


def test_skipped_without_data() -> None:
    assert "takes data" in str(ImageInspector().should_skip(build_context()))
    assert Need.PREVIEWS in ImageInspector.NEEDS
    assert ImageInspector.PRIORITY is Priority.LOW


@pytest.mark.parametrize(("name", "drawn"), [("jet_cnn_q8", 1), ("ids_mlp_logits_realcalib_q8", 0)])
def test_real_archives(name: str, drawn: int) -> None:
    model = sample_model(name)
    assert "takes data" in str(ImageInspector().should_skip(build_context(model)))
    layer = model.network.input_layers[0]
    previews = {layer.name: np.ones((2, *layer.output_shape), np.float32)}
    measurements = replace(build_measurements(), previews=previews)
    assert len(findings(build_context(model, measurements))) == drawn
