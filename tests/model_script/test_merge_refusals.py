"""Which lines are refused, and what is said."""

from __future__ import annotations

import pytest

from tests.model_script.merging import COMMENT, merge, merged, network, refusal, text
from utils.model_script.merge import Refusal


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "quantization_param(conv9, x=1)",
            "the graph has no layer conv9; the nearest name is conv",
        ),
        ("quantization_param(net/fc2, x=1)", "no layer net/fc2; the nearest name is net/fc1"),
        ("quantization_param(zzz, x=1)", "the graph has no layer zzz"),
        ("quantization_param([conv1, dw1], x=1)", "no layer dw1"),
        ("quantization_param({dw*}, x=1)", "no layer of the graph matches dw*"),
        ("quantization_param([], x=1)", "it names no layer"),
        ("quantization_param({}, x=1)", "it names no layer"),
        ("quantization_param(x=1)", "it names no layer"),
        ("pre_quantization_optimization(equalization, layers=[])", "it names no layer"),
        ("change_output_activation(conv9, sigmoid)", "no layer conv9"),
        ("n = normalization([0], [1], input_layer9)", "the nearest name is input_layer1"),
        ("pre_quantization_optimization(equalization, layers=[fc9])", "no layer fc9"),
        (
            "post_quantization_optimization(finetune, loss_layer_names=[fc1, fc3])",
            "no layer fc3; the nearest name is fc1",
        ),
        ("quantization_param(conv1, x=1", "it cannot be read (expected ',' or ')'"),
        ("a(1)\nb(2)", "is not one statement"),
        ("", "is not one statement"),
        ("# nothing", "is not one statement"),
    ],
)
def test_line_that_makes_no_sense_is_refused(line: str, says: str) -> None:
    script = "z(1)\n"
    result = merge(script, line)
    assert result.text == script
    (refused,) = result.refused
    assert refused.line == line
    assert says in refused.reason


def test_name_that_two_scopes_share_is_refused() -> None:
    says = refusal(None, "quantization_param(fc1, x=1)", graph=network(1, "other/fc1")).reason
    assert says == "fc1 can be any of net/fc1, other/fc1"


@pytest.mark.parametrize("line", ["quantization_param(n7, x=1)", "quantization_param({n*}, x=1)"])
def test_layers_that_the_script_inserts_may_be_named(line: str) -> None:
    script = "net/n7 = normalization([0], [1])\n"
    assert merged(script, line) == script + text(COMMENT, line)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("model_optimization_flavor(compression_level=0)", None),
        ("n = normalization([0], [1])", "m = normalization([0], [2])"),
        ("n = normalization([0], [1])", "m = normalization([0], [2], input_layer1)"),
        ("quantization_param([conv1, fc1], a=1)", "quantization_param({conv*}, a=2, b=1)"),
        ("change_output_activation(fc1, sigmoid)", "change_output_activation(net/fc1, tanh)"),
        (
            "pre_quantization_optimization(equalization, policy=enabled)",
            "pre_quantization_optimization(equalization, layers=[fc1], policy=disabled)",
        ),
        ('nms_postprocess("a.json")', 'nms_postprocess("b.json")'),
    ],
)
def test_second_of_two_that_contradict_is_refused(first: str, second: str | None) -> None:
    second = second or first.replace("=0", "=1")
    only = refusal(None, first, second)
    assert only == Refusal(second, f"it contradicts {first}, which is added as well")
    assert merge(None, first, second).text == text(COMMENT, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("quantization_param(conv1, a=1)", "quantization_param(fc1, a=2)"),
        ("quantization_param(conv1, a=1)", "quantization_param(conv1, b=2)"),
        ("model_optimization_config(calibration, a=1)", "model_optimization_config(globals, a=2)"),
        ("who_knows(1)", "who_knows(2)"),
        ("c = input_conversion(bgr_to_rgb)", "d = input_conversion(yuv_to_rgb)"),
    ],
)
def test_additions_about_different_things_go_together(first: str, second: str) -> None:
    assert merge(None, first, second).refused == ()


@pytest.mark.parametrize("line", ["m = normalization([1], [2], input_layer2)"])
def test_second_normalization_behind_an_input_is_refused(line: str) -> None:
    script = "n = normalization([0], [1])"
    only = refusal(script, line, graph=network(inputs=2))
    assert script in only.reason
    assert "net/input_layer1, net/input_layer2" in only.reason


def algorithm(name: str, policy: str) -> str:
    return f"post_quantization_optimization({name}, policy={policy})"


@pytest.mark.parametrize(("on", "wanted"), [("adaround", "finetune"), ("finetune", "adaround")])
def test_adaround_and_finetune_exclude_each_other(on: str, wanted: str) -> None:
    script, line = algorithm(on, "enabled") + "\n", algorithm(wanted, "enabled")
    only = refusal(script, line)
    assert only.reason == f"{on} is enabled in the script, and {wanted} cannot run together with it"
    assert merge(script, line).text == script
    assert refusal(None, script.strip(), line).line == line
    assert merged(algorithm(on, "disabled"), line).endswith(f"\n{line}\n")
    assert merged(algorithm(wanted, "enabled"), algorithm(on, "disabled"), line)


def test_switching_one_off_makes_room_for_the_other_in_any_order() -> None:
    lines = [algorithm("finetune", "enabled"), algorithm("adaround", "disabled")]
    expected = text(COMMENT, lines[1], COMMENT, lines[0])
    assert merged(algorithm("adaround", "enabled"), *lines) == expected
    assert merged(algorithm("adaround", "enabled"), *reversed(lines)) == expected
