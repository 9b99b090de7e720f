"""What was not checked: what would take more input, what there was nothing to check of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from utils.report import Report
from utils.wording import listed, plural, short

MAX_NAMED = 8  # layers with one and the same reason
MAX_NAME = 80  # characters
MAX_REASON = 600
MAX_REASONS = 60  # of each kind


@dataclass(frozen=True)
class Unchecked:
    """Reasons, each with those whom it keeps from checking.

    Parameters
    ----------
    remediable : what could be checked if something more were given.
    layers : what could not be measured.
    not_applicable : inspectors that had nothing to judge.
    assumptions : what had to be taken for granted.
    """

    remediable: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str], ...]
    not_applicable: tuple[tuple[str, str], ...]
    assumptions: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of reasons why something that matters was not checked."""
        return len(self.remediable) + len(self.layers)


def unchecked(report: Report) -> Unchecked:
    """All that the report says was not checked."""
    assumed = [("", sentence) for sentence in report.assumptions]
    return Unchecked(
        remediable=_bounded(_grouped(_remediable(report))),
        layers=_bounded(_layers(report)),
        not_applicable=_bounded(
            (result.name, result.skipped.reason)
            for result in report.results
            if result.skipped and not result.skipped.remedy
        ),
        assumptions=tuple(why for _, why in _bounded(assumed)),
    )


def _bounded(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Pairs that stay short; the last one counts those that are left out."""
    found = list(pairs)
    kept = [(short(who, MAX_REASON), short(why, MAX_REASON)) for who, why in found[:MAX_REASONS]]
    rest = len(found) - len(kept)
    return (*kept, *([("And more", f"{plural(rest, 'reason')} not shown")] if rest else []))


def _remediable(report: Report) -> Iterator[tuple[str, str]]:
    """(who, why) of what something could be done about, or what was left open."""
    for result in report.results:
        if result.crashed:
            yield result.name, f"it crashed ({result.crashed})"
        for missing in result.not_checked:
            yield result.name, str(missing)
        if result.skipped and result.skipped.remedy:
            yield result.name, result.skipped.remedy


def _layers(report: Report) -> Iterator[tuple[str, str]]:
    measurements, noise = report.measurements, report.noise
    unmeasured: Mapping[str, str] = measurements.not_measured if measurements else {}
    before_activation: Mapping[str, str] = (
        measurements.preactivation_not_measured if measurements else {}
    )
    for what, reasons in (
        ("not measured", unmeasured),
        ("noise not measured", report.noise_not_measured),
        (
            "not measured before the activation",
            {n: r for n, r in before_activation.items() if n not in unmeasured},
        ),
        ("run in float", noise.in_float if noise else {}),
    ):
        pairs = [(short(name, MAX_NAME), reason) for name, reason in reasons.items()]
        for names, reason in _grouped(pairs):
            yield names, f"{what}: {reason}"


def _grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names that share a reason, together."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in pairs:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        yield listed(names, MAX_NAMED), reason
