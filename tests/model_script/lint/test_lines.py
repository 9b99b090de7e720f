"""Single lines with a mistake: which, where, and what should stand there instead."""

from __future__ import annotations

import pytest

from tests.house.evidence import loud, quiet
from utils.model_script.lint import Problem, lint_problems
from utils.model_script.lint.spelling import nearest

PRE, POST = "pre_quantization_optimization", "post_quantization_optimization"


def only(text: str) -> Problem:
    (problem,) = lint_problems(text)
    assert problem.line == 1
    return problem


def check(text: str, short_id: str, severity: str, column: int, suggestion: str) -> None:
    problem = only(text)
    expected = (f"script-{short_id}", severity, column, suggestion)
    assert (problem.id, problem.severity.label, problem.column, problem.suggestion) == expected
    # Whoever follows the advice is not sent on to the next problem.
    assert all(each.severity.label == "info" for each in lint_problems(suggestion))


@loud("script-syntax")
@pytest.mark.parametrize(
    ("text", "column", "suggestion"),
    [
        (
            'nms_postprocess("x.json" meta_arch=yolov8)',
            26,
            'nms_postprocess("x.json", meta_arch=yolov8)',
        ),
        ("set_seed(seed=1", 16, "set_seed(seed=1)"),
        (
            "quantization_param([c1, c2, use_16bit_bias=True)",
            43,
            "quantization_param([c1, c2], use_16bit_bias=True)",
        ),
        ("set_seed(seed=1,, )", 17, "set_seed(seed=1,)"),
        ("nms_postprocess(\u201cx.json\u201d)", 17, 'nms_postprocess("x.json")'),
        ("set_seed(seed=1),", 17, "set_seed(seed=1)"),
        ("set_seed(seed=1) set_seed(seed=1)", 18, "set_seed(seed=1)\nset_seed(seed=1)"),
        ("n1 = normalization([0, 0, [1, 1])", 33, ""),
        ("runner.load_model_script", 25, ""),
        ("// a comment", 1, "# a comment"),
        ("-- a comment", 1, "# a comment"),
        ("; a comment", 1, "# a comment"),
        ("/* one\n two */", 1, "# one\n# two"),
        ("set_seed(seed=1) // why", 18, "set_seed(seed=1)  # why"),
        ("set_seed(seed=1)\\nset_seed(seed=1)\\n", 17, "set_seed(seed=1)\nset_seed(seed=1)"),
        ("set_seed(\u00a0seed=1)", 10, "set_seed(seed=1)"),
        ("\u00a0set_seed(seed=1)", 1, "set_seed(seed=1)"),
        ("set_seed(seed=1)\u200b", 17, "set_seed(seed=1)"),
        ("set_seed\uff08seed=1\uff09", 9, "set_seed(seed=1)"),
        (
            "quantization_param([c1\u3001c2], use_16bit_bias=True)",
            23,
            "quantization_param([c1,c2], use_16bit_bias=True)",
        ),
        ("set_seed(seed=\uff11)", 15, "set_seed(seed=1)"),
        ("n1 = ([0], [1])", 6, ""),
    ],
)
def test_what_does_not_follow_the_grammar(text: str, column: int, suggestion: str) -> None:
    problem = lint_problems(text)[0]
    found = (problem.id, problem.severity.label, problem.column)
    assert found == ("script-syntax", "error", column)
    assert problem.suggestion == suggestion


@loud("script-syntax")
def test_surplus_brackets_are_a_warning_as_the_compiler_tolerates_them() -> None:
    check("set_seed(seed=1) )", "syntax", "warning", 18, "set_seed(seed=1)")


@loud("script-unknown-command")
@pytest.mark.parametrize(
    ("text", "severity", "column", "suggestion"),
    [
        (
            "quantisation_param(c1, use_16bit_bias=True)",
            "error",
            1,
            "quantization_param(c1, use_16bit_bias=True)",
        ),
        (
            "normalisation1 = normalisation([0], [1])",
            "error",
            18,
            "normalisation1 = normalization([0], [1])",
        ),
        (
            "a, b = input_conversoin(c1, nv12_to_rgb)",
            "error",
            8,
            "a, b = input_conversion(c1, nv12_to_rgb)",
        ),
        (
            "net.quantization_parm(c1, use_16bit_bias=True)",
            "error",
            5,
            "net.quantization_param(c1, use_16bit_bias=True)",
        ),
        (
            "Model_Optimization_Flavour(optimization_level=1)",
            "error",
            1,
            "model_optimization_flavor(optimization_level=1)",
        ),
        ("  allocator_parm(x=1)", "error", 3, "allocator_param(x=1)"),
        ("never_heard_of(x=1)", "info", 1, ""),
        ("l5_portal(conv1, conv2)", "info", 1, ""),
        ("load_model_script(net)", "error", 1, ""),
        ("device_pre_post_layers(argmax=true)", "error", 1, ""),
        ("post_process(argmax)", "error", 1, ""),
        ("set_output_activation_quant(False)", "error", 1, ""),
    ],
)
def test_unknown_commands(text: str, severity: str, column: int, suggestion: str) -> None:
    check(text, "unknown-command", severity, column, suggestion)


@loud("script-unknown-argument")
@pytest.mark.parametrize(
    ("text", "severity", "column", "suggestion"),
    [
        (
            "model_optimization_config(optimization_level=2)",
            "error",
            27,
            "model_optimization_flavor(optimization_level=2)",
        ),
        (
            "model_optimization_config(batch_size=8, calibset_size=64)",
            "error",
            27,
            "model_optimization_config(calibration, batch_size=8, calibset_size=64)",
        ),
        (f"{POST}(bias_correction=True)", "error", 32, f"{POST}(bias_correction, policy=enabled)"),
        (f"{PRE}(ew_add_fusing=disabled)", "error", 31, f"{PRE}(ew_add_fusing, policy=disabled)"),
        (
            "quantization_param(calibration_algorithm=adaround)",
            "error",
            20,
            f"{POST}(adaround, policy=enabled)",
        ),
        (
            "model_optimization_flavor(optimization_level=2, finetune=enabled)",
            "error",
            49,
            f"model_optimization_flavor(optimization_level=2)\n{POST}(finetune, policy=enabled)",
        ),
        (
            "model_optimization_config(calibration, calibset=64)",
            "error",
            40,
            "model_optimization_config(calibration, calibset_size=64)",
        ),
        (
            "quantization_param(c1, precision=a16_w16)",
            "error",
            24,
            "quantization_param(c1, precision_mode=a16_w16)",
        ),
        ("quantization_param(c1, mode=7)", "info", 24, ""),
        (
            "model_optimization_config(calibration, calib_set_size=64)",
            "error",
            40,
            "model_optimization_config(calibration, calibset_size=64)",
        ),
        (
            "model_optimization_config(calibration, batch_size=8, optimization_level=1)",
            "warning",
            54,
            "model_optimization_config(calibration, batch_size=8)\n"
            "model_optimization_flavor(optimization_level=1)",
        ),
        (f"{PRE}(finetune, policy=enabled)", "error", 31, f"{POST}(finetune, policy=enabled)"),
        (f"{PRE}(equalisation)", "error", 31, f"{PRE}(equalization)"),
        (f"{POST}(fine_tune, epochs=4)", "error", 32, f"{POST}(finetune, epochs=4)"),
        (f"{PRE}(brand_new, policy=enabled)", "info", 31, ""),
        (f"{PRE}([conv1], policy=enabled)", "error", 31, ""),
        (
            f"{POST}(layer_noise_analysis, policy=enabled)",
            "error",
            32,
            "model_optimization_config(checker_cfg, policy=enabled)",
        ),
        ("model_optimization_config(calibration, 64)", "warning", 40, ""),
        (
            "quantization_param(c1, precison_mode=a8_w8)",
            "error",
            24,
            "quantization_param(c1, precision_mode=a8_w8)",
        ),
        (
            "nms_postprocess(meta_arch=ssd, iou_threshold=0.4)",
            "error",
            32,
            "nms_postprocess(meta_arch=ssd, nms_iou_th=0.4)",
        ),
        (
            f"{POST}(finetune, lr=0.001)",
            "error",
            42,
            f"{POST}(finetune, learning_rate=0.001)",
        ),
    ],
)
def test_unknown_arguments(text: str, severity: str, column: int, suggestion: str) -> None:
    check(text, "unknown-argument", severity, column, suggestion)


@loud("script-bad-value")
@pytest.mark.parametrize(
    ("text", "severity", "column", "suggestion"),
    [
        ("quantization_param(c1, precision_mode=mixed)", "error", 39, ""),
        (
            "quantization_param(c1, precision_mode=a16w16)",
            "error",
            39,
            "quantization_param(c1, precision_mode=a16_w16)",
        ),
        ("quantization_param(c1, precision_mode=a4_w4)", "info", 39, ""),
        ("quantization_param(precision_mode=a8_w8)", "error", 1, ""),
        ("quantization_param(1, precision_mode=a8_w8)", "error", 20, ""),
        (f"{POST}(finetune, policy=enable)", "error", 49, f"{POST}(finetune, policy=enabled)"),
        (f"{POST}(finetune, policy=on)", "error", 49, f"{POST}(finetune, policy=enabled)"),
        (f"{POST}(finetune, policy=1)", "error", 49, ""),
        (f"{POST}(finetune, epochs=many)", "error", 49, ""),
        (f"{POST}(finetune, epochs=0)", "error", 49, ""),
        (f"{POST}(finetune, epochs=2.5)", "error", 49, ""),
        (
            f"{POST}(finetune, loss_types=[l2, cosin])",
            "error",
            53,
            f"{POST}(finetune, loss_types=[l2, cosine])",
        ),
        (f"{POST}(policy=enabled)", "error", 1, ""),
        ("model_optimization_flavor(optimization_level=5)", "error", 46, ""),
        ("model_optimization_flavor(compression_level=True)", "error", 45, ""),
        ("model_optimization_config(calibration, calibset_size=N)", "error", 54, ""),
        (
            f"{PRE}(activation_clipping, layers=[c1], mode=percentile, clipping_values=[0, 101])",
            "error",
            98,
            "",
        ),
        (f"{PRE}(global_avgpool_reduction, layers=a1, division_factors=[2])", "error", 85, ""),
        ("n1 = normalization([0, 0], 255)", "error", 28, "n1 = normalization([0, 0], [255, 255])"),
        ("n1 = normalization([0, 0])", "error", 6, ""),
        ("n1 = normalization([0, x], [1, 1])", "error", 20, ""),
        ("n1, n2 = normalization([0], [1], input_layer1)", "warning", 1, ""),
        (
            "c1 = input_conversion(input_layer1, bgr_to_rbg)",
            "error",
            37,
            "c1 = input_conversion(input_layer1, bgr_to_rgb)",
        ),
        ("c1 = input_conversion(input_layer1, nv21_to_rgb)", "info", 37, ""),
        ("change_output_activation(sigmod)", "error", 26, "change_output_activation(sigmoid)"),
        ("change_output_activation(c1, my_function)", "info", 30, ""),
        ("l1 = logits_layer(fc1)", "error", 6, ""),
        ("nms_postprocess(meta_arch=yolov7, engine=hailo)", "error", 42, ""),
        (
            "nms_postprocess(meta_arch=ssd, engine=hailo)",
            "error",
            39,
            "nms_postprocess(meta_arch=ssd, engine=cpu)",
        ),
        ("nms_postprocess(meta_arch=yolov9)", "error", 27, "nms_postprocess(meta_arch=yolov8)"),
        (
            "nms_postprocess('x.json', YOLO11n, engine=nn_core)",
            "error",
            27,
            "nms_postprocess('x.json', yolov8, engine=cpu)",
        ),
        (
            "nms_postprocess(meta_arch=yolo26, engine=cpu)",
            "error",
            27,
            "nms_postprocess(meta_arch=yolov6, engine=nn_core)",
        ),
        ("nms_postprocess(meta_arch=yolov8_seg)", "warning", 27, ""),
        (
            "nms_postprocess('x.json', meta_arch=yolov8, engine=nn_core)",
            "error",
            52,
            "nms_postprocess('x.json', meta_arch=yolov8, engine=cpu)",
        ),
        (
            "nms_postprocess('x.json', meta_arch=yolov6, engine=cpu)",
            "error",
            52,
            "nms_postprocess('x.json', meta_arch=yolov6, engine=nn_core)",
        ),
        ("a, b = defuse(net/conv1, 2)", "error", 1, "a, b, conv1_dc = defuse(net/conv1, 2)"),
        (
            "n/a, n/b = defuse(conv1, 3)",
            "error",
            1,
            "n/a, n/b, n/conv1_d2, n/conv1_dc = defuse(conv1, 3)",
        ),
        ("l1 = logits_layer(argmax)", "error", 19, ""),
        ("logits_layer(softmax, fc1)", "error", 14, "logits_layer1 = logits_layer(fc1, softmax)"),
        (
            "quantization_param(c1, c2, c3, precision_mode=a16_w16)",
            "error",
            20,
            "quantization_param([c1, c2, c3], precision_mode=a16_w16)",
        ),
        (
            "quantization_param(c1, precision_mode=16)",
            "error",
            39,
            "quantization_param(c1, precision_mode=a16_w16)",
        ),
        ("quantization_param([c1, c2])", "warning", 1, ""),
        (
            f"{PRE}(activation_clipping, layers=[c1], mode=percentile, "
            "clipping_values=[0.001, 0.999])",
            "error",
            98,
            f"{PRE}(activation_clipping, layers=[c1], mode=percentile, "
            "clipping_values=[0.1, 99.9])",
        ),
        (
            "change_output_activation(conv1, softmax)",
            "error",
            33,
            "logits_layer1 = logits_layer(conv1, softmax)",
        ),
        (
            "change_output_activation(softmax, conv1)",
            "error",
            26,
            "logits_layer1 = logits_layer(conv1, softmax)",
        ),
        ("c1 = input_conversion(bgr2rgb)", "error", 23, "c1 = input_conversion(bgr_to_rgb)"),
        (
            "quantization_param(c1, precision_mode=int16)",
            "error",
            39,
            "quantization_param(c1, precision_mode=a16_w16)",
        ),
        (
            "nms_postprocess(meta_arch=yolov8n)",
            "error",
            27,
            "nms_postprocess(meta_arch=yolov8)",
        ),
        ("nms_postprocess(meta_arch=yolo11n-pose)", "warning", 27, ""),
        (
            "change_output_activation(sigmoid, conv1)",
            "error",
            26,
            "change_output_activation(conv1, sigmoid)",
        ),
        ("n1 = normalization({mean}, [255])", "error", 20, ""),
        (f"{PRE}(activation_clipping, layers=[c1], clipping_values=[0, 99])", "warning", 65, ""),
        (f"{PRE}(weights_clipping, layers=[c1], clipping_values=[-1, 1])", "warning", 62, ""),
        (
            "nms_postprocess(meta_arch=centrenet)",
            "error",
            27,
            "nms_postprocess(meta_arch=centernet)",
        ),
        (
            "quantization_param(c1, force_range_out=[1.0, 0.0])",
            "error",
            40,
            "quantization_param(c1, force_range_out=[0.0, 1.0])",
        ),
    ],
)
def test_values_that_an_argument_does_not_take(
    text: str, severity: str, column: int, suggestion: str
) -> None:
    check(text, "bad-value", severity, column, suggestion)


@quiet("script-unit-normalization")
@pytest.mark.parametrize(
    "text",
    [
        "n1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])",
        "n1 = normalization([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])",
        "n1 = normalization([0.3], [0.2])",
        "n1 = normalization([0.5, 0.5, -0.5], [0.5, 0.5, 0.5])",
        "n1 = normalization([0.5, 0.5, 0.5], [0.5, 0.5])",
    ],
)
def test_normalization_of_pixels_or_of_something_else(text: str) -> None:
    assert [p for p in lint_problems(text) if p.id == "script-unit-normalization"] == []


@loud("script-unit-normalization")
def test_normalization_in_units_of_0_to_1() -> None:
    problem = only("n1 = normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])")
    assert (problem.id, problem.severity.label) == ("script-unit-normalization", "warning")
    line = "n1 = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])"
    assert problem.suggestion == line
    assert problem.remedy == f"Write `{line}`, if the images have pixels from 0 to 255."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("set_seed(\u00a0seed=1)", "a no-break space"),
        ("set_seed\uff08seed=1\uff09", "a full-width bracket"),
        ("set_seed(seed=\u201c1\u201d)", "a curly quotation mark"),
        ("set_seed(seed=\uff11)", "a full-width digit"),
        ("set_seed(\uff53eed=1)", "a full-width letter"),
        ("\u00a0", "a no-break space"),
        ("set_seed(seed=1\u200b\u200b)", "a zero-width space"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, words: str) -> None:
    problem = only(text)
    assert problem.id == "script-syntax"
    assert problem.evidence == words
    assert problem.remedy.isascii()


@quiet("script-syntax")
@pytest.mark.parametrize(
    "text",
    [
        "set_seed(seed=1)  # caf\u00e9\uff0c\u00a0\u201cx\u201d",
        'nms_postprocess("\uff0c\u00a0/x.json", meta_arch=ssd)',
    ],
)
def test_comments_and_paths_may_hold_any_character(text: str) -> None:
    assert lint_problems(text) == ()


@loud("script-unassigned-normalization")
def test_a_normalization_without_a_name_is_given_a_free_one() -> None:
    bare = "normalization([0, 0], [1, 1])"
    check(bare, "unassigned-normalization", "warning", 1, f"normalization1 = {bare}")
    other = "normalization1 = normalization([0], [1])\n"
    assert lint_problems(other + bare)[-1].suggestion == f"normalization2 = {bare}"


@loud("script-blanket-clipping")
@pytest.mark.parametrize(
    "text",
    [
        f"{PRE}(activation_clipping, layers={{*}}, mode=percentile, clipping_values=[0.01, 99.99])",
        f"{PRE}(weights_clipping, layers=[{{net/*}}], mode=manual, clipping_values=[-1, 1])",
        "quantization_param({*}, activation_clipping_mode=percentile)",
    ],
)
def test_one_clipping_for_all_layers(text: str) -> None:
    check(text, "blanket-clipping", "warning", 1, "")


def test_a_statement_over_several_lines_is_corrected_in_one() -> None:
    text = "quantization_param(\n    [c1,  # first\n     c2],\n    precision_mode=a16w16)"
    (problem,) = lint_problems(text)
    assert (problem.line, problem.column) == (4, 20)
    assert problem.suggestion == "quantization_param([c1, c2], precision_mode=a16_w16)"
    assert problem.remedy == f"Write `{problem.suggestion}`."


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("polcy", "policy"),
        ("POLICY", "policy"),
        ("opimizaton_level", "optimization_level"),
        ("optimization-level", "optimization_level"),
        ("opimizaton_levle", ""),  # three letters
        ("rat", ""),  # too short to tell
        ("layer1", ""),  # another number is another name
        ("x" * 10_000, ""),
        ("", ""),
    ],
)
def test_spelling(word: str, meant: str) -> None:
    known = ("policy", "optimization_level", "ratio", "layer2")
    assert nearest(word, known) == meant


def test_a_word_between_two_known_ones_is_neither() -> None:
    assert nearest("layers_ab", ("layers_a", "layers_b")) == ""
