"""Rules of the code base that no linter knows."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import inspectors
from docs import generate
from docs.evidence import KINDS, Shown, shown_by_tests
from docs.floors import FLOORS
from docs.marked_blocks import block
from inspectors.base_inspector import BaseInspector
from inspectors.documentation import documented_ids, finding_list
from tests.fixtures.builders import build_context, build_layer, build_model

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for pattern in ("main.py", "diagnosis/**/*.py", "inspectors/**/*.py", "utils/**/*.py")
    for path in ROOT.glob(pattern)
)
TOP = ("main", "diagnosis", "inspectors", "utils")
INSPECTORS = inspectors.discover()[0]
FLOOR_OF = {package: i for i, floor in enumerate(FLOORS) for package in floor.packages}


@cache
def shown() -> Shown:
    return shown_by_tests(ROOT / "tests")


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> tuple[str, ...]:
    return tuple(name for node in ast.walk(parsed(path)) for name in imported(node))


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        modules = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name if is_module(name) else node.module for name in modules)


@cache
def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def function_lengths(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            first = body[0].lineno if body else node.lineno
            yield f"{module_name(path)}.{node.name}", (node.end_lineno or first) - first + 1


def finding_ids(cls: type[BaseInspector]) -> set[str]:
    """Ids that an inspector's module gives to findings, or a module that it imports."""
    source = Path(sys.modules[cls.__module__].__file__ or "")
    paths = [source, *(ROOT / f"{name.replace('.', '/')}.py" for name in imports(source))]
    return {
        keyword.value.value
        for path in paths
        if path.exists()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "id" and isinstance(keyword.value, ast.Constant)
        if isinstance(keyword.value.value, str)
    }


def package_of(module: str) -> str:
    """The listed package that a module belongs to; "" for what is only a folder of packages."""
    parts = module.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in names if name in FLOOR_OF), "")


def test_every_module_stands_on_a_floor() -> None:
    placed = [package for floor in FLOORS for package in floor.packages]
    assert len(placed) == len(set(placed))
    modules = {module_name(path): path for path in SOURCES}
    homeless = [name for name, path in modules.items() if not package_of(name) and code_of(path)]
    assert not homeless, "give these a floor in docs/floors.py"
    assert {package_of(name) for name in modules} - {""} == set(placed)


def test_imports_point_down() -> None:
    upwards = [
        f"{module_name(path)} imports {target}"
        for path in SOURCES
        for target in ours(path)
        if not points_down(package_of(module_name(path)), package_of(target))
    ]
    assert not upwards


def ours(path: Path) -> Iterator[str]:
    return (i for i in imports(path) if i.split(".")[0] in (*TOP, "tests", "docs", "benchmarks"))


def points_down(source: str, target: str) -> bool:
    if target not in FLOOR_OF:  # a folder of packages, or no source at all
        return False
    return source == target or FLOOR_OF[source] < FLOOR_OF[target]


def code_of(path: Path) -> list[ast.stmt]:
    """What a module holds beside its docstring."""
    return [node for node in parsed(path).body if not isinstance(node, ast.Expr)]


def test_files_are_short_enough_to_read() -> None:
    assert longer_than(300, SOURCES) == {}
    assert longer_than(500, (ROOT / "tests").rglob("*.py")) == {}


def longer_than(limit: int, paths: Iterable[Path]) -> dict[str, int]:
    lengths = {
        module_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths
    }
    return {name: length for name, length in lengths.items() if length > limit}


def test_functions_are_short_enough_to_see_whole() -> None:
    lengths = dict(item for path in SOURCES for item in function_lengths(path))
    assert max(lengths.values()) <= 60
    ordered = sorted(lengths.values())
    assert ordered[int(len(ordered) * 0.95)] <= 40
    assert statistics.median(ordered) <= 8


def test_only_the_emulator_imports_tensorflow() -> None:
    places = ("utils.emulator", "utils.backends", "utils.dataset.sources.tf_record")
    importing = {
        module_name(path)
        for path in SOURCES
        if "tensorflow" in {i.split(".")[0] for i in imports(path)}
    }
    elsewhere = {name for name in importing if not name.startswith(places)}
    assert importing
    assert elsewhere == set()


def test_every_finding_id_is_documented_and_every_documented_id_exists() -> None:
    for cls in INSPECTORS:
        ids = finding_ids(cls)
        items = re.findall(r"^- `([a-z0-9-]+)` \((.+?)\): \S", finding_list(cls), re.MULTILINE)
        assert ids, cls.name()
        assert {name for name, _ in items} == ids, cls.name()
        words = {word for _, severities in items for word in re.findall(r"[a-z]+", severities)}
        assert words <= {"info", "warning", "error", "or"}, cls.name()


def test_every_inspector_has_a_test_module_and_a_one_line_summary() -> None:
    tests = ROOT / "tests" / "inspectors"
    for cls in INSPECTORS:
        module = cls.__module__.rpartition(".")[2]
        places = (tests / f"test_{module}.py", tests / module / "test_inspector.py")
        assert any(path.exists() for path in places), cls.name()
        assert 0 < len(cls.summary()) <= 90, cls.name()


@pytest.mark.parametrize("kind", KINDS)
def test_every_finding_is_shown_by_a_fast_test(kind: str) -> None:
    documented = [finding_id for cls in INSPECTORS for finding_id in documented_ids(cls)]
    assert [i for i in documented if i not in shown()[kind]] == []


def test_marks_name_findings_that_exist() -> None:
    documented = {finding_id for cls in INSPECTORS for finding_id in documented_ids(cls)}
    assert {finding_id for kind in KINDS for finding_id in shown()[kind]} <= documented


def test_no_inspector_module_is_broken() -> None:
    assert inspectors.discover()[1] == []


def test_generated_documentation_is_in_step() -> None:
    stale = [
        path.relative_to(ROOT).as_posix()
        for path, text in generate.documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"


def test_help_shows_what_the_page_about_use_shows() -> None:
    printed = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": str(generate.HELP_WIDTH + 2)},
    ).stdout
    page = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
    assert block(page, "help").split()[1:-1] == printed.split()


@pytest.mark.parametrize(("channels", "found"), [(2048, []), (2049, [("wide-layer", "net/conv1")])])
def test_the_readmes_inspector_runs_as_printed(channels: int, found: list[tuple[str, str]]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```python\n")[2].partition("```")[0]
    namespace: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, "example", "exec"), namespace)
    layers = [build_layer("input_layer1"), build_layer("conv1", shape=(1, 1, channels))]
    result = inspectors.run(namespace["WideLayerInspector"], build_context(build_model(layers)))
    assert result.crashed == ""
    assert [(f.id, f.layers[0]) for f in result.findings] == found
