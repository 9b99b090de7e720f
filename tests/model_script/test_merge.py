from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_network, chain
from tests.har.samples import sample_model
from tests.model_script.merging import COMMENT, LAYERS, merged, network, text
from utils.model_script.merge import Addition, merge_commands

# --- nothing to do -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("model_optimization_flavor(optimization_level=2)", None),
        ("# only a comment", None),
        ("a(1))  # surplus", None),
        (
            "model_optimization_flavor(optimization_level=2, compression_level=0)",
            "model_optimization_flavor(compression_level=0)",
        ),
        (
            "n = normalization([0, 0, 0], [255, 255, 255])",
            "normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])",
        ),
        (
            "n = normalization([0], [255], net/input_layer1)",
            "n = normalization([0], [255])",
        ),
        (
            "quantization_param([net/conv1, conv2], precision_mode=a16_w16, bias_mode=x)",
            "quantization_param([conv2], precision_mode=a16_w16)",
        ),
        (
            "quantization_param({conv*}, precision_mode=a16_w16)",
            "quantization_param([conv1, conv3], precision_mode=a16_w16)",
        ),
        ("change_output_activation(sigmoid)", "change_output_activation(fc1, sigmoid)"),
        ("c = input_conversion(bgr_to_rgb)", "d = input_conversion(bgr_to_rgb)"),
        (
            "pre_quantization_optimization(equalization, policy=disabled)",
            "pre_quantization_optimization(equalization, layers=[conv1], policy=disabled)",
        ),
        (
            "pre_quantization_optimization(equalization, layers=[conv1], policy=enabled)\n"
            "pre_quantization_optimization(equalization, policy=disabled)",
            "pre_quantization_optimization(equalization, layers=[conv1], policy=enabled)",
        ),
        (
            "pre_quantization_optimization(equalization, layers=[conv1], policy=enabled)\n"
            "pre_quantization_optimization(equalization, layers=[], policy=enabled)",
            "pre_quantization_optimization(equalization, layers=[conv1], policy=enabled)",
        ),
        ("who_knows(a, b=1)", "who_knows(a, b=1)"),
        ('nms_postprocess("c.json", meta_arch=ssd)', "nms_postprocess('c.json', meta_arch=ssd)"),
    ],
)
def test_what_is_there_is_not_repeated(script: str, line: str | None) -> None:
    assert merged(script, *([line] if line else [])) == script


def test_no_script_and_nothing_to_add() -> None:
    assert merged(None) == ""


# --- where lines go ------------------------------------------------------------------------


def test_without_a_script_modifications_come_first() -> None:
    assert merged(
        None,
        "model_optimization_flavor(compression_level=0)",
        'nms_postprocess("c.json", meta_arch=yolov8)',
        "change_output_activation(fc1, sigmoid)",
        "c = input_conversion(bgr_to_rgb)",
        "normalization1 = normalization([0.0], [255.0])",
    ) == text(
        COMMENT,
        "normalization1 = normalization([0.0], [255.0])",
        COMMENT,
        "c = input_conversion(bgr_to_rgb)",
        COMMENT,
        "change_output_activation(fc1, sigmoid)",
        COMMENT,
        'nms_postprocess("c.json", meta_arch=yolov8)',
        COMMENT,
        "model_optimization_flavor(compression_level=0)",
    )


OWN = text(
    "# my script",
    "model_optimization_flavor(optimization_level=2)  # mine",
    "c = input_conversion(bgr_to_rgb)",
    "",
    "buffers(a,b ,c)",
    "# the end",
)


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("n = normalization([0], [1])", 0),
        ("c = input_conversion(yuv_to_rgb)", 3),
        ("change_output_activation(fc1, sigmoid)", 3),
        ("set_seed(seed=5)", 6),
        ("quantization_param(fc1, precision_mode=a16_w16)", 6),
        ("something_new(1)", 6),
    ],
)
def test_place_of_a_new_line(line: str, before: int) -> None:
    own = OWN.splitlines(keepends=True)
    line = line.replace("c = ", "d = ")
    assert merged(OWN, line) == "".join([*own[:before], text(COMMENT, line), *own[before:]])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a(1)", "a(1)\n# r\nb(2)\n"),
        ("a(1)\r\n", "a(1)\r\n# r\r\nb(2)\r\n"),
        ("a(1)\r", "a(1)\r# r\rb(2)\r"),
        ("a(1);\r\n# c", "a(1);\r\n# c\r\n# r\r\nb(2)\r\n"),
        ("a(1) ) # c", "a(1) ) # c\n# r\nb(2)\n"),
        ("# c", "# c\n# r\nb(2)\n"),
        ("\ufeff", "\ufeff# r\nb(2)\n"),
        ("\ufeffa(1)\n\n", "\ufeffa(1)\n\n# r\nb(2)\n"),
        ("", "# r\nb(2)\n"),
    ],
)
def test_line_ends_at_the_seam(script: str, expected: str) -> None:
    assert merged(script, "b(2)", reason="r") == expected


def test_front_keeps_the_byte_order_mark_first() -> None:
    assert merged("\ufeffa(1)", "n = normalization([0], [1])", reason="") == (
        "\ufeffn = normalization([0], [1])\na(1)"
    )


def test_reasons_become_one_comment_line() -> None:
    assert merged("", "b(2)", reason=" two\nlines\u2028and more ") == "# two lines and more\nb(2)\n"
    assert merged("", "b(2)", reason="") == "b(2)\n"


# --- what is replaced ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "line", "new"),
    [
        pytest.param(
            "model_optimization_flavor( optimization_level = 2,compression_level=1 )  # mine",
            "model_optimization_flavor(compression_level=0)",
            "model_optimization_flavor( optimization_level = 2,compression_level=0 )  # mine",
            id="keyword",
        ),
        pytest.param(
            "model_optimization_flavor(optimization_level=2)",
            "model_optimization_flavor(compression_level=0)",
            "model_optimization_flavor(optimization_level=2, compression_level=0)",
            id="missing keyword",
        ),
        pytest.param(
            "model_optimization_flavor()",
            "model_optimization_flavor(compression_level=0, batch_size=8)",
            "model_optimization_flavor(compression_level=0, batch_size=8)",
            id="no keywords",
        ),
        pytest.param(
            "performance_param(fps=5,)",
            "performance_param(compiler_optimization_level=max)",
            "performance_param(fps=5, compiler_optimization_level=max,)",
            id="trailing comma",
        ),
        pytest.param(
            "model_optimization_config(compression_params, auto_4bit_weights_ratio=0.5)",
            "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
            "model_optimization_config(compression_params, auto_4bit_weights_ratio=0)",
            id="feature",
        ),
        pytest.param(
            "  norm9 = normalization([1], [2]) # raw",
            "normalization1 = normalization([0.0], [255.0])",
            "  norm9 = normalization([0.0], [255.0]) # raw",
            id="normalization keeps its name",
        ),
        pytest.param(
            "normalization([1], [2])",
            "normalization1 = normalization([0.0], [255.0])",
            "normalization1 = normalization([0.0], [255.0])",
            id="normalization gets a name",
        ),
        pytest.param(
            "n = normalization([1], [2], input_layer1)",
            "n = normalization([0], [255])",
            "n = normalization([0], [255])",
            id="the only input, named or not",
        ),
        pytest.param(
            "change_output_activation(fc1, linear)",
            "change_output_activation(net/fc1, sigmoid)",
            "change_output_activation(fc1, sigmoid)",
            id="activation",
        ),
        pytest.param(
            'nms_postprocess("a.json", yolov5, engine=cpu)',
            'nms_postprocess("b.json", meta_arch=yolov5)',
            'nms_postprocess("b.json", meta_arch=yolov5)',
            id="nms",
        ),
        pytest.param(
            "quantization_param([conv1], precision_mode=a8_w8, bias_mode=x)",
            "quantization_param([net/conv1], precision_mode=a16_w16)",
            "quantization_param([conv1], precision_mode=a16_w16, bias_mode=x)",
            id="one layer",
        ),
        pytest.param(
            "quantization_param(conv1, precision_mode=a8_w8)",
            "quantization_param(conv1, bias_mode=x)",
            "quantization_param(conv1, precision_mode=a8_w8, bias_mode=x)",
            id="another keyword of the same layer",
        ),
        pytest.param(
            "quantization_param({conv*}, precision_mode=a8_w8)",
            "quantization_param({conv*}, precision_mode=a16_w16)",
            "quantization_param({conv*}, precision_mode=a16_w16)",
            id="the same pattern",
        ),
        pytest.param(
            "pre_quantization_optimization(activation_clipping, layers=[conv1], mode=percentile,\n"
            "    clipping_values=[0, 99], recollect_stats=True)",
            "pre_quantization_optimization(activation_clipping, layers=[conv1], mode=manual, "
            "clipping_values=[-1, 2])",
            "pre_quantization_optimization(activation_clipping, layers=[conv1], mode=manual,\n"
            "    clipping_values=[-1, 2], recollect_stats=True)",
            id="over several lines",
        ),
        pytest.param(
            "set_seed(seed=1, seed=2)",
            "set_seed(seed=3)",
            "set_seed(seed=3, seed=3)",
            id="keyword given twice",
        ),
        pytest.param(
            "a8(1)\nmodel_optimization_flavor(optimization_level=0) )",
            "model_optimization_flavor(optimization_level=1)",
            "a8(1)\n# why: because\nmodel_optimization_flavor(optimization_level=1) )",
            id="surplus bracket",
        ),
    ],
)
def test_setting_is_replaced_where_it_stands(old: str, line: str, new: str) -> None:
    expected = new if COMMENT in new else f"{COMMENT}\n{new}"
    assert merged(f"x(1)\n\n{old}\ny(2)", line) == f"x(1)\n\n{expected}\ny(2)"


def test_only_the_layers_wanted_leave_a_list() -> None:
    old = "quantization_param([conv1, net/conv2,fc1], precision_mode=a8_w8)  # mine\nz(1)\n"
    assert merged(old, "quantization_param([conv2], precision_mode=a16_w16)") == text(
        "quantization_param([conv1, fc1], precision_mode=a8_w8)  # mine",
        COMMENT,
        "quantization_param([net/conv2], precision_mode=a16_w16)",
        "z(1)",
    )


def test_a_layer_that_leaves_a_list_takes_its_other_settings_along() -> None:
    old = "quantization_param([conv1, conv2], precision_mode=a8_w8, bias_mode=x)\n"
    line = "quantization_param(conv1, precision_mode=a16_w16)"
    assert merged(old, line) == text(
        "quantization_param([conv2], precision_mode=a8_w8, bias_mode=x)",
        COMMENT,
        "quantization_param([conv1], precision_mode=a16_w16, bias_mode=x)",
    )


def test_layers_keyword_is_split_alike() -> None:
    command = "pre_quantization_optimization(weights_clipping, "
    old = f"{command}layers=[conv1, fc1], mode=manual, clipping_values=[-1, 1])"
    assert merged(old, f"{command}layers=[conv1], mode=mmse)") == text(
        f"{command}layers=[fc1], mode=manual, clipping_values=[-1, 1])",
        COMMENT,
        f"{command}layers=[conv1], mode=mmse, clipping_values=[-1, 1])",
    )


@pytest.mark.parametrize("pattern", ["{conv*}", "{*}", "[{conv*}, fc1]"])
def test_exception_follows_a_pattern(pattern: str) -> None:
    old = f"quantization_param({pattern}, precision_mode=a16_w16)\nz(1)\n"
    line = "quantization_param([conv2], precision_mode=a8_w8)"
    assert merged(old, line) == old + text(COMMENT, line)


def test_pattern_that_hides_a_line_is_answered_behind_it() -> None:
    old = text(
        "quantization_param(conv1, precision_mode=a8_w8)",
        "quantization_param({conv*}, precision_mode=a8_w4)",
    )
    line = "quantization_param(conv1, precision_mode=a16_w16)"
    assert merged(old, line) == old + text(COMMENT, line)


def test_new_line_names_only_the_layers_not_served_yet() -> None:
    old = "quantization_param(conv1, precision_mode=a8_w8)\n"
    line = "quantization_param([conv1, net/conv2, fc1], precision_mode=a16_w16)"
    assert merged(old, line) == text(
        COMMENT,
        "quantization_param(conv1, precision_mode=a16_w16)",
        COMMENT,
        "quantization_param([net/conv2, fc1], precision_mode=a16_w16)",
    )


def test_pattern_is_added_as_a_pattern() -> None:
    old = "quantization_param(conv1, precision_mode=a8_w8)\n"
    line = "quantization_param({conv*}, precision_mode=a16_w16)"
    assert merged(old, line) == text(
        COMMENT, "quantization_param(conv1, precision_mode=a16_w16)", COMMENT, line
    )


def test_setting_for_all_and_for_one_layer_stand_side_by_side() -> None:
    old = "post_quantization_optimization(bias_correction, policy=enabled)\n"
    line = "post_quantization_optimization(bias_correction, layers=[fc1], policy=disabled)"
    assert merged(old, line) == old + text(COMMENT, line)
    assert merged(line + "\n", old.strip()) == line + "\n" + text(COMMENT, old.strip())


def test_last_flavor_line_counts() -> None:
    old = text(
        "model_optimization_flavor(optimization_level=2, compression_level=0)",
        "model_optimization_flavor(optimization_level=1)",
    )
    assert merged(old, "model_optimization_flavor(compression_level=0)") == text(
        "model_optimization_flavor(optimization_level=2, compression_level=0)",
        COMMENT,
        "model_optimization_flavor(optimization_level=1, compression_level=0)",
    )


def test_two_additions_share_one_line() -> None:
    additions = [
        Addition("model_optimization_flavor(optimization_level=2)", "one"),
        Addition("model_optimization_flavor(compression_level=0)", "two"),
    ]
    result = merge_commands(None, additions, network())
    assert result.text == text(
        "# one",
        "# two",
        "model_optimization_flavor(optimization_level=2, compression_level=0)",
    )


def test_one_reason_for_two_changes_of_a_line_is_said_once() -> None:
    old = "model_optimization_flavor(optimization_level=2, compression_level=1)"
    assert merged(
        old,
        "model_optimization_flavor(optimization_level=1)",
        "model_optimization_flavor(compression_level=0)",
    ) == f"{COMMENT}\n" + old.replace("=1", "=0").replace("=2", "=1")


def test_graph_without_inputs_can_be_normalized() -> None:
    graph = build_network(chain(*(build_layer(name) for name in LAYERS)))
    line = "n = normalization([0], [1])"
    assert merged(None, line, graph=graph) == text(COMMENT, line)


def test_normalization_of_another_input_is_another_setting() -> None:
    old = "normalization1 = normalization([0], [255], input_layer1)\nz(1)\n"
    line = "normalization1 = normalization([1], [2], input_layer2)"
    assert merged(old, line, graph=network(inputs=2)) == text(
        "normalization1 = normalization([0], [255], input_layer1)",
        COMMENT,
        "normalization2 = normalization([1], [2], input_layer2)",
        "z(1)",
    )


def test_new_layer_gets_a_name_that_the_graph_does_not_have() -> None:
    line = "normalization1 = normalization([0], [1])"
    assert merged(None, line, graph=network(1, "normalization1"), reason="") == text(
        "normalization2 = normalization([0], [1])"
    )
    scoped = "net/normalization1 = normalization([0], [1])"
    assert merged(None, scoped, graph=network(1, "normalization1"), reason="") == text(
        "net/normalization2 = normalization([0], [1])"
    )


def test_script_of_a_real_archive_keeps_its_lines() -> None:
    model = sample_model("jet_cnn_q16")
    script = model.script_text
    assert script is not None
    lines = [
        "normalization1 = normalization([0.0], [255.0])",
        "quantization_param([conv2, fc1], precision_mode=a8_w8)",
        "model_optimization_flavor(compression_level=0)",
    ]
    result = merged(script, *lines, graph=model.network, reason="")
    own = script.splitlines(keepends=True)
    changed = [
        line.replace("a16_w16", "a8_w8") if "/conv2]" in line or "/fc1]" in line else line
        for line in own
    ]
    assert result == "".join([text(lines[0]), *changed, text(lines[2])])
