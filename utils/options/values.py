"""What options take, from the text of the command line."""

from __future__ import annotations

import argparse
import math
import re

SAMPLE_AXES = 3
REFERENCE_NORMALIZATIONS = ("try", "none", "as-script")
LARGEST_AXIS = 1 << 20  # no sample comes near it, and sizes in bytes stay small numbers
HIGHEST_TARGET_DB = 100.0  # the widest codes, of 15 bits, end at about 90 dB


def _number(text: str) -> float:
    """A finite number; NaN for any other text."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def positive(text: str) -> int:
    """A whole number above 0."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return value


def sample_shape(text: str) -> tuple[int, ...]:
    """Height, width and channels of a sample."""
    sizes = tuple(int(part) if part.strip().isdecimal() else 0 for part in text.split(","))
    if len(sizes) != SAMPLE_AXES or not all(0 < size <= LARGEST_AXIS for size in sizes):
        raise argparse.ArgumentTypeError(f"{text!r} is not HEIGHT,WIDTH,CHANNELS, as in 224,224,3")
    return sizes


def target_in_decibels(text: str) -> float:
    """An SNR that can be asked for."""
    value = _number(text)
    if not 0 < value <= HIGHEST_TARGET_DB:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of dB above 0 and up to {HIGHEST_TARGET_DB:g}"
        )
    return value


def assignment(text: str) -> tuple[str, float]:
    """A name and a number."""
    name, separator, value = text.partition("=")
    number = _number(value)
    if not separator or not name or math.isnan(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, as in leaky=0.01")
    return name, number


def probability(text: str) -> float:
    """A probability that can be exceeded, and missed."""
    value = _number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a probability above 0 and below 1")
    return value


def reference_normalization(text: str) -> str:
    """How samples are prepared for the original model: a word, or mean and standard deviation.

    Each holds one number, or one for each channel; as the text that `StageRequest` takes.
    """
    if text in REFERENCE_NORMALIZATIONS:
        return text
    found = re.fullmatch(r"mean=([^=]+),std=([^=]+)", text.replace(" ", ""))
    mean, std = ([_number(part) for part in group.split(",")] for group in _groups(found))
    is_usable = mean and not any(map(math.isnan, (*mean, *std))) and 0.0 not in std
    if not is_usable or (len(mean) != len(std) and 1 not in (len(mean), len(std))):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither {' nor '.join(REFERENCE_NORMALIZATIONS)} nor "
            "mean=NUMBERS,std=NUMBERS, as in mean=123.7,116.3,103.5,std=58.4,57.1,57.4"
        )
    return text.replace(" ", "")


def _groups(found: re.Match[str] | None) -> tuple[str, str]:
    return (found[1], found[2]) if found else ("nan", "nan")


def layer_and_kind(text: str) -> tuple[str, str]:
    """A layer and the kind of its output; whether these exist, the archive tells."""
    layer, separator, kind = text.rpartition("=")
    if not separator or not layer or not kind:
        raise argparse.ArgumentTypeError(f"{text!r} is not LAYER=KIND, as in output_layer1=classes")
    return layer, kind
