"""The stages of the network from left to right, for the first screen."""

from __future__ import annotations

from dataclasses import dataclass

from utils.renderers.html.layers import NumberedLayers
from utils.renderers.stage_words import CALLED, LEGEND, cell, difference_in_words, mark
from utils.report.stage_chain import stage_chain
from utils.wording import plural, short

MAX_OUTPUTS = 8
MAX_TEXT = 300  # characters


@dataclass(frozen=True)
class StageView:
    """One column.

    Parameters
    ----------
    mark : of the stage that loses most; "" for all others.
    cells : one for each output.
    first : where it first differs; "" where nowhere, or nobody knows.
    """

    name: str
    mark: str
    cells: tuple[str, ...]
    first: str


@dataclass(frozen=True)
class StagesView:
    """The table, ready to be shown."""

    outputs: tuple[str, ...]
    stages: tuple[StageView, ...]
    legend: str
    missing: tuple[str, ...]

    @property
    def parts_somewhere(self) -> bool:
        """Whether a first difference is known of any stage."""
        return any(stage.first for stage in self.stages)


def stages_view(layers: NumberedLayers) -> StagesView | None:
    """The stages of a report; None where none were compared."""
    report = layers.report
    chain = stage_chain(report)
    if chain is None:
        return None
    outputs = chain.outputs[:MAX_OUTPUTS]
    views = tuple(
        StageView(
            CALLED[stage.name],
            mark(chain, stage),
            tuple(cell(stage, output, report.baseline) for output in outputs),
            difference_in_words(stage) if stage.first_difference else "",
        )
        for stage in chain.stages
    )
    return StagesView(
        tuple(layers.names.of(output) for output in outputs),
        views,
        f"Over {plural(chain.samples, 'sample')}, {LEGEND}",
        tuple(
            f"{CALLED[name]}: not compared, {short(reason, MAX_TEXT)}"
            for name, reason in chain.missing
        ),
    )
