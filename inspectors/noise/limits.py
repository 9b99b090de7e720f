"""Values that reach beyond what accumulators or codes can hold, as findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from inspectors.base_inspector import Context
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.measurements.noise import Exceeded, NoiseMeasurements
from utils.measurements.spread import spread_of
from utils.wording import listed, plural

HARMLESS = "where the SNR of the layer stays high it does no harm"
PUSHED_OUT = "where the float values fit, noise of layers in front pushes them out: mend that"


@dataclass(frozen=True)
class Words:
    """What is counted, in the plural, and the clauses around it."""

    things: str
    headline: str
    advice: str


SUMS = Words(
    "sums",
    "The accumulator reaches its limit and cuts sums off",
    "calibrate again on data that reach as far as these; at 16 bit the accumulator is wider",
)
VALUES = Words(
    "values",
    "Values do not fit into the codes of the layer and are clipped",
    "calibrate again on data that reach as far as these, or look for activation_clipping and "
    "force_range_out in the model script",
)


@dataclass(frozen=True)
class Limit:
    """By how many values a limit may be exceeded.

    Parameters
    ----------
    id : of the finding.
    words : for its message.
    warning, error : shares of all values, 0 to 1.
    harmless_db : SNR of a layer from which on it is no more than an info.
    """

    id: str
    words: Words
    warning: float
    error: float
    harmless_db: float

    def severity(self, share: float, is_excused: bool) -> Severity | None:
        """How much it matters; None for few values."""
        if not share > self.warning:
            return None
        if is_excused:
            return Severity.INFO
        return Severity.ERROR if share > self.error else Severity.WARNING


def saturated_sums(network: Network, noise: NoiseMeasurements) -> dict[str, Exceeded]:
    """Accumulators at their limit, by layer that has integers."""
    counts = {
        layer.name: noise.layers[layer.name].saturated
        for layer in network
        if layer.name in noise.layers
    }
    return {name: count for name, count in counts.items() if count is not None}


def clipped_values(
    network: Network, noise: NoiseMeasurements, by_chance: float
) -> dict[str, Exceeded]:
    """Values beyond the codes, by layer that codes what it computes.

    Parameters
    ----------
    by_chance : in how many samples there may be such values; these layers are left out.
    """
    counts = {
        layer.name: noise.layers[layer.name].clipped
        for layer in network
        if layer.name in noise.layers and not layer.is_pass_through
    }
    return {
        name: count
        for name, count in counts.items()
        if count is not None and count.samples > by_chance
    }


def fitting_in_float(
    context: Context, names: Iterable[str], by_chance: float, share: float
) -> frozenset[str]:
    """Layers whose float values fit into their range, as far as that was measured.

    Parameters
    ----------
    by_chance : how many samples may pass either end.
    share : of the values, that may lie outside in more samples.
    """
    network = context.model.network
    spreads = {
        name: spread_of(context.model, network[name], context.measured(name), tail_values=0)
        for name in names
    }
    return frozenset(
        name
        for name, spread in spreads.items()
        if spread is not None and spread.share_beyond(by_chance) <= share
    )


def exceeded(
    limit: Limit,
    network: Network,
    noise: NoiseMeasurements,
    counts: Mapping[str, Exceeded],
    fitting: Collection[str] = (),
) -> Iterator[Finding]:
    """One finding for each severity.

    Parameters
    ----------
    counts : what reached beyond the limit, by layer in graph order.
    fitting : layers whose float values do not, so that the cause lies in front of them.
    """
    ratios = {name: noise.layers[name].output.snr_db for name in counts}
    quiet = {name for name, snr in ratios.items() if snr >= limit.harmless_db}
    severities = {
        name: limit.severity(count.share, name in quiet or name in fitting)
        for name, count in counts.items()
    }
    for severity in sorted(Severity, reverse=True):
        concerned = [name for name, own in severities.items() if own is severity]
        if concerned:
            named = [
                f"{network[name].described()} ({_in_words(counts[name], limit.words.things)}; "
                f"SNR {ratios[name]:.1f} dB)"
                for name in sorted(concerned, key=lambda name: -counts[name].share)
            ]
            advice = [limit.words.advice]
            if severity is Severity.INFO:
                advice = [HARMLESS] if quiet.intersection(concerned) else []
                advice += [PUSHED_OUT] if not quiet.issuperset(concerned) else []
            yield Finding(
                id=limit.id,
                severity=severity,
                headline=f"{limit.words.headline} at {listed(named)}; {', '.join(advice)}",
                layers=tuple(concerned),
                measured={name: counts[name].share for name in concerned},
            )


def _in_words(count: Exceeded, things: str) -> str:
    samples = plural(count.samples, "sample")
    return f"{count.share:.2%} of {count.values:,} {things}, in {samples}"
