"""The stages of the network from left to right, in GitHub's Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from utils.renderers.markdown.text import code, escaped, table
from utils.renderers.stage_words import CALLED, LEGEND, cell, difference_in_words, heading
from utils.report import Report
from utils.report.stage_chain import stage_chain
from utils.wording import plural, without_scope

MAX_OUTPUTS = 50
MAX_SAID = 300  # characters


def stage_table(report: Report) -> Iterator[str]:
    """The table, and where the stages part; nothing where none were compared."""
    chain = stage_chain(report)
    if chain is None:
        return
    rows = [
        [code(without_scope(output))]
        + [escaped(cell(stage, output, report.baseline), MAX_SAID) for stage in chain.stages]
        for output in chain.outputs[:MAX_OUTPUTS]
    ]
    if rows:
        yield table(["output", *(heading(chain, stage) for stage in chain.stages)], rows)
        yield f"Over {plural(chain.samples, 'sample')}, {LEGEND}."
    for stage in chain.stages:
        if stage.first_difference:
            yield f"- {CALLED[stage.name]}: first differs at {code(difference_in_words(stage))}"
    for name, reason in chain.missing:
        yield f"- {CALLED[name]}: not compared, {escaped(reason, MAX_SAID)}"
