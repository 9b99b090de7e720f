from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from utils.model_script import parse_model_script
from utils.model_script.range_settings import Range, measured_instead, range_lines, taken_back

NETWORK = build_network(
    chain(*(build_layer(n) for n in ("input_layer1", "conv1", "conv2", "output_layer1")))
)
CLIP = "pre_quantization_optimization(activation_clipping, layers=[conv1], mode={}, "
CLIP += "clipping_values=[0, 6])"


@pytest.mark.parametrize(
    ("line", "span"),
    [
        ("quantization_param([conv1], force_range_out=[0, 600.5])", (0.0, 600.5)),
        ("quantization_param([conv1], force_range_out=[0])", None),
        ("quantization_param([conv1], force_range_out=7)", None),
        (CLIP.format("manual"), (0.0, 6.0)),
        (CLIP.format("percentile"), None),
        ("quantization_param(conv1, activation_clipping_mode=manual, "
         "activation_clipping_values=[-1, 1])", (-1.0, 1.0)),
        ("quantization_param(conv1, activation_clipping_mode=mmse)", None),
    ],
)  # fmt: skip
def test_the_range_that_is_written(line: str, span: Range | None) -> None:
    (found,) = range_lines(parse_model_script(line), NETWORK, ["net/conv1"])
    assert found.span == span
    assert range_lines(parse_model_script(line), NETWORK, ["net/conv2"]) == ()
    assert range_lines(None, NETWORK, ["net/conv1"]) == ()


def test_several_lines_are_taken_back_in_one_sentence() -> None:
    force = "quantization_param([conv1, conv2], force_range_out=[0, 1], precision_mode=a8_w8)"
    lines = range_lines(
        parse_model_script(f"{CLIP.format('manual')}\n{force}"), NETWORK, ["net/conv1"]
    )
    assert taken_back(lines, ["net/conv1"], "wait") == (
        f"Delete line 1 of the model script, `{CLIP.format('manual')}`, and exempt conv1 from "
        f"line 2 of the model script, `{force}`, or wait, and quantize again."
    )
    assert taken_back(lines[1:], ["net/conv1", "net/conv2"]) == (
        f"Take force_range_out out of line 2 of the model script, `{force}`, and quantize again."
    )


def test_the_measured_range_is_said_of_one_layer() -> None:
    assert measured_instead([(0.0, 5.61359)]) == "put the measured range 0 to 5.614 in it"
    assert measured_instead([]) == measured_instead([(0.0, 1.0), (0.0, 2.0)]) == ""
