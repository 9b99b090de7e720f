"""The table of findings against the tests that show them silent and loud, for docs/evidence.md.

Tests say by the decorators of tests/house/evidence.py what they show; they are read, not imported.
Slow tests do not count: every finding is shown by a test that everybody runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from inspectors.base_inspector import BaseInspector
from inspectors.documentation import documented_ids

KINDS = ("quiet", "loud")
_HEADER = """# Which test shows what

Made from the marks at the tests by `make docs`. Quiet: the finding is not made without reason.
Loud: it is made for the fault that it is named after. Slow tests (`make test-all`) are not listed.
"""

Shown = Mapping[str, Mapping[str, Sequence[str]]]


def shown_by_tests(folder: Path) -> Shown:
    """Names of the fast tests by kind of mark and by finding id."""
    found: dict[str, dict[str, list[str]]] = {kind: {} for kind in KINDS}
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(f"@{kind}(" in text for kind in KINDS):
            continue  # reading all would take seconds
        for test in _fast_tests(ast.parse(text)):
            name = f"{path.relative_to(folder).as_posix()}::{test.name}"
            for kind, finding_id in _marks(test.decorator_list):
                found[kind].setdefault(finding_id, []).append(name)
    return found


def _fast_tests(module: ast.Module) -> Iterator[ast.FunctionDef]:
    if any(_marks_slow(node) for node in module.body):
        return
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not any(map(_is_slow, node.decorator_list)):
            yield node


def _marks_slow(node: ast.stmt) -> bool:
    """A statement ``pytestmark = ...`` says that all tests of the module are slow."""
    if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "pytestmark":
        return False
    return any(map(_is_slow, getattr(node.value, "elts", [node.value])))


def _is_slow(mark: ast.expr) -> bool:
    return ast.unparse(mark) == "pytest.mark.slow"


def _marks(decorators: Iterable[ast.expr]) -> Iterator[tuple[str, str]]:
    for decorator in decorators:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name):
            for argument in decorator.args:
                if decorator.func.id in KINDS and isinstance(argument, ast.Constant):
                    yield decorator.func.id, str(argument.value)


def evidence_page(available: Sequence[type[BaseInspector]], folder: Path) -> str:
    """The page: a table for each inspector."""
    shown = shown_by_tests(folder)
    parts = [_HEADER]
    for cls in available:
        parts.append(f"## {cls.name()}\n\n| finding | quiet | loud |\n|---|---|---|")
        for finding_id in documented_ids(cls):
            cells = ["<br>".join(shown[kind].get(finding_id, ())) for kind in KINDS]
            parts.append(f"| `{finding_id}` | {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts)
