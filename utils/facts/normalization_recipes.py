"""Constants with which published networks normalize images, (x - mean) / std on 0..255.

Source: the model scripts of Hailo's model zoo v2.18 and v5.2, where all but about 30 of 227
networks normalize on the chip. The number of networks that use a recipe is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """One pair of mean and standard deviation.

    Parameters
    ----------
    name : what people call it.
    mean, std : per channel in the order that is customary for it; a single number holds for
        any number of channels.
    families : patterns of words in the names of networks that use it, where a word is enough
        to tell.
    """

    name: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    families: tuple[str, ...] = ()

    def fits(self, channels: int) -> bool:
        """Whether it can be applied to so many channels."""
        return len(self.mean) in (1, channels)

    def constants(self, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation with one number per channel."""
        repeats = channels if len(self.mean) == 1 else 1
        return self.mean * repeats, self.std * repeats


# Standard deviation of a pixel over ImageNet: what is left where a recipe does not divide.
TYPICAL_STD = 57.4

# 82 in colour, 72 of them YOLO, and 4 in grey. YOLOX, unlike the other networks of that name, is
# trained on pixels as they are.
UNIT_RANGE = Recipe("division by 255", (0.0,), (255.0,), ("yolo(?!x)",))
# 62 in RGB and 3 in BGR, behind input_conversion(bgr_to_rgb).
IMAGENET = Recipe("ImageNet", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
SYMMETRIC = Recipe("-1..1", (127.5,), (127.5,))  # 33
# Those that most networks of the zoo use come first.
RECIPES = (
    UNIT_RANGE,
    IMAGENET,
    SYMMETRIC,
    Recipe("CLIP", (122.77, 116.75, 104.09), (68.5, 66.63, 70.32), ("clip",)),  # 20
    Recipe("127 and 128", (127.0,), (128.0,), ("efficientnet_lite", "efficientdet")),  # 14
    Recipe("127.5 and 128", (127.5,), (128.0,), ("arcface", "scrfd", "lprnet", "palm")),  # 6
    Recipe("ImageNet mean only", (123.68, 116.78, 103.94), (1.0, 1.0, 1.0)),  # 3
    Recipe("ImageNet, TensorFlow mean", (123.68, 116.78, 103.94), (58.4, 57.12, 57.38)),  # 2
    Recipe("0.45 and 0.225", (114.75,), (57.375,)),  # 2
    Recipe("Caffe mean only", (104.0, 117.0, 123.0), (1.0, 1.0, 1.0)),  # 2
    Recipe("CenterNet", (104.04, 113.985, 119.85), (73.695, 69.87, 70.89)),  # 1
    Recipe("single network", (111.296, 104.263, 104.396), (64.193, 62.547, 60.324)),  # 1
    Recipe("identity", (0.0,), (1.0,)),  # 1
)
