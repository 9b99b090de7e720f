"""Which outputs are classes or scores, and which are left out."""

from __future__ import annotations

import pytest

from inspectors.base_inspector import Context
from inspectors.channel_order.readings import Reading, confidences, readings, reasons_not_compared
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.inspectors.channel_order.test_inspector import classifier, confidence, head
from utils.har.network import Layer
from utils.measurements.channel_order import ChannelOrder, HeadConfidence
from utils.side_files.nms_config import NmsConfig

BOX_CHANNELS = 64


def read(*behind: Layer, channels: int = 4) -> dict[str, Reading]:
    found = readings(build_context(classifier(*behind, channels=channels)))
    return {name.removeprefix("net/"): reading for name, reading in found.items()}


@pytest.mark.parametrize(
    ("layer", "channels", "reading"),
    [
        (build_layer("softmax1", shape=(1, 1, 4)), 4, Reading.PROBABILITIES),
        (build_layer("softmax1", shape=(8, 8, 4)), 4, Reading.PROBABILITIES),
        (build_layer("conv2", shape=(8, 8, 4), activation="sigmoid"), 4, Reading.SCORES),
        (build_layer("fc1", "dense", shape=(1, 1, 4), activation="sigmoid"), 4, Reading.SCORES),
        (build_layer("fc1", "dense", shape=(1, 1, 4), activation="linear"), 4, Reading.LOGITS),
        (build_layer("conv2", shape=(1, 1, 4), activation="linear"), 4, Reading.LOGITS),
        (build_layer("fc1", "dense", shape=(1, 1, 1), activation="linear"), 1, None),
        (build_layer("conv2", shape=(8, 8, 4), activation="linear"), 4, None),
        (build_layer("fc1", "dense", shape=(1, 1, 4), activation="tanh"), 4, None),
        (build_layer("fc1", "dense", shape=(1, 1, 4), activation="relu"), 4, None),
        (build_layer("avgpool1", shape=(1, 1, 4)), 4, None),
    ],
)
def test_what_an_output_holds(layer: Layer, channels: int, reading: Reading | None) -> None:
    expected = {} if reading is None else {layer.base_name: reading}
    assert read(layer, channels=channels) == expected


def test_an_embedding_is_no_class() -> None:
    dense = build_layer("fc1", "dense", shape=(1, 1, 4), activation="linear")
    assert read(dense, build_layer("layer_normalization1", shape=(1, 1, 4))) == {}


def test_of_two_linear_outputs_none_is_taken_for_classes() -> None:
    layers = [
        build_layer("input_layer1", shape=(64, 64, 3)),
        build_layer("fc1", "dense", inputs=["input_layer1"], shape=(1, 1, 4)),
        build_layer("fc2", "dense", inputs=["input_layer1"], shape=(1, 1, 3)),
        build_layer("output_layer1", inputs=["fc1"], shape=(1, 1, 4)),
        build_layer("output_layer2", inputs=["fc2"], shape=(1, 1, 3)),
    ]
    assert readings(build_context(build_model(layers))) == {}


def detector(config: NmsConfig | None = None) -> Context:
    """Linear boxes and scores at two scales, as an NMS on the host takes them."""
    layers = [build_layer("input_layer1", shape=(64, 64, 3))]
    for side in (8, 4):
        for kind, channels in (("box", BOX_CHANNELS), ("cls", 3)):
            name, shape = f"conv{side}_{kind}", (side, side, channels)
            layers.append(
                build_layer(name, "conv", ["input_layer1"], shape=shape, activation="linear")
            )
            layers.append(build_layer(f"output_{name}", "output_layer", [name], shape=shape))
    return build_context(build_model(layers), nms_config=config)


def test_scores_beside_boxes_are_read_as_such() -> None:
    assert readings(detector()) == {
        "net/conv8_cls": Reading.SCORES,
        "net/conv4_cls": Reading.SCORES,
    }


def test_a_configuration_says_which_are_scores() -> None:
    decoder = {"stride": 8, "reg_layer": "conv8_cls", "cls_layer": "conv8_box"}
    config = NmsConfig("n.json", {"bbox_decoders": [decoder]})
    assert readings(detector(config)) == {"net/conv8_box": Reading.SCORES}


def compared(context: Context, **heads: HeadConfidence) -> tuple[list[str], list[str]]:
    named = {f"net/{name}": found for name, found in heads.items()}
    order = ChannelOrder(("net/input_layer1",), 32, 0, named)
    return list(confidences(context, order)), list(reasons_not_compared(context, order))


def test_logits_have_to_name_more_than_one_class() -> None:
    logits = build_layer("fc1", "dense", shape=(1, 1, 4), activation="linear")
    context = build_context(classifier(logits))
    found = confidence(0.6, 0.9)
    assert compared(context, fc1=head(found, (32, 0), (0, 32))) == (["net/fc1"], [])
    names, reasons = compared(context, fc1=head(found, (32,), (32,)))
    assert names == []
    assert reasons == ["net/fc1 names the same class for every sample, if these are classes"]


def test_a_probability_may_be_of_one_class_always() -> None:
    found = head(confidence(0.6, 0.9), (32,), (32,))
    assert compared(build_context(classifier()), softmax1=found) == (["net/softmax1"], [])


def test_what_is_left_out_is_told() -> None:
    names, reasons = compared(detector(), conv8_cls=head(confidence(0.6, 0.9)))
    assert names == ["net/conv8_cls"]
    assert reasons == [
        "how sure the network is cannot be read from net/conv8_box and net/conv4_box, which "
        "hold neither probabilities nor scores",
        "net/conv4_cls could not be run in the order reversed",
    ]


def test_scores_and_probabilities_are_different_readings() -> None:
    both = HeadConfidence(confidence(0.1, 0.2), confidence(0.6, 0.9))
    order = ChannelOrder(("net/input_layer1",), 32, 0, {"net/conv8_cls": both})
    assert confidences(detector(), order) == {"net/conv8_cls": both.score}
