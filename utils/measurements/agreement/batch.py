"""What a batch of samples says of one output, in every way in which the output may be read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.measurements.agreement import OutputAgreement, SampleFigures
from utils.measurements.agreement.channels import ChannelCodes, Extremes
from utils.measurements.agreement.decisions import (
    TOP,
    BestClasses,
    Decisions,
    among_the_best,
    best_classes,
    fired,
    flips_of,
    kept_and_rightly,
)
from utils.measurements.agreement.embedding import LONGEST, Embedding
from utils.measurements.agreement.grouped import ClassCounts
from utils.measurements.agreement.heatmaps import kept_peaks
from utils.measurements.agreement.pairs import ValuePairs
from utils.measurements.agreement.regression import Regression
from utils.measurements.output_kind import OutputKind, SettledKind

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

# More classes than any segmentation has; counts of them would cost memory and tell nothing.
MOST_CLASSES = 1024
SHORTEST_EMBEDDING = 8
IMAGE_CHANNELS = (1, 3)
GOLDEN = (
    5**0.5 - 1
) / 2  # multiples of it, less their whole part, are evenly spread and all differ


@dataclass(frozen=True, eq=False)
class OutputBatch:
    """One output for some samples.

    Parameters
    ----------
    positions : places of the samples among all that are run, ascending, (samples,).
    floats, chip : float32 (samples, pixels, channels).
    codes : of `chip`, likewise; the values where they are not coded.
    steps : what one code is worth, float32 (channels,); 0 where they are not coded.
    spans : smallest and largest of the values in float.
    seen : which codes occur, bool (channels, 256); None where that is still to be found out.
    undecided : where an argmax was undecided in float, (samples, pixels); None where none stands
        at the output, which then holds no class numbers.
    width : pixels of a row; 1 where nobody reads the map by its rows.
    """

    positions: Integers
    floats: Floats32
    chip: Floats32
    codes: NDArray[Any]
    steps: Floats32
    spans: Extremes
    seen: Mask | None = None
    undecided: Mask | None = None
    width: int = 1

    @property
    def pixels(self) -> int:
        """How many there are."""
        return int(self.floats.shape[1])

    @property
    def channels(self) -> int:
        """How many there are."""
        return int(self.floats.shape[2])


def readings_of(settled: SettledKind, batch: OutputBatch) -> tuple[OutputKind, ...]:
    """The ways in which an output may be read: its kind, or all that its shape allows."""
    if settled.kind != "unknown":
        return (settled.kind,)
    channels = batch.channels
    if batch.undecided is not None:
        return ("segmentation",) if batch.pixels > 1 else ("classes",)
    if batch.pixels > 1:
        several: tuple[OutputKind, ...] = ("segmentation", "detection") if channels > 1 else ()
        image: tuple[OutputKind, ...] = ("image",) if channels in IMAGE_CHANNELS else ()
        return (*several, "scores", "regression", *image)
    if channels == 1:
        return ("scores", "regression")
    is_vector = SHORTEST_EMBEDDING <= channels <= LONGEST
    return ("classes", "scores", "regression", *(("embedding",) if is_vector else ()))


def agreement_of(
    batch: OutputBatch,
    settled: SettledKind,
    threshold: float,
    signal: NDArray[np.float64],
    noise: NDArray[np.float64],
) -> OutputAgreement:
    """What a batch says of an output.

    Parameters
    ----------
    threshold : a value has to exceed it to fire.
    signal, noise : energies of every sample, (samples,).
    """
    readings = readings_of(settled, batch)
    best = _best(batch, readings)
    is_numbered = batch.undecided is not None
    decisions = {
        **_class_decisions(batch, best, readings),
        **({} if is_numbered else _fired(batch, settled, readings, threshold, best)),
    }
    classes = None
    if best is not None and "segmentation" in readings:
        count = int(max(best.floats.max(), best.chip.max())) + 1 if is_numbered else batch.channels
        if count <= MOST_CLASSES:
            classes = ClassCounts.of(batch.positions, best, count)
    return OutputAgreement(
        settled,
        SampleFigures(batch.positions, signal, noise, decisions),
        channel_codes(batch),
        Extremes.of(_uneven_means(batch.floats)),
        Extremes.of(_uneven_means(batch.chip)),
        batch.pixels * batch.channels,
        threshold,
        classes=classes,
        wins=_wins(batch, best) if "classes" in readings else None,
        regression=Regression.of(batch.floats, batch.chip) if "regression" in readings else None,
        embedding=_embedding(batch) if "embedding" in readings else None,
        pairs=None if is_numbered else _pairs(batch, settled, threshold, best),
    )


def _uneven_means(values: Floats32) -> Floats32:
    """A mean of every channel of every sample, (samples, channels), of values likewise.

    No two pixels have the same weight: a map that is only moved has another mean.
    """
    weights = np.modf(GOLDEN * np.arange(1, values.shape[1] + 1))[0] + 0.5
    weights = (weights / weights.sum()).astype(np.float32)
    # As a product of matrices it would wait for threads, which takes longer than all of the sums.
    means: Floats32 = np.einsum("p,spc->sc", weights, values)
    return means


def _wins(batch: OutputBatch, best: BestClasses | None) -> Integers | None:
    """How often each class comes first in float; None of class numbers, which tell no number."""
    if best is None or batch.undecided is not None:
        return None
    return np.bincount(best.floats.ravel(), minlength=batch.channels)


def channel_codes(batch: OutputBatch) -> ChannelCodes:
    """The codes that a batch uses."""
    return ChannelCodes.of(batch.spans, batch.codes.reshape(-1, batch.channels), batch.seen)


def _best(batch: OutputBatch, readings: Collection[OutputKind]) -> BestClasses | None:
    if not {"classes", "segmentation"}.intersection(readings):
        return None
    if batch.undecided is not None:
        floats, chip = (np.rint(v[:, :, 0]).astype(np.int64) for v in (batch.floats, batch.chip))
        return BestClasses(floats, chip, batch.undecided)
    return best_classes(batch.floats, batch.chip, batch.steps)


def _class_decisions(
    batch: OutputBatch, best: BestClasses | None, readings: Collection[OutputKind]
) -> dict[str, Decisions]:
    if best is None:
        return {}
    if "classes" not in readings:
        return {"same_class": best.decisions()}
    if batch.pixels > 1:
        return {"same_place": best.at_places()}
    found = {"same_top1": best.decisions()}
    if batch.undecided is None and batch.channels > TOP:
        found["same_top5"] = among_the_best(best, batch.chip)
    return found


def _fired(
    batch: OutputBatch,
    settled: SettledKind,
    readings: Collection[OutputKind],
    threshold: float,
    best: BestClasses | None,
) -> dict[str, Decisions]:
    found: dict[str, Decisions] = {}
    if "scores" in readings:
        found |= fired(batch.floats, batch.chip, threshold, batch.steps)
    if "detection" in readings and settled.holds_scores:
        floats, chip, steps = cell_scores(batch, settled, best)
        in_float, on_chip = floats > threshold, chip > threshold
        flips = flips_of(floats, in_float, on_chip, threshold, steps)
        cells = kept_and_rightly(in_float, on_chip, flips)
        found |= {f"cells_{name}": counts for name, counts in cells.items()}
    if "heatmap" in readings:
        found["same_peak"] = kept_peaks(batch.floats, batch.chip, batch.steps, batch.width)
    return found


def _pairs(
    batch: OutputBatch,
    settled: SettledKind,
    threshold: float,
    best: BestClasses | None,
) -> ValuePairs:
    """Of a detector the scores of its cells, of others all values.

    Where nobody knows what an output is, a threshold decides at most over its only channel: of
    several some may be coordinates.
    """
    if settled.kind == "detection" and settled.holds_scores:
        floats, chip, _ = cell_scores(batch, settled, best)
        return ValuePairs.of(batch.positions, floats, chip, threshold)
    may_fire = settled.kind == "scores" or (settled.kind == "unknown" and batch.channels == 1)
    decides = threshold if may_fire else None
    return ValuePairs.of(batch.positions, batch.floats, batch.chip, decides)


def cell_scores(
    batch: OutputBatch, settled: SettledKind, best: BestClasses | None = None
) -> tuple[Floats32, Floats32, Floats32]:
    """What says whether a cell fires, in float and on the chip, and what a code of it is worth.

    Parameters
    ----------
    best : the channels that win, where these are known.

    Returns
    -------
    (samples, pixels, anchors) twice, and (anchors,); the best of all channels is one anchor.
    """
    if settled.score_channels:
        chosen = list(settled.score_channels)
        return batch.floats[:, :, chosen], batch.chip[:, :, chosen], batch.steps[chosen]
    if best is None:
        highest = (values.max(axis=2, keepdims=True) for values in (batch.floats, batch.chip))
    else:
        highest = (
            np.take_along_axis(values, winners[:, :, None], axis=2)
            for values, winners in ((batch.floats, best.floats), (batch.chip, best.chip))
        )
    return (*highest, batch.steps.max(keepdims=True))


def _embedding(batch: OutputBatch) -> Embedding | None:
    samples, length = len(batch.positions), batch.pixels * batch.channels
    if length > LONGEST:
        return None
    rows = (samples, length)
    steps = np.tile(batch.steps, batch.pixels)
    return Embedding.of(
        batch.positions, batch.floats.reshape(rows), batch.chip.reshape(rows), steps
    )
