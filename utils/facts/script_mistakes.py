"""What people write in model scripts although no compiler knows it, and what they mean.

Sources: scripts, notes and answers in public repositories, in which the compiler refused it, or in
which it did nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Mistake:
    """A command that does not exist.

    Parameters
    ----------
    why : where the word comes from.
    advice : what to do, one imperative sentence.
    """

    why: str
    advice: str


_ZOO = "It is a key in the YAML files of Hailo's model zoo, which the compiler does not read."
_PYTHON = "It is a method of the ClientRunner in Python."
_LOGITS = (
    "Delete the line, and write `logits_layer1 = logits_layer(conv1, argmax)` with the layer that "
    "computes the scores in place of conv1."
)
_IN_PYTHON = "Delete the line, and call the method in a program of Python."

MISTAKEN_COMMANDS: Mapping[str, Mistake] = MappingProxyType(
    {
        "device_pre_post_layers": Mistake(_ZOO, _LOGITS),
        "post_process": Mistake(_ZOO, _LOGITS),
        "postprocess": Mistake(_ZOO, _LOGITS),
        "postprocessing": Mistake(_ZOO, _LOGITS),
        "set_output_activation_quant": Mistake(
            "No compiler has a command that keeps outputs in float.",
            "Delete the line, and ask HailoRT for float32 outputs when you run the network.",
        ),
        "set_output_format": Mistake(
            "No compiler has a command for the format of outputs.",
            "Delete the line, and ask HailoRT for float32 outputs when you run the network.",
        ),
        "load_model_script": Mistake(_PYTHON, _IN_PYTHON),
        "optimize": Mistake(_PYTHON, _IN_PYTHON),
        "compile": Mistake(_PYTHON, _IN_PYTHON),
        "save_har": Mistake(_PYTHON, _IN_PYTHON),
    }
)

# Names that people give to commands, as other tools call them.
MISTAKEN_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "normalize": "normalization",
        "normalise": "normalization",
        "nms": "nms_postprocess",
        "seed": "set_seed",
    }
)
# Keywords that people write for another one, as other tools call it.
MISTAKEN_KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        "lr": "learning_rate",
        "num_epochs": "epochs",
        "bs": "batch_size",
        "num_images": "dataset_size",
        "num_classes": "classes",
        "score_threshold": "nms_scores_th",
        "scores_threshold": "nms_scores_th",
        "score_th": "nms_scores_th",
        "conf": "nms_scores_th",
        "conf_thres": "nms_scores_th",
        "confidence_threshold": "nms_scores_th",
        "iou": "nms_iou_th",
        "iou_th": "nms_iou_th",
        "iou_thres": "nms_iou_th",
        "iou_threshold": "nms_iou_th",
        "nms_iou_threshold": "nms_iou_th",
        "nms_threshold": "nms_iou_th",
    }
)


def _by_place(*words: str) -> Mapping[str, int]:
    """Words that people write, each with the place of the argument that they mean."""
    return {word: place for place, each in enumerate(words) for word in each.split()}


# Keywords for what has none in any published script, by command, with the place of the argument.
WITHOUT_KEYWORD: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "normalization": _by_place("mean means mean_values", "std stds std_values"),
        "nms_postprocess": _by_place(
            "config config_file config_path config_json json json_path path "
            "nms_config nms_config_file nms_config_path nms_config_file_path"
        ),
        "change_output_activation": _by_place("layer output_layer", "activation"),
        "logits_layer": _by_place("layer"),
        "input_conversion": _by_place("layer input_layer", "conversion conversion_type"),
    }
)

# Versions of YOLO whose heads are those of an older one, by which the compiler calls them. The
# scripts of Hailo's zoo for YOLOv9 to YOLOv12 say yolov8; YOLO26 was made to run as yolov6.
_ARCHITECTURES = (
    (re.compile(r"yolov?_?(9|1[0-3])[a-z]?"), "yolov8"),
    (re.compile(r"yolov?_?26[a-z]?"), "yolov6"),
    # One size of a network that the compiler knows.
    *((re.compile(rf"{name}_?[nsmlx]6?"), name) for name in ("yolov5", "yolov6", "yolov8")),
    (re.compile(r"yolox_?(tiny|nano|s|m|l|x)"), "yolox"),
)
# Kinds of YOLO whose outputs are decoded on the host in all scripts of Hailo's zoo.
_WITHOUT_NMS = re.compile(
    r"yolov?(?!5)\d{1,2}[nsmlx]?[_-]?(seg|segment\w*|pose|kpt\w*|obb|cls|classify)"
    r"|yolov?5[nsmlx]?[_-]?(pose|obb|cls)"
)


def meant_architecture(word: str) -> str:
    """The ``meta_arch`` that decodes a version of YOLO; "" for a word that is none of these."""
    return next((m for form, m in _ARCHITECTURES if form.fullmatch(word)), "")


def has_no_nms(word: str) -> bool:
    """Whether a ``meta_arch`` means a kind of YOLO for which no known compiler has an NMS."""
    return _WITHOUT_NMS.fullmatch(word) is not None


# Words that stand in scripts for Hailo-10H and Hailo-15 only: commands, features and keywords.
FOR_NEWER_CHIPS = frozenset(
    "set_kv_cache_global_params set_input_mask_to_softmax llm_modifications quarot use_saitama "
    "zp_comp_none".split()
)
