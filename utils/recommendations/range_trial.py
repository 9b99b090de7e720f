"""What a recommended range would do, measured before anybody spends an hour on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from utils.findings import Finding, Severity
from utils.har.quantization import Encoding

# Less than this is within the spread between two halves of a calibration set.
MINIMUM_GAIN_DB = 0.1
# Each trial runs a part of the data again; the ranges that narrow most are tried.
MAX_TRIALS = 8


def tried_first(
    encodings: Mapping[str, Encoding | None], ranges: Mapping[str, tuple[float, float]]
) -> list[str]:
    """Layers whose range is tried: those that it narrows most, as far as they are coded."""
    ratios = {
        name: (high - low) / (encoding.high - encoding.low)
        for name, (low, high) in ranges.items()
        if (encoding := encodings.get(name)) is not None and encoding.high > encoding.low
    }
    return sorted(ratios, key=ratios.__getitem__)[:MAX_TRIALS]


@dataclass(frozen=True)
class RangeTrial:
    """Output SNR of the quantized network, in dB by output layer.

    Parameters
    ----------
    before_db : as the archive has it.
    after_db : with the recommended range of one layer.
    """

    before_db: Mapping[str, float]
    after_db: Mapping[str, float]

    @property
    def accepted(self) -> bool:
        """Whether some output gains and none loses."""
        gains = [self.after_db[name] - before for name, before in self._reached.items()]
        if not gains or any(map(math.isnan, gains)):
            return False
        return min(gains) >= 0 and max(gains) >= MINIMUM_GAIN_DB

    @property
    def _reached(self) -> dict[str, float]:
        # An output that the layer does not reach has no noise before and after; one that is
        # always 0 has no signal either.
        return {
            name: before
            for name, before in self.before_db.items()
            if before != self.after_db[name]
            and not (math.isnan(before) and math.isnan(self.after_db[name]))
        }

    def described(self) -> str:
        """The numbers in words."""
        if not self._reached:
            return "no output of the network changes, or none could be emulated"
        return ", ".join(
            f"SNR at {name} {before:.1f} dB before, {self.after_db[name]:.1f} dB after"
            for name, before in self._reached.items()
        )


def settled(finding: Finding, trials: Mapping[str, RangeTrial]) -> Finding:
    """The finding after its ranges were tried: proven, or no more than an info.

    A range that helps no output is nothing to be warned of, and is not recommended. A finding
    whose ranges were not all tried stays as it is.
    """
    recommendation = finding.recommendation
    if recommendation is None or not recommendation.ranges:
        return finding
    if not recommendation.ranges.keys() <= trials.keys():
        return finding
    tried = [trials[layer] for layer in recommendation.ranges]
    numbers = "; ".join(trial.described() for trial in tried)
    measured = {
        **finding.measured,
        "output_snr_before_db": _lowest(trial.before_db for trial in tried),
        "output_snr_after_db": _lowest(trial.after_db for trial in tried),
    }
    if all(trial.accepted for trial in tried):
        return replace(
            finding,
            message=f"{finding.message}; a trial confirms it: {numbers}",
            measured=measured,
            recommendation=replace(recommendation, ranges={}, proven=True),
        )
    return replace(
        finding,
        severity=Severity.INFO,
        message=f"{finding.message}; a trial shows that it does not help: {numbers}",
        measured=measured,
        recommendation=None,
    )


def _lowest(decibels: Iterable[Mapping[str, float]]) -> float:
    every = (db for by_output in decibels for db in by_output.values() if not math.isnan(db))
    return min(every, default=math.nan)
