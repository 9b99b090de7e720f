"""Samples that come out worse than the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from inspectors.noise.outputs import JudgedOutput
from utils.findings import Finding, Severity
from utils.measurements.agreement.few_samples import most_lie_below
from utils.measurements.noise import NoiseMeasurements, SampleNoise
from utils.wording import itemized, listed, plural, tenths

SAMPLES_NAMED = 3  # more do not help anybody to look at them
NOISY_DB = (
    20.0  # a sample that has more is worse than others, and good: 10 % of the signal is error
)


@dataclass(frozen=True, eq=False)
class BadSamples:
    """Samples of one output that lie far below its pooled SNR.

    Parameters
    ----------
    output : the output.
    samples : worst first, at least one.
    may_be_more : whether only the worst of them were kept.
    average : noise of the average sample.
    """

    output: JudgedOutput
    samples: tuple[SampleNoise, ...]
    may_be_more: bool
    average: float

    def measured_name(self, sample: SampleNoise) -> str:
        """What the SNR of a sample is called among the numbers of a finding."""
        return f"sample {sample.index} at {self.output.layer.name}"

    @property
    def noisy(self) -> tuple[SampleNoise, ...]:
        """Those that are noisier than the average sample.

        An output near 0 has a low ratio even where its error is as small as everywhere.
        """
        return tuple(sample for sample in self.samples if sample.noise > self.average)

    def described(self, named: Callable[[int], str] = str) -> str:
        """How many, which ones, and whether they are noisy or just quiet.

        Parameters
        ----------
        named : how a sample is told by its place.
        """
        count = f"{'at least ' if self.may_be_more else ''}{plural(len(self.samples), 'sample')}"
        weak = len(self.samples) - len(self.noisy)
        which = "" if weak == len(self.samples) else f" {weak} of them"
        remark = f",{which} because the output is small, not because of noise"
        each = [f"sample {named(s.index)} has {tenths(s.snr_db)} dB" for s in self.samples]
        return (
            f"{count} at {self.output.layer.name}, whose SNR over all samples is "
            f"{tenths(self.output.snr_db)} dB: "
            f"{listed(each, SAMPLES_NAMED)}{remark if weak else ''}"
        )


def worst_samples(
    context: Context,
    noise: NoiseMeasurements,
    outputs: Iterable[JudgedOutput],
    gap_db: float,
    highest_db: float,
) -> Iterator[Finding]:
    """One finding for all outputs; see `bad_samples`."""
    named = context.calibration.named if context.calibration else str
    measured = context.measurements.samples if context.measurements else 0
    some = [output for output in outputs if not are_most_worse(context, output)]
    found = bad_samples(noise, some, measured, gap_db, highest_db)
    if found:
        bad_ones = (s for bad in found for s in bad.noisy if s.snr_db < NOISY_DB)
        noisy = list(dict.fromkeys(named(sample.index) for sample in bad_ones))
        which = f"{'sample' if len(noisy) == 1 else 'samples'} {listed(noisy, SAMPLES_NAMED)}"
        yield Finding(
            id="worst-samples",
            severity=Severity.INFO,
            headline="Some samples come out much worse than the set as a whole",
            evidence=itemized([bad.described(named) for bad in found]),
            remedy=f"Look at what is special about {which}." if noisy else "",
            layers=tuple(bad.output.layer.name for bad in found),
            measured={bad.measured_name(s): s.snr_db for bad in found for s in bad.samples},
        )


def are_most_worse(context: Context, output: JudgedOutput) -> bool:
    """Whether most samples lie far below the pooled SNR, so that it is that of few others."""
    found = context.measurements.agreement if context.measurements else None
    compared = found.outputs.get(output.layer.name) if found else None
    return compared is not None and most_lie_below(compared.samples)


def bad_samples(
    noise: NoiseMeasurements,
    outputs: Iterable[JudgedOutput],
    samples: int,
    gap_db: float,
    highest_db: float,
) -> list[BadSamples]:
    """Samples below the pooled SNR by more than a gap, for each output that has any.

    Parameters
    ----------
    samples : how many were measured.
    gap_db : in dB.
    highest_db : samples from here on are good enough whatever the others are.
    """
    found = []
    for output in outputs:
        kept = noise.worst_samples.get(output.layer.name, ())
        limit = min(output.snr_db - gap_db, highest_db)
        # Without any signal there is nothing to compare with.
        bad = tuple(s for s in kept if -math.inf < s.snr_db < limit)
        if bad:
            more = kept[-1].snr_db < limit and len(kept) < samples
            found.append(BadSamples(output, bad, more, output.noise.noise / max(samples, 1)))
    return found
