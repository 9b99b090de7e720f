"""Inputs that the chip takes in a camera's format, and the network in another one."""

from __future__ import annotations

from utils.har.network import Layer, Network, Shape
from utils.model_script import ModelScript, addressed_layers, layer_argument

# Conversions of the compiler that change how many values a sample has.
RESHAPING = ("yuy2_to_hailo_yuv", "nv12_to_hailo_yuv", "i420_to_hailo_yuv", "tf_rgbx_to_hailo_rgb")


def converted_shapes(network: Network, script: ModelScript | None) -> dict[str, Shape]:
    """Shape behind the conversion, by input whose data may come in either format.

    The compiler's emulator leaves a conversion out unless the script says
    ``emulator_support=True``; its calibration set then has the shape behind it, although the
    graph records the camera's shape for the input.
    """
    found: dict[str, Shape] = {}
    for statement in script.commands("input_conversion") if script else ():
        if statement.keywords.get("emulator_support") is True:
            continue
        is_about_all = layer_argument(statement) is None
        named = addressed_layers(statement, network)
        for layer in network.input_layers:
            shape = _shape_behind(network, layer)
            if (is_about_all or layer.name in named) and shape != layer.output_shape:
                found[layer.name] = shape
    return found


def _shape_behind(network: Network, layer: Layer) -> Shape:
    current = layer
    while True:
        following = {successor.name: successor for successor in network.successors(current)}
        only = next(iter(following.values())) if len(following) == 1 else None
        if only is None or only.params.get("conversion_type") not in RESHAPING:
            return current.output_shape
        current = only
