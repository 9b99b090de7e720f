"""Hailo's chips: families, the compilers that serve them, and the precision modes they accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

HAILO8_FAMILY = frozenset({"hailo8", "hailo8l", "hailo8r"})
HAILO10_FAMILY = frozenset({"hailo10h", "hailo15h", "hailo15m", "hailo15l"})
CHIPS = HAILO8_FAMILY | HAILO10_FAMILY

# Compilers that Hailo keeps up for each chip. Those up to 3.31 served the other family as well
# (Hailo model zoo CHANGELOG: v2.8 to v2.15 with DFC 3.24 to 3.31, v5.0 to v5.2 with 5.0 to 5.2).
COMPILER_LINES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(HAILO8_FAMILY, "3.x") | dict.fromkeys(HAILO10_FAMILY, "5.x")
)

MULTIPLYING_TYPES = frozenset({"conv", "dw", "deconv", "dense"})  # by trained weights
WIDEST_EVERYWHERE = "a16_w16"


@dataclass(frozen=True)
class WidestMode:
    """Precision mode with the most bits for layers of some types, where it is not a16_w16.

    Parameters
    ----------
    types : layer types.
    chips : for these chips; None for all that `but_not` does not name, unknown ones included.
    mode : the mode; "" keeps 8 bit.
    source : where it is known from.
    but_not : chips that are no concern of the rule.
    """

    types: frozenset[str]
    chips: frozenset[str] | None
    mode: str
    source: str
    but_not: frozenset[str] = frozenset()

    def fits(self, layer_type: str, chip: str) -> bool:
        """Whether the rule is about such a layer on this chip."""
        is_concerned = chip not in self.but_not if self.chips is None else chip in self.chips
        return layer_type in self.types and is_concerned


WIDEST_MODES = (
    WidestMode(
        frozenset({"matmul"}),
        HAILO8_FAMILY,
        "a8_w8_a16",
        "notes on DFC 3.3x in public repositories: a16_w16 and a16_w8 are answered by "
        '"Unsupported value"',
    ),
    WidestMode(
        frozenset({"matmul", "softmax"}),
        None,
        "",
        "community.hailo.ai thread 19530: 16-bit attention crashes the allocator",
        but_not=HAILO8_FAMILY,
    ),
    WidestMode(
        MULTIPLYING_TYPES,
        frozenset({"hailo15l"}),
        "a16_w8",
        "Hailo model zoo v5.2: scripts for this chip where those for others say a16_w16",
    ),
)


def widest_mode(layer_type: str, chip: str) -> str:
    """Precision mode that gives a layer of this type the most bits; "" if it is to stay at 8.

    Parameters
    ----------
    chip : as in an archive's metadata; "" where it is not known.
    """
    rules = (rule.mode for rule in WIDEST_MODES if rule.fits(layer_type, chip))
    return next(rules, WIDEST_EVERYWHERE)


@dataclass(frozen=True)
class Rejection:
    """Bit widths that chips do not take at layers of some types.

    Parameters
    ----------
    types : layer types; None for all.
    chips : for these chips.
    inputs, weights : bits of the activations that enter and of the weights; None for any.
    certain : whether the compiler is known to refuse them; else they were reported to fail, or
        Hailo's own scripts avoid them.
    reason : what happens, as a clause.
    source : where it is known from.
    quotation : what the compiler says to them.
    """

    types: frozenset[str] | None
    chips: frozenset[str]
    inputs: frozenset[int] | None
    weights: frozenset[int] | None
    certain: bool
    reason: str
    source: str
    quotation: str = ""

    def concerns(self, layer_type: str, chip: str, inputs: int, weights: int) -> bool:
        """Whether it is about such a layer with these bits."""
        return (
            chip in self.chips
            and (self.types is None or layer_type in self.types)
            and (self.inputs is None or inputs in self.inputs)
            and (self.weights is None or weights in self.weights)
        )


_WIDE = frozenset({16})
_PREVIEW = "such a mode is known from scripts for other chips only"
# What is certain comes first: of several that concern a layer, the first is told.
REJECTIONS = (
    Rejection(
        frozenset({"matmul"}),
        HAILO8_FAMILY,
        _WIDE,
        None,
        certain=True,
        reason="the compiler takes a8_w8 and a8_w8_a16 only",
        source="notes on DFC 3.3x in public repositories",
        quotation="Unsupported value [<PrecisionMode.a16_w16>]",
    ),
    Rejection(
        frozenset({"matmul", "softmax"}),
        frozenset({"hailo10h"}),
        _WIDE,
        None,
        certain=False,
        reason="16-bit attention is reported to crash the compiler's allocator",
        source="community.hailo.ai thread 19530 about DFC 5.3",
    ),
    Rejection(
        None,
        CHIPS,
        _WIDE,
        frozenset({4}),
        certain=False,
        reason="optimization with a16_w4 is reported to fail",
        source="notes on DFC 5.3 in public repositories",
    ),
    Rejection(
        MULTIPLYING_TYPES,
        HAILO8_FAMILY,
        _WIDE,
        frozenset({8}),
        certain=False,
        reason=_PREVIEW,
        source="Hailo model zoo v2.18: no script for these chips uses it",
    ),
    Rejection(
        MULTIPLYING_TYPES,
        frozenset({"hailo10h"}),
        _WIDE,
        frozenset({8}),
        certain=False,
        reason=_PREVIEW,
        source="Hailo model zoo v5.2, and a note that DFC 5.3 rejects it as a preview",
    ),
    Rejection(
        MULTIPLYING_TYPES,
        frozenset({"hailo15l"}),
        _WIDE,
        _WIDE,
        certain=False,
        reason="Hailo's own scripts use a16_w8 on this chip where those for others say a16_w16",
        source="Hailo model zoo v5.2",
    ),
)


def rejection(layer_type: str, chip: str, inputs: int, weights: int) -> Rejection | None:
    """Why a layer of this type does not run with these bits on a chip; None if it may.

    Parameters
    ----------
    inputs, weights : bits of the activations that enter and of the weights.
    """
    found = (r for r in REJECTIONS if r.concerns(layer_type, chip, inputs, weights))
    return next(found, None)
