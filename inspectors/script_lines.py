"""Lines of the archive's model script, as findings point at them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from inspectors.base_inspector import Context
from utils.findings import Location
from utils.model_script import Statement
from utils.model_script.range_settings import RangeLine


def location(context: Context, statement: Statement) -> Location:
    """Where a statement of the archive's script stands."""
    path = str(context.model.archive.metadata.get("model_script") or "model script")
    text = context.script.text if context.script else ""
    column = statement.start - text.rfind("\n", 0, statement.start)
    return Location(path, statement.line, column)


def blame(
    context: Context, lines: Collection[RangeLine], layers: Collection[str]
) -> Mapping[str, Any]:
    """The parts of a finding that say which line of the script made it.

    Only lines that concern all layers of the finding take all of its cause out of the model.
    """
    first = next(iter(lines), None)
    if first is None:
        return {}
    makes_all = all(any(line.concerns([name]) for line in lines) for name in layers)
    return {"location": location(context, first.statement), "removes_cause": makes_all}
