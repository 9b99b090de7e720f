"""How much accuracy networks of a family lose between float and chip, where nothing is wrong.

Source: published accuracy tables of Hailo's model zoo, v2.18 (Hailo-8) and v5.2 (Hailo-10H).
A loss is relative to the metric in float, in percent: 2.0 stands for 50.0 mAP that became 49.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SOURCE_HAILO8 = "published accuracy tables of Hailo's model zoo v2.18, for Hailo-8"
SOURCE_HAILO10 = "published accuracy tables of Hailo's model zoo v5.2, for Hailo-10H"


@dataclass(frozen=True)
class Loss:
    """What was published for one family on one line of chips.

    Parameters
    ----------
    median : percent; where `highest` is given, the lowest of several networks or medians.
    highest : percent, the highest of them; None where there is one median.
    models : number of networks; 0 where it was not recorded.
    worst : percent that the network `worst_model` loses; None where it was not recorded.
    """

    median: float
    highest: float | None = None
    models: int = 0
    worst: float | None = None
    worst_model: str = ""


@dataclass(frozen=True)
class Family:
    """A family of networks.

    Parameters
    ----------
    name : as a noun in the plural.
    hailo8, hailo10 : losses on Hailo-8 and on Hailo-10H; None where none is published.
    pattern : regular expression that finds it in the name of a network, in lower case; "" where
        only the graph can tell.
    has_attention : whether its graphs multiply activations with each other; None where some do.
    metric : what the loss is relative to.
    """

    name: str
    hailo8: Loss | None
    hailo10: Loss | None
    pattern: str = ""
    has_attention: bool | None = None
    metric: str = "accuracy"

    def is_named_in(self, text: str) -> bool:
        """Whether the name of a network tells this family."""
        return bool(self.pattern) and re.search(self.pattern, text.lower()) is not None


def _yolo(version: str) -> str:
    return rf"yolo[_-]?v?{version}(?!\d)"


PLAIN_CNN = Family(
    "plain CNN classifiers, re-identification and segmentation networks",
    Loss(0.6, models=39, worst=2.9, worst_model="repvgg_a2"),
    Loss(0.65, models=42, worst=3.0, worst_model="repvgg_a1"),
    "resnet|resnext|regnet|repvgg|osnet|inception|squeezenet|hardnet",
    has_attention=False,
)
# MobileNetV3 and EfficientNet-B have squeeze and excitation, and are in no published group.
DEPTHWISE_CNN = Family(
    "MobileNet v1 and v2, EfficientNet-lite and other depthwise CNNs",
    Loss(1.0, models=19, worst=5.0, worst_model="ssd_mobilenet_v2"),
    Loss(1.0, models=19),
    r"mobilenet[_-]?v?[12](?!\d)|efficient(?:net|det)[_-]?lite",
    has_attention=False,
)
VISION_TRANSFORMER = Family(
    "vision transformers (Swin, DeiT, LeViT, FastViT and the like)",
    Loss(2.5, models=27, worst=4.5, worst_model="levit384"),
    Loss(1.4, models=30),
    r"(?<![a-z])(?:fast|le|efficient|mobile|next|da|cas[_-]?)?vit(?![a-z])|swin|deit",
    has_attention=True,
)
YOLOV8 = Family(
    "YOLOv8",
    Loss(1.35, models=11, worst=5.9, worst_model="yolov8s_pose"),
    Loss(1.5),
    _yolo("8"),
)
YOLO11 = Family("YOLO11", Loss(1.9, models=5), Loss(2.0), _yolo("11"))
YOLOV4 = Family("YOLOv4", Loss(5.2), Loss(4.9), _yolo("4"))

# Of these, the first that is found in a name is taken: detr_resnet is a DETR, clip_vit a CLIP.
NAMED_FAMILIES = (
    # depth_anything and stereonet, the lowest and the highest of them.
    Family(
        "depth and stereo estimators",
        Loss(7.0, 31.0),
        Loss(23.0, 27.0),
        r"depth[_-]?anything|stereo[_-]?net",
        metric="error metric",
    ),
    Family("DETR", Loss(7.1), Loss(7.7), "(?<![a-z])(?:rf|rt)?[_-]?detr(?![a-z])", True),
    Family(
        "CLIP and SigLIP encoders",
        Loss(3.2, models=20, worst=8.3, worst_model="tinyclip_8m"),
        Loss(1.4, models=28, worst=7.1, worst_model="clip_l_14_336"),
        r"(?<![a-z])(?:tiny)?clip(?![a-z])|siglip",
        has_attention=True,
    ),
    YOLOV8,
    YOLO11,
    Family("YOLOv5", Loss(3.0, models=14), Loss(2.9), _yolo("5")),
    Family("YOLOv7", Loss(3.1, models=3), Loss(3.0), _yolo("7")),
    Family("YOLOv6", Loss(3.4), Loss(3.4), _yolo("6")),
    Family("YOLOX with leaky ReLU", Loss(3.6), Loss(3.5), "yolo[_-]?x(?![a-z])"),
    YOLOV4,
    Family("YOLO26", Loss(4.3, worst=4.6, worst_model="yolo26n"), None, _yolo("26")),
    VISION_TRANSFORMER,
    DEPTHWISE_CNN,
    PLAIN_CNN,
)
# What the graph alone tells of a detector: the medians of the generations that it can be.
BOX_DISTRIBUTION_DETECTOR = Family(
    "detectors with 64 channels for each box, as YOLOv8 and YOLO11 are",
    Loss(1.35, 1.9, models=16),
    Loss(1.5, 2.0),
)
SCALES_DETECTOR = Family(
    "detectors with outputs at several scales, as the generations of YOLO are",
    Loss(1.35, 5.2),
    Loss(1.5, 4.9),
)
