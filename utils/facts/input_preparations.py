"""Ways in which samples are prepared before a network takes them, as a table.

Each is one step y = factor * x + offset by channel, with the expression of numpy that undoes it.
The tool takes each of them back and looks whether the data then fit the calibration. To have it
try a preparation of your own, put it into `OWN`.

Source of the steps: public scripts that make calibration sets for Hailo's compiler.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from utils.facts.normalization_recipes import RECIPES, SYMMETRIC, UNIT_RANGE, Recipe

WHITE = 255.0

# How unusual a step is, in the unit of the distance that is compared. Of steps that fit equally
# well the one with the least is named.
PLAIN, UNUSUAL, WITH_CONSTANTS, OTHER_ORDER = 0.03, 0.06, 0.06, 0.05
TOLD_APART = 0.05  # the more usual one of two that are as good as equal


@dataclass(frozen=True)
class Preparation:
    """One way to prepare samples: y = factor * x + offset.

    Parameters
    ----------
    done : what distinguishes the samples from those without it, as in "The data are ...".
    undo : expression of numpy that takes it back, with {x} for the array (..., channels).
    factor, offset : one number for all channels, or one for each.
    penalty : how unusual it is, 0 or more, comparable to a difference of means in standard
        deviations.
    from_white, to_white : what white is in the right samples, or in those at hand, where these are
        pixels and the others have negative values; 0 where nothing is said of that.
    to_same_end : it counts only where the largest values agree once it is undone; for steps so
        small that another exposure does the same.
    inverted_at : what white is in pictures whose black and white are exchanged; 0 for others.
    is_unit : it changes a unit with a zero of its own, which no pixels have.
    is_curved : it is no such step, so that neither factor nor offset count.
    colour_space : that pictures of one side are in, while those of the other are in RGB.
    of_archive : it was done to the samples of the calibration, rather than to those at hand.
    """

    done: str
    undo: str
    factor: tuple[float, ...]
    offset: tuple[float, ...] = (0.0,)
    penalty: float = UNUSUAL
    to_same_end: bool = False
    from_white: float = 0.0
    to_white: float = 0.0
    inverted_at: float = 0.0
    is_unit: bool = False
    is_curved: bool = False
    colour_space: str = ""
    of_archive: bool = False

    @property
    def is_scale(self) -> bool:
        """Whether it is a single factor other than 1."""
        return self.offset == (0.0,) and len(self.factor) == 1 and self.factor != (1.0,)

    def fits(self, channels: int) -> bool:
        """Whether it can be applied to so many channels."""
        return {len(self.factor), len(self.offset)} <= {1, channels}


# To be tried as well, beside those that the tool knows.
OWN: tuple[Preparation, ...] = ()

AS_IS = Preparation("as they are", "{x}", (1.0,), penalty=0.0)

# Each with what it costs to be as many times as large, and to be divided by it.
FACTORS = (
    (255.0, PLAIN, PLAIN),  # 0..255 and 0..1
    (100.0, UNUSUAL, UNUSUAL),  # percent, and cm and m
    (127.5, UNUSUAL, UNUSUAL),  # 0..255 and 0..2
    (257.0, UNUSUAL, UNUSUAL),  # 16-bit pixels that repeat the 8 bit of others
    (65535.0, TOLD_APART, UNUSUAL),  # 16-bit pixels and 0..1
    (65025.0, UNUSUAL, TOLD_APART),  # pixels divided twice
    (2.55, UNUSUAL, UNUSUAL),  # percent and 0..255
    (655.35, UNUSUAL, UNUSUAL),  # 16-bit pixels in percent
    (25500.0, UNUSUAL, UNUSUAL),  # percent, divided by 255
    (4095.0, UNUSUAL, UNUSUAL),  # largest number of 12 bit: raw pixels, converters
    (1023.0, UNUSUAL, UNUSUAL),  # largest number of 10 bit
)
# Of what sensors measure, and never of pictures.
UNIT_FACTORS = (
    # Full scale of 16-bit audio: libsndfile, torchaudio, librosa; 32767 is the same to 0.003 %.
    (32768.0, UNUSUAL, UNUSUAL),
    (16384.0, UNUSUAL, UNUSUAL),  # g at +-2 g: data sheet of the MPU-6050, "16384 LSB/g"
    (1000.0, UNUSUAL, UNUSUAL),  # mm and m, mg and g: prefixes of SI
    (360.0, UNUSUAL, UNUSUAL),  # degrees and whole turns
    (57.2958, UNUSUAL, UNUSUAL),  # degrees and radians: 180 / pi
    (4.34294, UNUSUAL, UNUSUAL),  # decibels and natural logarithms of power: 10 / ln(10)
    (9.80665, UNUSUAL, UNUSUAL),  # m/s2 and g: standard gravity, CGPM 1901
)
# Units whose zeros differ, never of pictures: what is done to the right values to get these.
_KELVIN = 273.15  # SI: 0 degrees Celsius
UNIT_SHIFTS = (
    ("in kelvin", "in degrees Celsius", 1.0, _KELVIN),
    ("in hundredths of a kelvin", "in degrees Celsius", 100.0, 100 * _KELVIN),
    ("in degrees Fahrenheit", "in degrees Celsius", 1.8, 32.0),
    # DICOM PS3.3 C.11.1.1.2: scanners store Hounsfield units with an intercept of -1024.
    ("in the numbers of a scanner", "in Hounsfield units", 1.0, 1024.0),
)
LEAST_FACTOR = 10.0  # smaller ones are exposure as often as scale
# Constants that host scripts subtract and divide by; others are rare outside their networks.
_HOST_RECIPES = ("ImageNet", "ImageNet mean only", "Caffe mean only", "CLIP", "127.5 and 128")


def preparations(
    channels: int, own: Recipe | None = None, *, of_pictures: bool = False
) -> tuple[Preparation, ...]:
    """All that is tried for an input, as it is first.

    Parameters
    ----------
    channels : of the input.
    own : constants that its network's own script normalizes with, if it does.
    of_pictures : whether it holds pictures, which have no physical unit.
    """
    recipes = [recipe for recipe in RECIPES if recipe.name in _HOST_RECIPES]
    factors = FACTORS if of_pictures else FACTORS + UNIT_FACTORS
    found = [AS_IS, *OWN, *_scales(factors), *_shifts(), *_inversions()]
    found += [] if of_pictures else _unit_shifts()
    for recipe in [*([own] if own else []), *recipes]:
        if recipe is not UNIT_RANGE and recipe.fits(channels):
            found += _normalizations(recipe)
    return tuple(each for each in found if each.fits(channels))


def _scales(factors: Iterable[tuple[float, float, float]]) -> Iterator[Preparation]:
    for factor, as_larger, as_smaller in factors:
        text = f"{factor:g}"
        is_small = factor < LEAST_FACTOR
        larger, smaller = f"{text} times as large", f"divided by {text}"
        yield Preparation(larger, f"{{x}} / {text}", (factor,), (0.0,), as_larger, is_small)
        # By a float, since small integers would overflow.
        undo = f"{{x}} * {factor}"
        yield Preparation(smaller, undo, (1 / factor,), (0.0,), as_smaller, is_small)


def _shifts() -> Iterator[Preparation]:
    single, half = "{x}.astype(np.float32)", SYMMETRIC.mean[0]
    signed, plain = "scaled from -1 to 1 instead of 0 to", "instead of -1 to 1"
    pixels = partial(Preparation, from_white=WHITE)
    yield pixels("shifted by -128", f"{single} + 128", (1.0,), (-128.0,))
    yield pixels(f"{signed} 255", f"({{x}} + 1.0) * {half:g}", (1 / half,), (-1.0,), PLAIN)
    yield Preparation(f"{signed} 1", "({x} + 1.0) / 2", (2.0,), (-1.0,), from_white=1.0)
    pixels = partial(Preparation, to_white=WHITE)
    yield pixels("shifted by 128", f"{single} - 128", (1.0,), (128.0,))
    yield pixels(f"scaled from 0 to 255 {plain}", f"{{x}} / {half:g} - 1", (half,), (half,), PLAIN)
    yield Preparation(f"scaled from 0 to 1 {plain}", "{x} * 2.0 - 1", (0.5,), (0.5,), to_white=1.0)


def _inversions() -> Iterator[Preparation]:
    for white in (WHITE, 1.0):
        done = f"inverted, with black and white exchanged in 0 to {white:g}"
        yield Preparation(done, f"{white} - {{x}}", (-1.0,), (white,), inverted_at=white)


def _unit_shifts() -> Iterator[Preparation]:
    value = "{x}.astype(np.float32)"
    for one, other, factor, offset in UNIT_SHIFTS:
        scale, unscale = (f" / {factor:g}", f" * {factor:g}") if factor != 1.0 else ("", "")
        shifted = f"{value} - {offset:g}"
        undo = f"({shifted}){scale}" if scale else shifted
        done = f"{one} instead of {other}"
        yield Preparation(done, undo, (factor,), (offset,), is_unit=True)
        back = f"{value}{unscale} + {offset:g}"
        done, zero = f"{other} instead of {one}", (-offset / factor,)
        yield Preparation(done, back, (1 / factor,), zero, is_unit=True)


def _normalizations(recipe: Recipe) -> Iterator[Preparation]:
    """With constants, in either order of colours, and undone; for 0..255 and for 0..1."""
    for is_reversed in (False, True) if len(recipe.mean) > 1 else (False,):
        penalty = WITH_CONSTANTS + OTHER_ORDER * is_reversed
        step = -1 if is_reversed else 1
        mean, std = recipe.mean[::step], recipe.std[::step]
        name = f"the constants of {recipe.name}{' in BGR order' if is_reversed else ''}"
        for unit, white in ((1.0, WHITE), (WHITE, 1.0)):
            yield from _normalization(
                f"{name} for 0 to {white:g}",
                tuple(value / unit for value in mean),
                # What does not divide leaves the unit as it is.
                std if set(std) == {1.0} else tuple(value / unit for value in std),
                penalty,
                white,
            )


def _normalization(
    name: str, mean: tuple[float, ...], std: tuple[float, ...], penalty: float, white: float
) -> Iterator[Preparation]:
    divides = set(std) != {1.0}
    below, above = _constants(std), _constants(mean)
    yield Preparation(
        f"normalized with {name}",
        f"{{x}} * {below} + {above}" if divides else f"{{x}} + {above}",
        tuple(1 / value for value in std),
        tuple(-m / s for m, s in zip(mean, std, strict=True)),
        penalty,
        from_white=white,
    )
    yield Preparation(
        f"not normalized with {name}",
        f"({{x}} - {above}) / {below}" if divides else f"{{x}} - {above}",
        std,
        mean,
        penalty,
        to_white=white,
    )


def _constants(values: tuple[float, ...]) -> str:
    texts = [repr(float(f"{value:.6g}")) for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
