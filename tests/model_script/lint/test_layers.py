"""The layers that a script names."""

from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.house.evidence import loud, quiet
from utils.model_script.lint import lint_problems

LAYERS = (
    build_layer("input_layer1"),
    build_layer("conv1", original_names=["/stem/conv/Conv"]),
    build_layer("conv2"),
    build_layer("dw1"),
    build_layer("softmax1"),
    build_layer("fc1", "dense"),
    build_layer("output_layer1"),
)
NETWORK = build_network(chain(*LAYERS))
MODE = "precision_mode=a16_w16"


@quiet("script-unknown-layer")
@pytest.mark.parametrize(
    "text",
    [
        f"quantization_param(conv1, {MODE})",
        f"quantization_param([net/conv1, fc1], {MODE})",
        f"quantization_param({{conv[0-9]*, net/dw?}}, {MODE})",
        f"quantization_param({{*}}, {MODE})",
        "change_output_activation(fc1, sigmoid)",
        "post_quantization_optimization(finetune, loss_layer_names=[conv1, net/fc1])",
        # What the script inserts exists as well, before and behind.
        f"quantization_param(norm_in, {MODE})\nnorm_in = normalization([0], [1])",
        f"net/rgb1, net/rgb2 = input_conversion(nv12_to_rgb)\nquantization_param(rgb2, {MODE})",
        # The compiler's own names are nobody's business in commands that place the network.
        "conv1_d0, conv1_d1, conv1_dc = defuse(conv1, 2)\nbuffers(conv1_d7, conv99, 3)",
        "remove_node(x1)",
        "net.compilation_param(conv99, a=1)",
        f'quantization_param("conv1", {MODE})',
    ],
)
def test_layers_that_exist(text: str) -> None:
    assert lint_problems(text, NETWORK) == ()


@quiet("script-unknown-layer")
def test_nothing_is_said_of_layers_without_a_network() -> None:
    assert lint_problems(f"quantization_param([conv42, {{none*}}], {MODE})") == ()


@quiet("script-unknown-layer")
def test_layers_of_every_stage_of_the_network_exist() -> None:
    text = f"quantization_param([conv1, ew_add3, norm7], {MODE})"
    earlier = build_network(chain(build_layer("input_layer1"), build_layer("ew_add3")))
    parsed = build_network(chain(build_layer("input_layer1"), build_layer("norm7")))
    assert lint_problems(text, NETWORK, [earlier], parsed) == ()
    assert len(lint_problems(text, NETWORK)) == 1


@loud("script-unknown-layer")
@pytest.mark.parametrize(
    ("text", "severity", "column", "suggestion"),
    [
        # Names of another model size, of which none is more likely than another.
        ("quantization_param(conv42, use_16bit_bias=True)", "error", 20, ""),
        ("quantization_param([conv1, conv42], use_16bit_bias=True)", "error", 28, ""),
        (
            "quantization_param([conv1, sofmax1], use_16bit_bias=True)",
            "error",
            28,
            "quantization_param([conv1, softmax1], use_16bit_bias=True)",
        ),
        (
            "change_output_activation(yolov8s/conv2, sigmoid)",
            "error",
            26,
            "change_output_activation(net/conv2, sigmoid)",
        ),
        (
            "quantization_param(/stem/conv/Conv, use_16bit_bias=True)",
            "error",
            20,
            "quantization_param(net/conv1, use_16bit_bias=True)",
        ),
        ("n1 = normalization([0], [1], input_layer2)", "error", 30, ""),
        ("quantization_param({ew_add*}, use_16bit_bias=True)", "warning", 21, ""),
        # The compiler takes some layers apart.
        ("quantization_param(ew_sub_softmax1, use_16bit_bias=True)", "info", 20, ""),
        ("post_quantization_optimization(finetune, loss_layer_names=[conv9])", "error", 60, ""),
    ],
)
def test_layers_that_do_not_exist(text: str, severity: str, column: int, suggestion: str) -> None:
    (problem,) = lint_problems(f"\n{text}", NETWORK)
    assert (problem.id, problem.line) == ("script-unknown-layer", 2)
    found = (problem.severity.label, problem.column, problem.suggestion)
    assert found == (severity, column, suggestion)


@loud("script-unknown-layer")
def test_many_foreign_names_in_one_line_are_one_problem() -> None:
    names = ", ".join(f"conv{number}" for number in range(40, 60))
    (problem,) = lint_problems(f"quantization_param([{names}], {MODE})", NETWORK)
    assert "conv40, conv41, conv42, conv43, conv44 and 15 more" in problem.evidence
    assert problem.column == 21


@pytest.mark.parametrize(
    ("name", "examples"),
    [("conv77", "conv2, conv9 and conv10"), ("dense1", "fc1, conv2 and conv9")],
)
def test_layers_that_exist_are_named_those_of_the_same_kind_first(name: str, examples: str) -> None:
    layers = [build_layer(each) for each in ("conv2", "conv9", "conv10", "conv11", "fc1")]
    network = build_network(layers)
    (problem,) = lint_problems(f"quantization_param({name}, {MODE})", network)
    assert problem.remedy == f"Use names of layers of this network, such as {examples}."


@quiet("script-conflict")
def test_a_layer_that_the_script_inserted_itself_collides_with_nothing() -> None:
    own = build_network(
        chain(build_layer("input_layer1"), build_layer("normalization1"), build_layer("conv1"))
    )
    text = "normalization1 = normalization([0, 0, 0], [1, 1, 1])"
    assert lint_problems(text, own) == ()
    assert lint_problems(text, own, parsed=NETWORK) == ()


@loud("script-conflict")
@pytest.mark.parametrize("target", ["normalization1", "net/normalization1"])
def test_a_name_that_the_parsed_network_has_collides(target: str) -> None:
    parsed = build_network(
        chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("normalization1"))
    )
    text = f"\n {target} = normalization([0, 0, 0], [1, 1, 1])"
    (problem,) = lint_problems(text, parsed, parsed=parsed)
    assert (problem.id, problem.line, problem.column) == ("script-conflict", 2, 2)
    free = target.replace("1", "2")
    assert problem.suggestion == f"{free} = normalization([0, 0, 0], [1, 1, 1])"


@loud("script-conflict")
def test_the_name_of_a_layer_that_computes_something_else_collides() -> None:
    (problem,) = lint_problems("fc1 = normalization([0], [1])", NETWORK)
    assert problem.id == "script-conflict"
    assert "net/fc1" in problem.evidence
    assert problem.suggestion == "fc2 = normalization([0], [1])"
