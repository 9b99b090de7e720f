"""What an output stands for: it says how to tell whether the chip decides as in float."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

OutputKind = Literal[
    "classes",  # one class for each sample
    "scores",  # every number fires or does not, by itself
    "segmentation",  # one class for each pixel
    "detection",  # cells that fire, and their boxes
    "embedding",  # a vector that is compared with others
    "regression",  # numbers that count as they are: targets, keypoints, depth
    "image",  # pixels to be looked at
    "heatmap",  # where each channel has its peak: keypoints
    "unknown",  # neither graph, names nor script tell
]
KINDS: tuple[OutputKind, ...] = get_args(OutputKind)
KNOWN_KINDS: tuple[OutputKind, ...] = tuple(kind for kind in KINDS if kind != "unknown")

DEFAULT_SCORE_THRESHOLD = 0.5


@dataclass(frozen=True)
class SettledKind:
    """The kind of one output, as far as it is settled before anything is measured.

    Parameters
    ----------
    kind : one of `KINDS`.
    reason : what settles it, or why nothing does; a clause.
    score_channels : channels that say, each by itself, whether a cell fires; () where the best of
        all channels says so.
    scores_at : output layer with the scores of the cells whose boxes leave here, as distributions
        over distances; "" where no such boxes do.
    holds_scores : False of a detector's output that holds boxes alone.
    cell : height and width of a cell of such boxes, in pixels of the input; 0 where not known.
    """

    kind: OutputKind = "unknown"
    reason: str = ""
    score_channels: tuple[int, ...] = ()
    scores_at: str = ""
    holds_scores: bool = True
    cell: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class WhatIsJudged:
    """How outputs are to be judged.

    Parameters
    ----------
    kinds : by name of the output layer; those that are absent are unknown.
    score_threshold : probability, above 0 and below 1, at which a score fires.
    """

    kinds: Mapping[str, SettledKind] = field(default_factory=dict)
    score_threshold: float = DEFAULT_SCORE_THRESHOLD

    def kind_of(self, output: str) -> SettledKind:
        """The kind of an output."""
        return self.kinds.get(output, SettledKind())

    def threshold(self, *, is_probability: bool) -> float:
        """What a score has to exceed to fire: a probability, or a logit."""
        share = self.score_threshold
        return share if is_probability else math.log(share / (1 - share))
