"""The same network in ONNX, whose bare forward pass ours is compared with; its input is NCHW."""

from __future__ import annotations

from onnx import TensorProto, helper

from benchmarks.float_graph import FloatGraph
from benchmarks.onnx_layers import BUILDERS, Nodes

OPSET, IR_VERSION = 17, 8


def to_onnx(net: FloatGraph) -> bytes:
    """The network as a serialized ONNX model."""
    nodes = Nodes(net)
    for layer in net.layers.values():
        if layer.type != "input_layer":
            BUILDERS[layer.type](nodes, layer)
    height, width, channels = net.image
    shape = ["n", channels, height, width]
    outputs = [layer.name for layer in net.layers.values() if layer.type == "output_layer"]
    made = helper.make_graph(
        nodes.nodes,
        net.name,
        [helper.make_tensor_value_info(net.input_name, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        nodes.weights,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
    )
    return bytes(model.SerializeToString())
