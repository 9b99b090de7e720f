"""How samples are prepared for the original model: normalized, in which order of colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from utils.errors import UsageError
from utils.facts.normalization_recipes import IMAGENET, UNIT_RANGE
from utils.stages import StageRequest
from utils.stages.runs import Samples

Floats = NDArray[np.float32]
COLOURS = 3
AS_SCRIPT, AS_THEY_ARE = "as-script", "none"


@dataclass(frozen=True)
class Affine:
    """One (x - mean) / std by channel; a single number holds for all channels."""

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    def fits(self, channels: int) -> bool:
        """Whether it can be applied to so many channels."""
        lengths = {len(self.mean), len(self.std)}
        return lengths <= {1, channels} and 0.0 not in self.std

    def undone(self, values: Floats) -> Floats:
        """What it was applied to."""
        mean, std = np.asarray(self.mean), np.asarray(self.std)
        found: Floats = (values * std + mean).astype(np.float32)
        return found

    def applied(self, values: Floats) -> Floats:
        """Of values (..., channels)."""
        mean, std = np.asarray(self.mean), np.asarray(self.std)
        found: Floats = ((values - mean) / std).astype(np.float32)
        return found


@dataclass(frozen=True)
class Preparation:
    """One way to prepare the samples.

    Parameters
    ----------
    said : in words, as in "the samples are given ...".
    affine : what is done to them; None takes what the script makes of them.
    is_reversed : whether the order of three colours is turned round.
    is_transposed : whether height and width are exchanged.
    in_own_order : whether the constants follow the order of the original's channels, as a user
        gives them; those of recipes belong to the colours.
    """

    said: str
    affine: Affine | None = field(default_factory=Affine)
    is_reversed: bool = False
    is_transposed: bool = False
    in_own_order: bool = False

    def prepared(self, raw: Samples, as_script: Samples) -> dict[str, Floats]:
        """Samples for the original by input layer, (samples, height, width, channels)."""
        found = {}
        for name in as_script:
            source = as_script if self.affine is None else raw
            values = np.asarray(source[name], np.float32)
            affine = self.affine
            if affine is None or not affine.fits(values.shape[-1]):
                found[name] = self.turned(values)
            elif self.in_own_order:
                found[name] = affine.applied(self.turned(values))
            else:
                found[name] = self.turned(affine.applied(values))
        return found

    def turned(self, values: Floats) -> Floats:
        """Values with channels and axes exchanged; done twice they are as before."""
        if self.is_reversed and values.shape[-1] == COLOURS:
            values = values[..., ::-1]
        if self.is_transposed and values.shape[1] == values.shape[2]:
            values = values.transpose(0, 2, 1, 3)
        return values


SCRIPTED = "as the model script prepares them"
_PLAIN = Preparation("as they are")
_TRIED = (
    _PLAIN,
    Preparation("divided by 255", Affine(UNIT_RANGE.mean, UNIT_RANGE.std)),
    Preparation("normalized with the constants of ImageNet", Affine(IMAGENET.mean, IMAGENET.std)),
)


def preparations(request: StageRequest, *, has_script: bool) -> tuple[Preparation, ...]:
    """What is tried for the original, the most likely first.

    Parameters
    ----------
    has_script : whether the script prepares the samples at all.

    Raises
    ------
    UsageError : the normalization asked for is not one.
    """
    scripted = Preparation(SCRIPTED, None) if has_script else _PLAIN
    asked = request.normalization
    if asked == AS_SCRIPT:
        found: tuple[Preparation, ...] = (scripted,)
    elif asked == AS_THEY_ARE:
        found = (_PLAIN,)
    elif asked == "try":
        found = (scripted, *(each for each in _TRIED if each is not scripted))
    else:
        found = (_as_asked(asked),)
    if request.colour == "bgr":
        return tuple(_bgr(each) for each in found)
    return found


def _bgr(plain: Preparation) -> Preparation:
    return replace(plain, said=f"{plain.said}, in BGR order", is_reversed=True)


def _as_asked(text: str) -> Preparation:
    """What ``mean=...,std=...`` asks for, each with one number or one for each channel."""
    parts = dict(_parts(text))
    try:
        values = {key: tuple(float(number) for number in numbers) for key, numbers in parts.items()}
    except ValueError:
        values = {}
    affine = Affine(values.get("mean", (0.0,)), values.get("std", (1.0,)))
    is_whole = values and set(values) <= {"mean", "std"} and 0.0 not in affine.std
    if not is_whole or not np.isfinite([*affine.mean, *affine.std]).all():
        raise UsageError(
            f"the normalization {text!r} cannot be read",
            "Write it as `mean=123.675,116.28,103.53,std=58.395,57.12,57.375`.",
        )
    mean, std = (", ".join(f"{value:g}" for value in each) for each in (affine.mean, affine.std))
    said = f"as (x - [{mean}]) / [{std}]"
    return Preparation(said, affine, in_own_order=True)


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    """Numbers by key; what stands in front of the first key is none of them."""
    key, numbers = "", list[str]()
    for word in text.replace("[", "").replace("]", "").replace(";", ",").split(","):
        name, equals, value = word.partition("=")
        if equals:
            if key:
                yield key, numbers
            key, numbers = name.strip(), [value.strip()]
        else:
            numbers.append(word.strip())
    yield key, numbers


def turned(tried: Preparation, shapes: Mapping[str, tuple[int, int, int]]) -> Iterator[Preparation]:
    """The same with colours reversed, and with height and width exchanged, where both can be."""
    images = [shape for shape in shapes.values() if min(shape[:2]) > 1]
    if any(shape[2] == COLOURS for shape in images):
        yield replace(tried, is_reversed=not tried.is_reversed)
    if any(shape[0] == shape[1] for shape in images):
        yield replace(tried, is_transposed=True)
