"""Values that reach beyond what accumulators or codes can hold, as findings."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import Context
from inspectors.optimization_flow.remedies import calibrated_again
from inspectors.script_lines import blame
from utils.findings import Finding, Recommendation, Severity
from utils.har.network import Network
from utils.measurements.noise import Exceeded, NoiseMeasurements, snr_in_words
from utils.measurements.spread import spread_of
from utils.model_script.range_settings import RangeLine, range_lines, taken_back
from utils.wording import itemized, plural, tenths

HARMLESS = "The SNR of these layers stays high, so it does no harm."
PUSHED_OUT = "The float values fit: noise of the layers in front pushes them out of the range."


@dataclass(frozen=True)
class Words:
    """What is counted, in the plural, and the parts of the finding."""

    things: str
    headline: str
    headline_at_inputs: str
    why: str


SUMS = Words(
    "sums",
    "Sums reach the limit of the accumulator and are cut off",
    "Sums reach the limit of the accumulator and are cut off",
    "The layer hands on the limit instead of the sum.",
)
VALUES = Words(
    "values",
    "Values lie outside the range that their layer can represent",
    "Input values lie outside the range that this archive can represent",
    "They become the lowest or the highest value of the range.",
)


@dataclass(frozen=True)
class Limit:
    """By how many values a limit may be exceeded.

    Parameters
    ----------
    id : of the finding.
    words : for its parts.
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


def cut_by_lines(context: Context, clipped: Mapping[str, Exceeded], share: float) -> frozenset[str]:
    """Layers whose values a line of the model script cuts off.

    The limit of an accumulator follows the range of its layer, so that their sums are cut off by
    the same line, and no other data mend that.

    Parameters
    ----------
    clipped : values beyond the codes, by layer.
    share : of the values, that may lie outside.
    """
    network = context.model.network
    return frozenset(
        name
        for name, count in clipped.items()
        if count.share > share and range_lines(context.script, network, [name])
    )


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
    context: Context,
    noise: NoiseMeasurements,
    counts: Mapping[str, Exceeded],
    fitting: Collection[str] = (),
) -> Iterator[Finding]:
    """One finding for each severity, and one for all that lines of the script cut off.

    Parameters
    ----------
    counts : what reached beyond the limit, by layer in graph order.
    fitting : layers whose float values do not, so that the cause lies in front of them.
    """
    ratios = {name: noise.layers[name].output.snr_db for name in counts}
    quiet = {name for name, snr in ratios.items() if snr >= limit.harmless_db}
    severities = {
        name: bounded(
            context, limit.severity(count.share, name in quiet or name in fitting), [name]
        )
        for name, count in counts.items()
    }

    def told(severity: Severity, names: Sequence[str], lines: Sequence[RangeLine]) -> Finding:
        is_info = severity is Severity.INFO
        remedy, recommendation = ("", None) if is_info else _remedy(context, lines, names)
        return Finding(
            id=limit.id,
            severity=severity,
            headline=_headline(limit.words, context.model.network, names),
            evidence=_evidence(limit.words.things, context, names, counts, ratios),
            why=_excuse(names, quiet) if is_info else limit.words.why,
            remedy=remedy,
            layers=tuple(names),
            measured={name: counts[name].share for name in names},
            recommendation=recommendation,
            **blame(context, lines, names),
        )

    severities |= _cut_together(limit, context, severities)
    for severity in sorted(Severity, reverse=True):
        concerned = [name for name, own in severities.items() if own is severity]
        lines = () if severity is Severity.INFO else _lines(limit, context, concerned)
        cut = [name for name in concerned if any(line.concerns([name]) for line in lines)]
        if cut:
            yield told(severity, cut, lines)
        if others := [name for name in concerned if name not in cut]:
            yield told(severity, others, ())


def _cut_together(
    limit: Limit, context: Context, severities: Mapping[str, Severity | None]
) -> dict[str, Severity | None]:
    """The worst severity for all layers that lines cut off: one step takes all lines back."""
    matter = [name for name, own in severities.items() if own and own > Severity.INFO]
    lines = _lines(limit, context, matter)
    cut = [name for name in matter if any(line.concerns([name]) for line in lines)]
    return dict.fromkeys(cut, max((s for n in cut if (s := severities[n])), default=None))


def _headline(words: Words, network: Network, concerned: Sequence[str]) -> str:
    are_inputs = all(network[name].type == "input_layer" for name in concerned)
    return words.headline_at_inputs if are_inputs else words.headline


def _evidence(
    things: str,
    context: Context,
    concerned: Iterable[str],
    counts: Mapping[str, Exceeded],
    ratios: Mapping[str, float],
) -> str:
    worst_first = sorted(concerned, key=lambda name: -counts[name].share)
    return itemized(
        [
            f"{counts[name].share:.2%} of {counts[name].values:,} {things} of "
            f"{context.model.network[name].described()} in "
            f"{plural(counts[name].samples, 'sample')}, {_ratio_in_words(ratios[name])}"
            for name in worst_first
        ]
    )


def _ratio_in_words(snr_db: float) -> str:
    return f"SNR {tenths(snr_db)} dB" if math.isfinite(snr_db) else snr_in_words(snr_db, "no SNR")


def _excuse(concerned: Collection[str], quiet: Collection[str]) -> str:
    parts = [HARMLESS] if set(quiet).intersection(concerned) else []
    parts += [PUSHED_OUT] if not set(quiet).issuperset(concerned) else []
    return " ".join(parts)


def _lines(limit: Limit, context: Context, concerned: Collection[str]) -> tuple[RangeLine, ...]:
    if limit.words is not VALUES:
        return ()
    return range_lines(context.script, context.model.network, concerned)


def _remedy(
    context: Context, lines: Sequence[RangeLine], concerned: Collection[str]
) -> tuple[str, Recommendation | None]:
    if lines:
        return taken_back(lines, concerned), None
    return calibrated_again(context, "Calibrate again on samples that reach as far as these.")
