"""The stages of the network from left to right, as a table."""

from __future__ import annotations

from collections.abc import Iterator

from utils.renderers.stage_words import CALLED, LEGEND, cell, difference_in_words, heading
from utils.renderers.terminal.wording import ShortNames
from utils.report import Report
from utils.report.stage_chain import StageChain, stage_chain
from utils.terminal.shown import BLANK, Column, Shown, Table, Text
from utils.wording import plural, short

MAX_ROWS = 8  # outputs
MAX_NOTE = 300  # characters


def stages_shown(report: Report, names: ShortNames) -> Iterator[Shown]:
    """The table, where the stages part, and what was assumed; nothing where none were compared."""
    chain = stage_chain(report)
    if chain is None:
        return
    yield BLANK
    counted = plural(chain.samples, "sample")
    yield Text(f"Where accuracy is lost, stages over {counted}", is_heading=True)
    if chain.outputs:
        yield _table(report, chain, names)
        yield Text(LEGEND, indent=2)
    yield from _differences(chain)
    for stage in chain.stages:
        for note in stage.notes:
            said = short(names.within(note), MAX_NOTE)
            yield Text(f"{CALLED[stage.name]}: {said}", indent=2, hanging=2)
    for name, reason in chain.missing:
        said = short(names.within(reason), MAX_NOTE)
        yield Text(f"{CALLED[name]}: not compared, {said}", indent=2, hanging=2)


def _table(report: Report, chain: StageChain, names: ShortNames) -> Table:
    outputs = chain.outputs[:MAX_ROWS]
    columns = [Column("output", [names.of(output) for output in outputs], is_number=False)]
    for stage in chain.stages:
        cells = [cell(stage, output, report.baseline) for output in outputs]
        columns.append(Column(heading(chain, stage), cells, is_number=False))
    return Table(tuple(columns))


def _differences(chain: StageChain) -> Iterator[Shown]:
    more = len(chain.outputs) - MAX_ROWS
    if more > 0:
        yield Text(f"and {plural(more, 'more output')} (all are in the --json report)", indent=2)
    for stage in chain.stages:
        if stage.first_difference:
            first = difference_in_words(stage)
            yield Text(f"{CALLED[stage.name]}: first differs at {first}", indent=2)
