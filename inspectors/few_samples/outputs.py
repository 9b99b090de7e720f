"""Outputs whose SNR over all samples is that of a few of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspectors.base_inspector import Context
from utils.measurements.agreement import SampleFigures
from utils.measurements.agreement.few_samples import holders, most_lie_below, pooled_db
from utils.outputs.probabilities import holds_probabilities
from utils.outputs.producers import class_number_outputs
from utils.wording import listed, plural, tenths

# Of an energy: more than all other samples together.
MOST = 0.5
NAMED = 3  # samples


@dataclass(frozen=True)
class HeldByFew:
    """One such output.

    Parameters
    ----------
    output : its name.
    what : what they hold: signal, or error.
    places : of the samples in the file, the loudest first.
    are_few : whether they are few, or only fewer than those that lie far below all together.
    share : what they hold of it, 0 to 1.
    samples : how many there are.
    pooled_db, median_db : SNR of all together, and of the median sample.
    """

    output: str
    what: str
    places: tuple[int, ...]
    are_few: bool
    share: float
    samples: int
    pooled_db: float
    median_db: float

    def described(self) -> str:
        """Samples and numbers."""
        verb = "holds" if len(self.places) == 1 else "hold"
        return (
            f"{named_samples(self.places)} {verb} {self.share:.0%} of the {self.what} that "
            f"{plural(self.samples, 'sample')} have at {self.output}, whose SNR is "
            f"{tenths(self.pooled_db)} dB over all samples and {tenths(self.median_db)} dB at the "
            "median sample"
        )


def named_samples(places: tuple[int, ...]) -> str:
    """Samples by their index in the file; how many, where they are too many to be named."""
    if len(places) > NAMED:
        return f"{plural(len(places), 'sample')} ({listed([str(p) for p in places], NAMED)})"
    noun = "sample" if len(places) == 1 else "samples"
    return f"{noun} {listed([str(place) for place in places])}"


def outputs_of_few(context: Context, share: float, apart_db: float) -> Iterator[HeldByFew]:
    """Outputs in the order of the network.

    Parameters
    ----------
    share : of the samples, that is few.
    apart_db : how far the SNR of all samples has to lie from that of the median sample.
    """
    found = context.measurements.agreement if context.measurements else None
    class_numbers = class_number_outputs(context.model.network)
    for name, output in found.outputs.items() if found else ():
        if name not in class_numbers:
            held = _held(context, name, output.samples, share, apart_db)
            if held is not None:
                yield held


def _held(
    context: Context, name: str, samples: SampleFigures, share: float, apart_db: float
) -> HeldByFew | None:
    pooled, median = pooled_db(samples), samples.snr_db_at(0.5)
    what, energies = ("signal", samples.signal) if median < pooled else ("error", samples.noise)
    network = context.model.network
    if what == "signal" and name in network and holds_probabilities(network, network[name]):
        return None  # no sample is louder than 1: a few of them hold what is to be found
    positions, held = holders(samples, energies, MOST)
    count = len(samples.positions)
    are_few = 0 < len(positions) <= int(share * count) and abs(pooled - median) >= apart_db
    if not (are_few or most_lie_below(samples)):
        return None
    places = context.calibration.indices[positions] if context.calibration else positions
    return HeldByFew(name, what, tuple(map(int, places)), are_few, held, count, pooled, median)
