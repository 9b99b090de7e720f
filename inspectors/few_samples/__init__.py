"""Whether a few samples decide what all others are coded with, and what is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.calibration.identity import differing, explained_otherwise
from inspectors.few_samples.others import not_all_in_words, without_samples
from inspectors.few_samples.outputs import HeldByFew, named_samples, outputs_of_few
from inspectors.few_samples.ranges import (
    FewLimits,
    Range,
    SetByFew,
    followed,
    narrowed_ranges,
    ranges_of_few,
)
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Network
from utils.har.reach import reached_from
from utils.model_script.range_settings import clipping, forced_range
from utils.wording import interval, itemized


class FewSamplesInspector(BaseInspector):
    """Do a few samples decide the ranges of all, or the numbers over all?

    Calibration gives a layer the range of all its samples. Where at most one in 32, and at most
    eight, reach more than twice as far as the others, these few spread the codes, and ordinary
    samples come out coarse. In the same way few samples can hold most of the signal, or
    of the error, at an output: an SNR over all samples then speaks of them alone, and hides that
    the others are noise, or that they are fine. Of probabilities no sample is louder than 1: where
    a few samples hold most of their signal, these hold the objects, which is no fault. Ranges are
    judged from 32 samples on, and nothing is where the data are of another kind than those of the
    calibration (`dataset-differs`).

    - `few-samples-decide` (info or warning): the range of a layer without these samples is less
      than half as wide, and all others use at most half of the 256 codes; or these samples hold
      more than half of the signal or of the error at an output, and its SNR over all samples lies
      3 dB or more from that of the median sample, or 10 dB above that of more than half of them.
      An info where no decision is lost behind it. Clip the layers to what all others span, where a
      trial confirms that; scale the data by what most samples span; or calibrate without these
      samples. Where not all samples of the file were measured, others of the kind are looked for by
      a condition of numpy.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOISE | Need.SAMPLE_DIGESTS

    RANGES = FewLimits(
        share=1 / 32,  # of the samples: 2 of 64, which the compiler takes by default, 4 of 128
        narrowed=0.5,  # share of the range; costs every other sample a bit
        reach=0.95,  # of a bound; data that stay below, or pass it, are not those that set it
        codes=128,  # half of what 8 bit have
    )
    WORTH_CLIPPING = 0.1  # share of a range; less gains next to nothing
    APART_DB = 3.0  # twice the noise, or half of it

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so without data."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield ranges first: they explain what is seen at the outputs."""
        if context.known(explained_otherwise) or any(differing(context)):
            return
        ranges = ranges_of_few(context, self.RANGES)
        held = list(outputs_of_few(context, self.RANGES.share, self.APART_DB))
        if ranges:
            behind = _behind(context, ranges, held)
            narrowed = narrowed_ranges(context, ranges[0].places, self.WORTH_CLIPPING)
            yield _ranges_set(context, ranges, behind, narrowed)
            held = [each for each in held if each not in behind]
        for what in ("signal", "error"):
            of_kind = [each for each in held if each.what == what]
            if of_kind:
                yield _outputs_held(context, what, of_kind)


def _behind(
    context: Context, ranges: Sequence[SetByFew], held: Sequence[HeldByFew]
) -> list[HeldByFew]:
    """Outputs behind these layers at which the same samples hold the energy."""
    places = set(ranges[0].places)
    reached = reached_from(context.model.network, [each.layer.name for each in ranges])
    return [each for each in held if each.output in reached and places.issuperset(each.places)]


def _ranges_set(
    context: Context,
    ranges: Sequence[SetByFew],
    held: Sequence[HeldByFew],
    clips: Mapping[str, Range],
) -> Finding:
    names = tuple(each.layer.name for each in ranges)
    places = ranges[0].places
    samples = context.measurements.samples if context.measurements else 0
    severity = bounded(context, Severity.WARNING, names)
    # A pool that follows the layer before it takes no line.
    network = context.model.network
    lines = {name: span for name, span in clips.items() if not followed(context, network[name])}
    facts = [*(each.described() for each in ranges), *(each.described() for each in held)]
    matters = severity > Severity.INFO
    return Finding(
        id="few-samples-decide",
        severity=severity,
        headline="A few samples alone set calibrated ranges, so all others get few codes",
        evidence=f"{named_samples(places)}, {len(places)} of {samples}: {itemized(facts)}"
        f"{not_all_in_words(context)}",
        why="Rare values widen the range so much that few codes are left for ordinary samples.",
        remedy=_remedy(context, lines, places) if matters else "",
        layers=names,
        measured={each.layer.name: float(each.codes) for each in ranges},
        recommendation=_clipping(network, lines, clips) if matters else None,
    )


def _remedy(context: Context, clips: Mapping[str, Range], places: tuple[int, ...]) -> str:
    if len(clips) == 1:
        ((name, limits),) = clips.items()
        return without_samples(context, places, f"Clip {name} to the range {interval(*limits)}")
    return without_samples(
        context, places, f"Clip {len(clips)} layers to what all other samples span", is_last=True
    )


def _clipping(
    network: Network, lines: Mapping[str, Range], clips: Mapping[str, Range]
) -> Recommendation:
    commands = tuple(
        # What enters was computed by nobody, so there is no activation to be clipped.
        (forced_range if network[name].type == "input_layer" else clipping)(name, *limits)
        for name, limits in lines.items()
    )
    return Recommendation(commands, ranges=dict(clips), gives_up_few=True)


def _outputs_held(context: Context, what: str, held: Sequence[HeldByFew]) -> Finding:
    names = tuple(each.output for each in held)
    # An error of few samples makes the SNR worse than what most samples have.
    hides = what == "signal" and all(each.are_few for each in held)
    severity = bounded(context, Severity.WARNING, names) if hides else Severity.INFO
    places = tuple(sorted({place for each in held for place in each.places}))
    return Finding(
        id="few-samples-decide",
        severity=severity,
        headline=f"A few samples hold most of the {what} at an output",
        evidence=itemized([each.described() for each in held]) + not_all_in_words(context),
        why="The SNR over all samples is that of these samples, not that of the others.",
        remedy=without_samples(context, places, "Scale the data by what most samples span")
        if severity > Severity.INFO
        else "",
        layers=names,
        measured={each.output: each.pooled_db for each in held},
    )
