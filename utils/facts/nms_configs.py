"""How the JSON files that configure non-maximum suppression are laid out.

Source: files of `cfg/postprocess_config` in Hailo's model zoo (v2.18 and v5.2; 28 of 76 were read),
and those that Ultralytics and users of the compiler write for `nms_postprocess`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Keys of the file itself, with how the zoo uses them.
CONFIG_KEYS = frozenset(
    {
        "nms_scores_th",  # 0.2 in most files, 0.3 for YOLOv10 and SSD, 0.5 for EfficientDet
        "nms_iou_th",  # 0.45 to 0.7; 1.0, which suppresses nothing, for evaluation
        "image_dims",  # height and width of the network's input, in pixels
        "max_proposals_per_class",  # 100 or 80; 20 or 40 for SSD
        "max_total_proposals",  # segmentation only
        "classes",  # of SSD with the background, which counts as one
        "regression_length",  # bins of a side of the box: 16, NanoDet 11; YOLOv8 and its kin
        "background_removal",  # true for SSD and EfficientDet only
        "background_removal_index",
        "centers_scale_factor",  # SSD and CenterNet
        "bbox_dimensions_scale_factor",
        "input_division_factor",
        "number_of_detection_heads",
        "bbox_decoders",  # one object per scale
        "proto",  # prototype masks of YOLOv5-seg: their number and stride
    }
)
# Keys whose value is the name of a layer.
LAYER_KEYS = (
    "encoded_layer",
    "combined_layer",
    "reg_layer",
    "reg_layer_h",
    "reg_layer_w",
    "objectness_layer",
    "cls_layer",
)
DECODER_KEYS = frozenset({"name", "stride", "w", "h", *LAYER_KEYS})

# Those whose channels depend on the number of classes.
CLASS_KEYS = frozenset({"encoded_layer", "combined_layer", "cls_layer"})
# How Ultralytics calls the branches of its heads, from YOLOv8 on.
BRANCHES: Mapping[str, str] = MappingProxyType({"reg_layer": "cv2", "cls_layer": "cv3"})

BOX_SIDES = 4  # numbers, or distributions, that a box is made of
OBJECTNESS = 1  # and this one, where a head says apart whether there is anything


@dataclass(frozen=True)
class DecoderLayout:
    """What a decoder of one family looks like.

    Parameters
    ----------
    meta_archs : values of ``meta_arch`` in ``nms_postprocess`` for which it is meant.
    required : sets of keys, one of which names the layers of a decoder.
    anchors : whether ``w`` and ``h`` hold one number for each anchor box.
    """

    meta_archs: tuple[str, ...]
    required: tuple[frozenset[str], ...]
    anchors: bool


_REGRESSION_AND_CLASSES = frozenset({"reg_layer", "cls_layer"})
LAYOUTS = (
    DecoderLayout(("yolov5", "yolov5_seg", "yolov7"), (frozenset({"encoded_layer"}),), True),
    # NanoDet is configured with meta_arch=yolov8, too, and has one layer for both.
    DecoderLayout(
        ("yolov8",), (_REGRESSION_AND_CLASSES, frozenset({"combined_layer"})), anchors=False
    ),
    DecoderLayout(("yolov6", "yolox"), (_REGRESSION_AND_CLASSES,), anchors=False),
    DecoderLayout(("ssd",), (_REGRESSION_AND_CLASSES,), anchors=True),
    DecoderLayout(
        ("centernet",), (frozenset({"reg_layer_h", "reg_layer_w", "cls_layer"}),), anchors=False
    ),
)
# Boxes are four plain numbers there, not distributions.
PLAIN_BOX_META_ARCHS = frozenset({"yolov6", "yolox"})
# Each side of a box is the mean of a distribution over bins; of one bin that is always 0.
DISTRIBUTION_META_ARCHS = frozenset({"yolov8"})
FEWEST_BINS = 2  # with which a side of a box can be anything but 0

# What decodes and suppresses the boxes of an architecture, the usual engine first: the lists
# NN_CORE_META_ARCHS and CPU_META_ARCHS of DFC 3.34 as public notes quote them. All 171 lines of
# Hailo's model zoo that name both agree. yolov7 stands in neither, though scripts name it.
ENGINES_BY_META_ARCH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ssd": ("cpu", "nn_core"),
        "yolov5": ("cpu", "nn_core"),
        "yolov5_seg": ("cpu",),
        "yolov6": ("nn_core",),
        "yolov8": ("cpu",),
        "yolox": ("cpu",),
        "damoyolo": ("cpu",),
        "centernet": ("nn_core",),
    }
)


def layout_for(meta_arch: str) -> DecoderLayout | None:
    """The layout that a meta architecture takes; None for one that is not known."""
    return next((layout for layout in LAYOUTS if meta_arch in layout.meta_archs), None)
