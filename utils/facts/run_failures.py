"""Why runs of the compiler die, by what they write last, and what helps.

Patterns are like those of `utils.facts.log_lines`: looked for anywhere in a message, with the named
groups ``subject`` (a layer), ``value``, ``numbers`` and ``reason``.
"""

from __future__ import annotations

import re

from utils.facts.compilation_failures import BARE_OF_COMPILATION, COMPILATION_FAILURES
from utils.facts.log_words import ERROR, NAME, breakable
from utils.facts.machine_failures import BARE_OF_MACHINES, INTERRUPTED, MACHINE_FAILURES
from utils.facts.nms_configs import CONFIG_KEYS, LAYER_KEYS
from utils.facts.optimization_levels import WITHOUT_GPU
from utils.facts.parsing_failures import BARE_OPTIONS, PARSING_FAILURES
from utils.facts.run_failure import RunFailure
from utils.facts.script_failures import SCRIPT_FAILURES

__all__ = [
    "AT_LEVEL_1",
    "BARE_PHRASES",
    "DATA_SHAPE",
    "FINETUNE_IN_BATCHES",
    "GPU_MEMORY",
    "INTERRUPTED",
    "RUN_FAILURES",
    "SMALLER_BATCHES",
    "RunFailure",
]

_SHAPE = r"\([\d,\s]{1,80}\)"
_KEYS = "|".join(map(re.escape, sorted(CONFIG_KEYS | set(LAYER_KEYS))))
_CHECK_DATA = "Check that calibration sees real data, prepared as in training, and optimize again."


# Words that tell of a death although no exception is named in front of them.
BARE_PHRASES = (
    "GPU memory has been exhausted",
    "NaN values were found in params",
    "match network's input shape",
    "cannot be run on chip",
    "Matmul without transpose input",
    "does not support shift delta",
    "Quantization failed in layer",
    "op has only",
    *BARE_OF_COMPILATION,
    *BARE_OPTIONS,
    *BARE_OF_MACHINES,
)
GPU_MEMORY = "gpu-memory"
DATA_SHAPE = "data-shape"
# Batches to finetune with, the largest first, before level 1 is left, which trains nothing.
SMALLER_BATCHES = (4, 2)
FINETUNE_IN_BATCHES = "post_quantization_optimization(finetune, policy=enabled, batch_size={})"
AT_LEVEL_1 = WITHOUT_GPU

_SLOPE = (
    "The scale that a layer needs cannot be reached with its bits, as happens with random "
    "numbers, with data that are prepared otherwise than in training, and with weights near zero."
)


def _slope(pattern: str) -> RunFailure:
    return RunFailure(
        "unreachable-scale",
        breakable(pattern),
        "Quantization failed at a layer whose scale cannot be reached",
        _SLOPE,
        _CHECK_DATA,
        "public notes on EfficientNetV2, EfficientViT and YOLO11 under DFC 3.30 and 3.33; "
        "output_encoding_vector was set where it failed all the same",
    )


def _shape(pattern: str) -> RunFailure:
    return RunFailure(
        DATA_SHAPE,
        breakable(pattern),
        "The calibration data did not have the shape of the input",
        "The compiler takes samples as height, width, channels, and calibrates on nothing else.",
        "Give the samples the shape of the network's input, and optimize again.",
        "public threads on DFC 3.2x and 3.3x",
    )


RUN_FAILURES: tuple[RunFailure, ...] = (
    RunFailure(
        GPU_MEMORY,
        breakable(
            r"GPU memory has been exhausted(?!\.? Layer Noise Analysis)"
            r"(?:\. Please try to use (?P<reason>[^.\n]{1,60}(?:\n[^.\n]{1,60})?) with lower batch "
            r"size)?|ResourceExhaustedError"
        ),
        "The logged run stopped because the memory of the GPU was full",
        "A step that trains holds a batch with all its activations in that memory.",
        "Lower the batch size of the step that the message names, and optimize again.",
        "three public build logs of DFC 3.3x, of which one tells that finetune with batch_size=4 "
        "went through",
    ),
    RunFailure(
        "not-finite",
        breakable(r"NaN values were found in params"),
        "The logged run found weights that are not finite",
        "A weight that is NaN makes every result behind it NaN. Layers with scale 0 and random "
        "calibration data bring them about, too.",
        "Check the weights of the original model for NaN, and optimize again on real data.",
        "a public thread on Hailo's model zoo",
    ),
    _shape(
        rf"Data shape (?P<reason>{_SHAPE}) for layer (?P<subject>{NAME}) doesn.t match "
        rf"network.s input shape (?P<numbers>{_SHAPE})"
    ),
    _shape("BadInputsShape"),
    RunFailure(
        "nms-not-on-chip",
        breakable(r"meta architecture \w{1,40} cannot be run on (?:the )?(?:chip|nn.core)"),
        "The compiler cannot run this kind of NMS on the chip",
        "With engine=nn_core the chip decodes the boxes, which it does for some detectors only.",
        "Write engine=cpu into the nms_postprocess line of the model script, and optimize again.",
        "public threads on YOLOv8 under DFC 3.34",
    ),
    RunFailure(
        "nms-not-on-cpu",
        breakable(r"meta architecture \w{1,40} cannot be run on (?:the )?(?:cpu|CPU|host)"),
        "The compiler cannot run this kind of NMS on the host",
        "With engine=cpu the host decodes the boxes, which it does for some detectors only.",
        "Write engine=nn_core into the nms_postprocess line of the model script, and optimize "
        "again.",
        "tables of DFC 3.3x, quoted in a public repository",
    ),
    RunFailure(
        "nms-layers",
        breakable(
            rf"[Tt]he layer {NAME} doesn.t have one output layer"
            r"|[Tt]he layer named [^\n]{0,300}?doesn.t exist in the HN"
            r"|Cannot infer bbox conv layers automatically"
        ),
        "The NMS configuration names layers that do not fit this network",
        "Layers have other names in every size and version of a detector.",
        "Pass the NMS configuration with --nms-config, and write the layers that are then named.",
        "community.hailo.ai thread 5033, public threads on Hailo's model zoo",
        words=("layer",),
    ),
    RunFailure(
        "input-without-data",
        breakable(r"KeyError: ['\"](?P<subject>[\w./-]{1,200}/input_layer\d{1,4})['\"]"),
        "The calibration data hold no array for an input of the network",
        "Arrays of several inputs are looked up by the names of the input layers.",
        "Name the arrays like the input layers, with the network in front, and optimize again.",
        "public notes on an encoder under DFC 3.33",
    ),
    RunFailure(
        "layer-shape",
        breakable(
            r"Inference input shapes [^\n]{1,300} for layer (?P<subject>[\w./-]{1,200}) does not "
            r"match HN shapes"
        ),
        "A layer received another shape than the parsed network has there",
        "Samples that lack an axis do this, and reshapes in the model that depend on its input.",
        "Give every sample the axes of the input layer, height, width and channels, and optimize "
        "again.",
        "public notes on an encoder and on a plate reader under DFC 3.33, one for each reason",
    ),
    RunFailure(
        "nms-key",
        breakable(rf"KeyError: ['\"\\]{{1,2}}(?:{_KEYS})['\"\\]"),
        "The NMS configuration lacks a key that the compiler needs",
        "The compiler looks for bbox_decoders with an entry for each scale of the detector.",
        "Add the missing key to the NMS configuration, as in a file of Hailo's model zoo for the "
        "same detector, and optimize again.",
        "a public build log of DFC 3.3x",
    ),
    RunFailure(
        "network-end",
        breakable(r"Error in the last layers of the model, expected \w{1,40}"),
        "The network goes on behind the layers that the NMS reads",
        "nms_postprocess takes the boxes and scores of the last convolutions as they are, and "
        "this network was parsed with layers behind them.",
        "Parse the original again with the last convolutions as --end-node-names, and optimize "
        "again.",
        "public notes on YOLOv8 exported by ultralytics, under DFC 3.2x and 3.3x",
    ),
    *SCRIPT_FAILURES,
    *PARSING_FAILURES,
    RunFailure(
        "chip-not-served",
        breakable(rf"{ERROR}\b(?:hw_arch|HW arch)"),
        "The compiler rejected the chip that it was asked for",
        "Version 3 of the compiler is kept up for hailo8, hailo8l and hailo8r, version 5 for "
        "hailo10h and hailo15.",
        "Name the chip that you have as hw_arch, and use the version of the compiler that serves "
        "it.",
        "change logs of Hailo's model zoo",
    ),
    RunFailure(
        "negative-matmul",
        breakable(
            r"(?:(?P<subject>[^\s:,'\"]{1,300}): )?Matmul without transpose input and with "
            r"negative range is not supported"
        ),
        "Quantization failed at a matrix product that sees negative numbers",
        "The chip multiplies such inputs only if they are not negative. Hailo's answer is to let "
        "the chip normalize the images.",
        "Calibrate on pixels from 0 to 255, and put the normalization into the model script.",
        "community.hailo.ai thread 19373",
        words=("Matmul",),
    ),
    RunFailure(
        "shift-delta",
        breakable(rf"(?:layer (?P<subject>{NAME}) )?does not support shift delta"),
        "Quantization failed at a layer whose inputs have too narrow ranges",
        "The compiler proposes wider ranges with force_range_in. In the one public report of this "
        "message they did not help.",
        _CHECK_DATA,
        "public notes on EfficientViT under DFC 3.30",
        words=("shift",),
    ),
    RunFailure(
        "average-pool",
        breakable(rf"Shift delta in (?P<subject>{NAME}) is larger than"),
        "Quantization failed at an average pool over too many pixels",
        "Their sum cannot be brought back into 8 bits, as happens with squeeze-and-excite blocks "
        "and large inputs.",
        "Split the pool into two stages with pre_quantization_optimization("
        "global_avgpool_reduction, layers=NAME, division_factors=[H, W]), where H and W divide its "
        "height and width.",
        "public notes on OSNet under DFC 3.29 and on EfficientNet-B0, which both went through then",
        words=("Shift",),
    ),
    RunFailure(
        "unregistered-layers",
        breakable(r"Could not locate class '\w{1,80}'"),
        "A process of the compiler did not know one of its own layers",
        "Optimization starts a process of its own, in which layers are missing that the first one "
        "knows. In the public notes on this, a program also registered them with Keras.",
        "Optimize again with this line, which keeps it in one process.",
        "public notes on encoders under DFC 3.33 and 5.3; 30 scripts of Hailo's model zoo hold the "
        "line",
        ("model_optimization_config(globals, multiproc_policy=disabled)",),
        words=("locate",),
    ),
    _slope(
        rf"Quantization failed in layer (?P<subject>{NAME}) due to unsupported required slope"
        r"(?:\. Desired shift is (?P<value>-?\d{1,4}(?:\.\d{1,4})?), but op has only "
        r"(?P<numbers>\d{1,4}) data bits)?"
    ),
    _slope(
        r"Desired shift is (?P<value>-?\d{1,4}(?:\.\d{1,4})?), but op has only "
        r"(?P<numbers>\d{1,4}) data bits"
    ),
    *COMPILATION_FAILURES,
    *MACHINE_FAILURES,
)
