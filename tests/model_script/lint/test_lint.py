"""Scripts as Hailo and its users write them: nothing is wrong with them."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.har.samples import sample_model, sample_path
from tests.house.evidence import quiet
from utils.model_script.lint import MAX_PROBLEMS, lint_problems

ALL_IDS = (
    "script-syntax",
    "script-unknown-command",
    "script-unknown-argument",
    "script-bad-value",
    "script-unknown-layer",
    "script-conflict",
    "script-repeated",
    "script-unassigned-normalization",
    "script-blanket-clipping",
)

MODIFICATIONS = """\
# A network for a camera  (comments may hold brackets
normalization1 = normalization([123.7, 116.3, 103.5], [58.4, 57.1, 57.4])  # ImageNet
to_rgb = input_conversion(bgr_to_rgb)
yuv_to_rgb1 = input_conversion(yuv_to_rgb)
planes, rgb = input_conversion(input_layer1, nv12_to_rgb, emulator_support=True)
packed = input_conversion(net/input_layer1, yuy2_to_hailo_yuv, emulator_support = True)
resize_input1 = resize(input_layer1, resize_shapes=[720, 1280], resize_method=bilinear)
transpose1 = transpose(input_layer1)
change_output_activation(conv40, sigmoid)
change_output_activation(net/fc2, linear)
logits_layer1 = logits_layer(net/fc1, softmax, -1, cpu)
logits_layer2 = logits_layer(fc3, argmax)
nms_postprocess("../config/heads.json", meta_arch=yolov8, engine=cpu)
set_seed(seed=7)
"""
DIALECTS = """\
net/normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])
left/normalization1, left/normalization2 = normalization([0.], [255.])
normalization = normalization([127.5, 127.5], [127.5, 127.5])
input_conversion = input_conversion(rgb_to_bgr)
other = normalization([1, 2, 3, 4], [5, 6, 7, 8], net/input_layer2)
change_output_activation(sigmoid)
nms_postprocess('$ZOO/heads.json', yolov5, engine=nn_core)
nms_postprocess(meta_arch=ssd)
nms_postprocess("only_boxes.json", meta_arch=yolov5_seg, engine=auto, bbox_decoding_only=True)
quantization_param({conv[0-9]*}, precision_mode=a8_w4)
net.quantization_param(conv3, precision_mode=a16_w16);
quantization_param({net/ew_add*}, precision_mode=a16_w16)
quantization_param({net/ew_add1}, precision_mode=a8_w8)
quantization_param([{dw*}, fc1], precision_mode=a8_w8_a16)
quantization_param([net/matmul3], force_range_in=[-200.9, 220.7], force_range_index=0)
quantization_param([net/matmul3], force_range_in=[-5.8, 6.5], force_range_index=1)
quantization_param(conv5, bias_mode=double_scale_initialization, weight_group_size=128)
quantization_param(
    [conv6,   # the first
     conv7],
    max_elementwise_feed_repeat=1,
)
quantization_param(conv8, force_range_out=[0.0, 1.0], null_channels_cutoff_factor=50)
quantization_param(conv9, use_16bit_bias=True, activation_fit=disabled)
quantization_param(conv10, activation_clipping_mode=percentile_force,\
 activation_clipping_values=[0.01, 99.9])
"""
OPTIMIZATION = """\
model_optimization_flavor(optimization_level=-100, compression_level=0, batch_size=2)
model_optimization_config(calibration, batch_size=8, calibset_size=1024)
model_optimization_config(compression_params, auto_4bit_weights_ratio=0.2)
model_optimization_config(compression_params, auto_16bit_weights_ratio=1)
model_optimization_config(negative_exponent, layers={*}, rank=0)
model_optimization_config(globals, output_encoding_vector=enabled, multiproc_policy=disabled)
model_optimization_config(checker_cfg, policy=enabled, analyze_mode=simple, dataset_size=16)
pre_quantization_optimization(activation_clipping, layers={*}, mode=disabled)
pre_quantization_optimization(activation_clipping, layers=[conv20], mode=manual,\
 clipping_values=[0, 15])
pre_quantization_optimization(activation_clipping, layers={conv3*}, mode=percentile,\
 clipping_values=[0.01, 99.7], recollect_stats=True)
pre_quantization_optimization(weights_clipping, layers={*}, mode=mmse)
pre_quantization_optimization(weights_clipping, layers=[conv75], mode=manual,\
 clipping_values=[-1.8, 1.8])
pre_quantization_optimization(equalization, policy=disabled)
pre_quantization_optimization(equalization, layers=[conv1], policy=enabled)
pre_quantization_optimization(ew_add_fusing, policy=disabled)
pre_quantization_optimization(matmul_correction, layers={matmul*}, correction_type=zp_comp_block)
pre_quantization_optimization(matmul_equalization, layers={*}, policy=enabled, matmul_bias=enabled)
pre_quantization_optimization(layer_norm_decomposition, equalization=disabled,\
 bit_decomposition_mode=uniform_precision)
pre_quantization_optimization(layer_decomposition, layers=[conv3, conv4], policy=enabled)
pre_quantization_optimization(global_avgpool_reduction, layers=avgpool7, division_factors=[128, 1])
pre_quantization_optimization(se_optimization, method=tse, mode=sequential, count=6, tile_height=8)
pre_quantization_optimization(dead_layers_removal, policy=disabled)
pre_quantization_optimization(quarot, block=32)
post_quantization_optimization(bias_correction, policy=enabled)
post_quantization_optimization(adaround, policy=disabled)
post_quantization_optimization(finetune, policy=enabled, learning_rate=1e-5, epochs=4,\
 dataset_size=4000, batch_size=4, loss_layer_names=[conv70, conv63], loss_types=[l2rel, ce],\
 loss_factors=[1.0, 0.5], meta_arch=yolo)
post_quantization_optimization(train_encoding, epochs=8, dataset_size=1024)
post_quantization_optimization(mix_precision_search, dataset_size=16, snr_cap=140)
"""
ALLOCATION = """\
allocator_param(timeout=25m, cluster_timeout=2h, never_seen_before=12, width_spliter=disabled)
resources_param(max_control_utilization=85%, max_memory_utilization=0.9)
performance_param(compiler_optimization_level=max, fps=100)
performance_param(compiler_optimization_level=max, fps=100)
context_switch_param(mode=disabled)
net.compilation_param(conv1, number_of_subclusters=4)
context_0 = context([conv1_d0, conv1_dc])
context_0.place(2, [conv1_d0])
conv1_d0, conv1_d1, conv1_dc = defuse(conv1, 2, defuse_type=SPATIAL)
{} = defuse_block(matmul1, matmul2, defuse_count=4)
{ net/m1: [net/m1_fs_0, net/m1_dc], net/m2: [net/m2_fs] } = defuse_block(net/m1, net/m2, count=2)
cat_from_conv1_d0-3_to_dc = concat([conv1_d0, conv1_d3], conv1_dc)
ws = shape_splitter(SPLIT_WIDTH, conv46_ws, [conv46_sd0, conv46_sd1])
placeholder = format_conversion(const_input1, ew_add1, spatial_reshape, 375, 8, collapse=True)
placeholder = format_conversion(const_input2, ew_add2, spatial_reshape, 38, 8, collapse=True)
remove_node(net/format_conversion1)
net = network_group([net])
b0 = bucket([input_layer1, conv1])
buffers(conv1, conv2, 4, 0)
hef_param(should_use_sequencer=True)
platform_param(targets=[ethernet])
output_layer(conv1, some_option=enabled, optoin=2)
set_kv_cache_global_params(96, 1024)
set_input_mask_to_softmax()
"""


@quiet(*ALL_IDS)
@pytest.mark.parametrize(
    "script", [MODIFICATIONS, DIALECTS, OPTIMIZATION, ALLOCATION], ids=lambda text: text[:20]
)
def test_scripts_as_they_are_written_are_clean(script: str) -> None:
    assert lint_problems(script) == ()


@quiet(*ALL_IDS)
@pytest.mark.parametrize("newline", ["\r\n", "\r", "  \n\n# between\n"])
def test_neither_ends_of_lines_nor_comments_matter(newline: str) -> None:
    text = "\ufeff" + DIALECTS.replace("\n", newline)
    assert lint_problems(text) == ()


def test_there_are_many_lines_in_these_scripts() -> None:
    lines = (MODIFICATIONS + DIALECTS + OPTIMIZATION + ALLOCATION).splitlines()
    assert len(lines) >= 75


@quiet("script-syntax", "script-unknown-command", "script-unknown-argument", "script-unknown-layer")
@pytest.mark.parametrize("name", ["jet_cnn_q16", "ids_mlp_sigmoid_compiled"])
def test_scripts_of_real_archives_are_clean(name: str) -> None:
    with tarfile.open(Path(sample_path(name))) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".alls")]
        texts = [stream.read().decode() for m in members if (stream := archive.extractfile(m))]
    assert texts
    network = sample_model(name).network
    for text in texts:
        assert lint_problems(text) == ()
        assert lint_problems(text, network) == ()


def test_problems_come_in_the_order_of_the_text() -> None:
    text = "set_seed(seed=x)\nfoo bar\nset_sed(seed=1)\nset_seed(seed=1, sead=2)\n"
    assert [(p.id.removeprefix("script-"), p.line) for p in lint_problems(text)] == [
        ("bad-value", 1),
        ("syntax", 2),
        ("unknown-command", 3),
        ("conflict", 4),
        ("unknown-argument", 4),
    ]


def test_no_more_problems_are_told_than_anybody_reads() -> None:
    text = "model_optimization_flavor(optimization_level=9)\n" * (2 * MAX_PROBLEMS)
    assert len(lint_problems(text)) == MAX_PROBLEMS
