"""Channels of an input that differ from sample to sample by less than the codes of their tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import Context, SourcedStatistics
from inspectors.joins.readers import readers_of
from utils.findings import Finding, Severity
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements.agreement.channels import Extremes
from utils.wording import numbered, plural, rounded

Floats = NDArray[np.float64]

# Codes that a channel spans, over its share in what the network makes of its widest channel: what
# says little in float needs few codes.
FEW_CODES = 2.0  # one code and its neighbour
NO_CODES = 1.0
SHARE_OF_READERS = 0.1  # of the channels behind: one of many may be an exception
MOST_NAMED = 5


SHARED_WIDTH = (
    "All channels of a tensor share the same code width, which the channel with the widest range "
    "sets."
)
SCALE_FEATURES = (
    "Divide every feature by its standard deviation on the host, export the network for such "
    "features, and quantize again."
)


@dataclass(frozen=True, eq=False)
class CodedInput:
    """The values of an input beside its codes, by channel.

    Parameters
    ----------
    sourced : statistics of the values.
    steps : what one code is worth.
    spans : how far the values lie apart.
    """

    sourced: SourcedStatistics
    steps: Floats
    spans: Floats

    @property
    def codes(self) -> Floats:
        """How many codes every channel spans."""
        return self.spans / self.steps


@dataclass(frozen=True, eq=False)
class CoarseInput:
    """An input of which some channels have hardly any codes of their own.

    Parameters
    ----------
    layer : the input.
    channels : those that have fewer than two codes for what they say, the worst first.
    codes : how many codes every channel of the input spans.
    is_lost : whether the worst has less than one code for what it says.
    step : what one code is worth, at the worst channel.
    widest : channel that reaches farthest from 0, which sets the width of a code.
    is_certain : whether the weights behind the input show what the channels say.
    source : where the statistics come from.
    """

    layer: Layer
    channels: tuple[int, ...]
    codes: Floats
    is_lost: bool
    step: float
    widest: int
    is_certain: bool
    source: str

    @property
    def severity(self) -> Severity:
        """An error where a channel is lost that matters."""
        return Severity.ERROR if self.is_lost and self.is_certain else Severity.WARNING


def coarse_inputs(context: Context) -> list[CoarseInput]:
    """Inputs with such channels; ask for them by `Context.known`."""
    found = (_judged(context, layer) for layer in context.model.network.input_layers)
    return [each for each in found if each is not None]


def _judged(context: Context, layer: Layer) -> CoarseInput | None:
    coded = coded_input(context, layer)
    if coded is None:
        return None
    spans, codes = coded.spans, coded.codes
    if not ((codes < FEW_CODES) & (spans > 0)).any():
        return None
    shares = _shares(context.model, layer, spans)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(spans > 0, codes if shares is None else codes / shares, np.inf)
    channels = np.flatnonzero(left < FEW_CODES)
    if not channels.size:
        return None
    order = channels[np.argsort(left[channels], kind="stable")]
    return CoarseInput(
        layer,
        tuple(map(int, order)),
        codes,
        bool(left[order[0]] < NO_CODES),
        float(coded.steps[order[0]]),
        int(coded.sourced.values.reach.argmax()),
        shares is not None,
        coded.sourced.source,
    )


def coded_input(context: Context, layer: Layer) -> CodedInput | None:
    """The codes of an input; None where they, or the values, are not known."""
    encoding, sourced = context.model.encoding(layer.name), _statistics(context, layer)
    if encoding is None or sourced is None:
        return None
    steps = encoding.steps(sourced.values.channels)
    spans = _spans(context, layer, sourced.values)
    is_known = (steps > 0).all() and np.isfinite(spans).all()
    return CodedInput(sourced, steps, spans) if is_known else None


def _statistics(context: Context, layer: Layer) -> SourcedStatistics | None:
    """What calibration saw, which made the codes; else what the data hold.

    Data of another scale are no fault of the archive.
    """
    stored = context.stored_statistics(layer.name, "output_0")
    return stored or context.output_statistics(layer.name)


def _spans(context: Context, layer: Layer, seen: ChannelStatistics) -> Floats:
    """How far the values of every channel lie apart, 0 if constant.

    Where calibration saw one value only, that of the data counts.
    """
    spans, measured = _varying(seen), context.measured(layer.name)
    if measured is not None and measured.output.channels == seen.channels:
        spans = np.where(spans > 0, spans, _varying(measured.output))
    return spans


def _varying(statistics: ChannelStatistics) -> Floats:
    varies = Extremes(statistics.minimum, statistics.maximum).differ
    return np.where(varies, statistics.maximum - statistics.minimum, 0.0)


def _shares(model: Model, layer: Layer, spans: Floats) -> Floats | None:
    """What the network makes of every channel, relative to the channel of which it makes most.

    None where the weights behind the input are not known.
    """
    factors = np.ones(spans.size)
    while (scaled := _scaling(model, layer, spans.size)) is not None:
        layer, own = scaled
        factors = factors * own
    readers = readers_of(model, layer, [slice(c, c + 1) for c in range(spans.size)])
    if not readers.strengths:
        return None
    shares = np.zeros(spans.size)
    for strengths in readers.strengths:
        made = strengths * (spans * factors)[:, None]
        most = made.max(axis=0)
        relative = made[:, most > 0] / most[most > 0]
        if relative.size:
            of_reader = np.quantile(relative, 1 - SHARE_OF_READERS, axis=1)
            shares = np.maximum(shares, of_reader)
    return shares


def _scaling(model: Model, layer: Layer, channels: int) -> tuple[Layer, Floats] | None:
    """The normalization that alone reads a layer, and its factors; None where there is none."""
    readers = model.network.successors(layer)
    if len(readers) != 1 or readers[0].type != "normalization" or len(readers[0].inputs) != 1:
        return None
    stored = model.float_parameters.layer(readers[0].name)
    factors = np.abs(np.ravel(stored["kernel"])) if "kernel" in stored else np.zeros(0)
    fits = factors.size in (1, channels) and factors.dtype.kind == "f"
    return (readers[0], factors.astype(np.float64)) if fits else None


def input_findings(context: Context) -> Iterator[Finding]:
    """One finding for each such input."""
    for found in context.known(coarse_inputs):
        layer, codes = found.layer, np.sort(found.codes[list(found.channels)])
        yield Finding(
            id="channel-without-codes",
            severity=found.severity,
            headline="Channels of an input vary by less than "
            f"{'one code' if found.is_lost else '2 codes'}",
            evidence=f"{named(found.channels)} of {plural(found.codes.size, 'channel')} of "
            f"{layer.name}: {_span(codes)}, and one code is {rounded(found.step)} wide, as channel "
            f"{found.widest} has the largest values; {found.source}",
            why=SHARED_WIDTH,
            remedy=SCALE_FEATURES,
            layers=(layer.name,),
            measured={
                "channels": float(len(found.channels)),
                "of": float(found.codes.size),
                "fewest codes": float(codes[0]),
            },
        )


def named(channels: tuple[int, ...]) -> str:
    """Channels by their numbers, as many as help."""
    return numbered("channel", channels, MOST_NAMED)


def _span(codes: Floats) -> str:
    if len(codes) == 1:
        return f"its values span {codes[0]:.2g} codes"
    return f"their values span {codes[0]:.2g} to {codes[-1]:.2g} codes"
