"""What an argument of a model script may be, and the words that are known for it.

Sources, unless a table names another: all model scripts in the history of Hailo's model zoo
(v1.0 to v5.2, about 94,000 statements), the digest of the Dataflow Compiler's guide at
developer.ridgerun.com (Hailo_Model_Scripts), and enumerations that DFC 5.3.0 prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Words:
    """One word of a list; Hailo's own scripts write some in capital letters (``L2REL``).

    Parameters
    ----------
    known : words that some compiler takes, in small letters.
    complete : whether no other word can be right; else a newer compiler may know more.
    forms : regular expressions of words that are well formed, and may be known to a newer one.
    numbers : numbers that people write in place of a word, each with the word.
    aliases : other words that people write for it, in small letters, each with the word.
    """

    known: tuple[str, ...]
    complete: bool = False
    forms: tuple[str, ...] = ()
    numbers: tuple[tuple[int, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class WordList:
    """A list of such words; a single one may stand without brackets."""

    words: Words


@dataclass(frozen=True)
class Switch:
    """On or off, in one of the two spellings that scripts mix: ``enabled`` and ``True``."""


@dataclass(frozen=True)
class Number:
    """A number within bounds, both included.

    Parameters
    ----------
    low, high : bounds; None where there is none.
    whole : whether it is a count or a level.
    others : single numbers outside the bounds that are allowed as well.
    """

    low: float | None = None
    high: float | None = None
    whole: bool = False
    others: tuple[float, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """A list of numbers.

    Parameters
    ----------
    length : how many; None for any.
    ascending : whether each is larger than the one before, as in a range [low, high].
    """

    length: int | None = None
    ascending: bool = False


@dataclass(frozen=True)
class Layers:
    """Layers: a name, a list of names, or patterns in braces."""


@dataclass(frozen=True)
class Path:
    """The path of a file, mostly in quotation marks."""


@dataclass(frozen=True)
class Free:
    """Anything: what is allowed here is not known."""


def folded(value: object) -> str:
    """A word as the tables write it, whatever letters a script has; "" for what is no word."""
    return value.casefold() if isinstance(value, str) else ""


Kind: TypeAlias = "Words | WordList | Switch | Number | Numbers | Layers | Path | Free"

SWITCH = Switch()
LAYERS = Layers()
FREE = Free()
COUNT = Number(low=1, whole=True)
SHARE = Number(low=0, high=1)
NOT_NEGATIVE = Number(low=0)
RANGE = Numbers(2, ascending=True)
HEIGHT_AND_WIDTH = Numbers(2)

ON_WORDS = ("enabled", "allowed")
OFF_WORDS = ("disabled",)
SWITCH_WORDS = (*ON_WORDS, *OFF_WORDS)

# DFC 5.3.0 prints these members of PrecisionMode; what a chip takes of them is another question.
PRECISION_MODES = Words(
    tuple(
        "a8_w8 a8_w4 a16_w16 a16_w8 a16_w4 a8_w4_exp a16_w16_non_zero native a8_w8_a8 a8_w8_a16 "
        "a8_w4_a8 a8_w4_a16 a16_w16_a8 a16_w16_a16 a16_w8_a8 a16_w8_a16 a16_w4_a16 "
        "a16_w4_a8".split()
    ),
    complete=True,
    # Numbers of bits that some mode has; no compiler knows others.
    forms=(r"a(4|8|16)_w(4|8|16)(_[a-z]+)*(_a(4|8|16))?",),
    numbers=((16, "a16_w16"), (8, "a8_w8"), (4, "a8_w4")),
    aliases=(
        *((word, "a16_w16") for word in ("int16", "uint16", "16bit", "16_bit", "16-bit")),
        *((word, "a8_w8") for word in ("int8", "uint8", "8bit", "8_bit", "8-bit")),
        *((word, "a8_w4") for word in ("int4", "4bit", "4_bit", "4-bit")),
    ),
)
BIAS_MODES = Words(("double_scale_initialization", "single_scale_decomposition"))
CONVERSIONS = Words(
    tuple(
        "yuv_to_rgb yuv_to_bgr yuy2_to_hailo_yuv yuy2_to_rgb nv12_to_rgb nv12_to_hailo_yuv "
        "i420_to_hailo_yuv tf_rgbx_to_hailo_rgb bgr_to_rgb rgb_to_bgr".split()
    ),
    forms=(r"(yuv\w*|yuy2|uyvy|nv12|nv21|i420|(tf_)?(rgb|bgr)x?)_to_(hailo_)?(yuv|rgb|bgr)",),
    aliases=(
        ("bgr2rgb", "bgr_to_rgb"),
        ("rgb2bgr", "rgb_to_bgr"),
        ("yuv2rgb", "yuv_to_rgb"),
        ("nv12torgb", "nv12_to_rgb"),
        ("nv122rgb", "nv12_to_rgb"),
    ),
)
# sigmoid, tanh and linear stand in the zoo's scripts; the others are names of activations that
# occur in Hailo networks.
ACTIVATIONS = Words(
    tuple(
        "sigmoid tanh linear relu relu6 leaky silu gelu elu prelu hardswish hardsigmoid mish "
        "softplus softsign exp sqrt log abs inv_pos inv_sqrt threshold clip delta less greater "
        "equal pow minus".split()
    )
)
LOGITS = Words(("softmax", "argmax"))
ENGINES = Words(("cpu", "nn_core", "auto"), complete=True)
RESIZE_METHODS = Words(("bilinear", "nearest_neighbor"))
# `yolo` stands in scripts of model zoo v2.0 to v2.4.
NMS_ARCHITECTURES = Words(
    tuple("yolov5 yolov5_seg yolov6 yolov7 yolov8 yolox ssd centernet damoyolo yolo".split()),
    forms=(r"yolo\w*",),
)
CLIPPING_MODES = ("disabled", "manual", "percentile", "percentile_force")
ACTIVATION_CLIPPING_MODES = Words(CLIPPING_MODES)
WEIGHTS_CLIPPING_MODES = Words((*CLIPPING_MODES[:3], "mmse", "mmse_if4b"))
# zp_comp_none stands in published scripts for DFC 5.x.
CORRECTION_TYPES = Words(
    ("zp_comp_block", "zp_comp_block_3", "zp_comp_none"), forms=(r"zp_comp_\w+",)
)
BIT_DECOMPOSITIONS = Words(("uniform_precision", "split_precision"))
LOSSES = Words(tuple("l2 l2rel ce cosine l2rel_channelwise_weighted".split()))
ANALYZE_MODES = Words(("simple", "advanced"))
