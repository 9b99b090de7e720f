"""The part of an inspector's docstring that lists its findings."""

from __future__ import annotations

import inspect

from inspectors.base_inspector import BaseInspector


def finding_list(cls: type[BaseInspector]) -> str:
    """The list items of a docstring: one for each finding id."""
    lines = (inspect.getdoc(cls) or "").splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("- `")), len(lines))
    return "\n".join(lines[start:]).rstrip()
