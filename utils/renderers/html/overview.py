"""The first screen: the first cause with what it explains, the next step, and what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from utils.baseline import CHANGES, BaselineComparison, SnrChange
from utils.findings import Severity
from utils.renderers.decision_changes import decisions_in_words
from utils.renderers.html.bars import InputRanges, PlanBars, input_ranges, plan_bars
from utils.renderers.html.chain import Chain, Place, chain, places
from utils.renderers.html.gauges import Gauge, gauges
from utils.renderers.html.grouping import Group
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.next_step import NextStepView, next_step
from utils.renderers.html.numbers import snr_with_unit
from utils.renderers.html.pictures import Picture, thumbnail
from utils.renderers.html.stages import StagesView, stages_view
from utils.renderers.html.telling import Telling, telling
from utils.wording import plural, short, without_scope

MAX_TEXT = 600  # characters of one part of the first cause
MAX_PLACES = 3
MAX_FACT = 60  # characters of what an archive says of itself
MARKED = 5  # layers of the first cause that charts mark


@dataclass(frozen=True)
class FirstCause:
    """What to begin with.

    Parameters
    ----------
    anchor : where its card stands.
    chain : what it explains.
    """

    anchor: str
    severity: str
    headline: str
    evidence: str
    why: str
    proof: str
    places: tuple[Place, ...]
    more_places: int
    chain: Chain


@dataclass(frozen=True)
class Overview:
    """Everything on the first screen, ready to be shown; what there is none of is empty.

    Parameters
    ----------
    others, are : how much there is beside the first cause, in words, and the verb for it.
    earlier : how this run stands against an earlier one.
    stages : where it is lost; None where no stages were compared.
    """

    cause: FirstCause | None
    others: str
    are: str
    next: NextStepView | None
    gauges: tuple[Gauge, ...]
    telling: Telling | None
    inputs: tuple[InputRanges, ...]
    plan: PlanBars | None
    sheet: Picture | None
    earlier: str
    stages: StagesView | None = None


def overview(layers: NumberedLayers, found: Sequence[Group]) -> Overview:
    """The first screen of a report."""
    report, others = layers.report, _others(found[1:])
    return Overview(
        cause=_first_cause(layers, found),
        others=others,
        are="is" if others.startswith("1 ") else "are",
        next=next_step(layers, found),
        gauges=tuple(gauges(layers)),
        telling=telling(layers, found),
        inputs=tuple(input_ranges(layers)),
        plan=plan_bars(layers),
        sheet=thumbnail(report),
        earlier=_against(report.baseline) if report.baseline else "",
        stages=stages_view(layers),
    )


def marked_layers(layers: NumberedLayers, found: Sequence[Group]) -> list[int]:
    """Numbers of the layers of the first cause, for the charts."""
    pressing = [group for group in found if group.severity > Severity.INFO]
    seen = places(layers, pressing[0].findings) if pressing else ()
    return [place.layer.number for place in seen[:MARKED]]


def facts(layers: NumberedLayers) -> list[str]:
    """What was looked at, in a few words."""
    model, calibration = layers.report.model, layers.report.calibration
    return [
        short(model.hw_arch or "chip not recorded", MAX_FACT),
        short(f"DFC {model.sdk_version or 'not recorded'}", MAX_FACT),
        plural(len(model.network), "layer"),
        f"{calibration.used} of {plural(calibration.samples, 'sample')}"
        if calibration
        else "no data",
    ]


def _first_cause(layers: NumberedLayers, found: Sequence[Group]) -> FirstCause | None:
    if not found or found[0].severity == Severity.INFO:
        return None
    group, first = found[0], found[0].findings[0]
    seen = places(layers, group.findings)

    def said(text: str) -> str:
        return short(layers.names.within(text), MAX_TEXT)

    return FirstCause(
        group.anchor,
        group.severity.label,
        said(first.headline),
        said(first.evidence),
        said(first.why),
        group.proof,
        seen[:MAX_PLACES],
        len(seen[MAX_PLACES:]),
        chain(layers, group),
    )


def _others(found: Sequence[Group]) -> str:
    """How much there is beside the first cause, in words."""
    pressing = [group for group in found if group.severity > Severity.INFO]
    causes = sum(bool(group.consequences) for group in pressing)
    alone = sum(len(group.findings) for group in pressing if not group.consequences)
    said = [plural(causes, "more cause")] if causes else []
    said += [plural(alone, "more finding")] if alone else []
    return " and ".join(said)


def _against(baseline: BaselineComparison) -> str:
    if not baseline.is_comparable:
        return "The earlier report is of another network"
    times = Counter(changed.change for changed in baseline.findings)
    counts = ", ".join(f"{times[change]} {change}" for change in CHANGES if times[change])
    said = f"Against {short(baseline.path, MAX_FACT)}: {counts or 'no findings in either run'}"
    decided = [decisions_in_words(change) for change in baseline.moved_decisions()[:1]]
    return "; ".join([said, *decided, *map(_moved, baseline.outputs[:1])])


def _moved(output: SnrChange) -> str:
    name = short(without_scope(output.name), MAX_FACT)
    before, now = snr_with_unit(output.before_db), snr_with_unit(output.now_db)
    return f"SNR at {name} {before or 'not measured'} → {now or 'not measured'}"
