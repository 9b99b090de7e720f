"""Plans as text: YAML and TOML as plain objects, and where in the text each of them stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from utils.errors import UsageError
from utils.side_files.input_files import read_bounded
from utils.wording import short

MAX_BYTES = 8 << 20
MAX_DEPTH = 12
TOML = ".toml"
SUFFIXES = (".yaml", ".yml", TOML)
Path = tuple["str | int", ...]
_TAGS = ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map")


@dataclass(frozen=True, order=True)
class Place:
    """A place in a text; line and column are counted from 1, and a column of 0 is not known."""

    line: int
    column: int = 0

    def __str__(self) -> str:
        """As compilers say it."""
        return f"{self.line}:{self.column}" if self.column else str(self.line)


START = Place(1, 1)


class PlanFault(Exception):  # noqa: N818  what is wrong with a plan is a fault
    """What is wrong with a plan, and where."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(problem)
        self.place = place


@dataclass
class PlanText:
    """What a plan holds.

    Parameters
    ----------
    content : plain objects, as JSON would give them.
    places : where keys and elements stand, by their path from the root.
    """

    path: str
    content: Any
    places: dict[Path, Place] = field(default_factory=dict)

    def place(self, path: Sequence[str | int]) -> Place:
        """Where something stands; of what has no place, where that stands in which it is."""
        whole = tuple(path)
        lengths = range(len(whole), -1, -1)
        found = (self.places[whole[:end]] for end in lengths if whole[:end] in self.places)
        return next(found, START)


def read_plan_text(path: str) -> PlanText:
    """Read a plan.

    Raises
    ------
    UsageError : it cannot be read, or is neither YAML nor TOML.
    PlanFault : something in it cannot be understood.
    """
    try:
        text = read_bounded(path, MAX_BYTES, "plan").decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a plan: it is not UTF-8 text") from error
    return _of_toml(path, text) if path.lower().endswith(TOML) else _of_yaml(path, text)


def _of_yaml(path: str, text: str) -> PlanText:
    import yaml

    found = PlanText(path, None)
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        found.content = None if root is None else _plain(loader, root, (), found.places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        said = " ".join(filter(None, (error.context, error.problem)))
        raise PlanFault(place, f"this is not YAML: {short(said, 200)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PlanFault(START, f"this is not YAML: {short(str(error), 200)}") from error
    return found


def _plain(loader: Any, node: Any, path: Path, places: dict[Path, Place]) -> Any:
    """A node as plain objects; what is told twice, or too deep, is a fault."""
    import yaml

    here = _place(node)
    if len(path) > MAX_DEPTH:
        raise PlanFault(here, "this is nested too deep for a plan")
    if path not in places:
        places[path] = here
    if isinstance(node, yaml.CollectionNode) and node.tag not in _TAGS:
        raise PlanFault(here, f"{short(node.tag, 60)} is not a tag of a plan")
    if isinstance(node, yaml.SequenceNode):
        _once(node, here)
        return [_plain(loader, each, (*path, i), places) for i, each in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return _as_json(loader.construct_object(node))
    _once(node, here)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise PlanFault(_place(key_node), "a key is a text")
        if key in mapping:
            raise PlanFault(_place(key_node), f"{short(key, 60)} is given twice")
        inside = (*path, key)
        places[inside] = _place(key_node)
        mapping[key] = _plain(loader, value_node, inside, places)
    return mapping


def _as_json(value: Any) -> Any:
    """A value with days as texts."""
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def _once(node: Any, here: Place) -> None:
    # An alias leads to the very node; a handful of them could stand for billions of elements.
    if getattr(node, "was_read", False):
        raise PlanFault(here, "this is used again by an alias; plans are read without aliases")
    node.was_read = True


def _place(node: Any) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _of_toml(path: str, text: str) -> PlanText:
    try:
        import tomllib
    except ImportError:  # Python 3.10
        import tomli as tomllib
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+), column (\d+)", str(error))
        place = Place(int(line[1]), int(line[2])) if line else Place(len(text.splitlines()) or 1)
        raise PlanFault(place, f"this is not TOML: {short(str(error), 200)}") from error
    content = _as_json(content)
    return PlanText(path, content, dict(_toml_places(text, content)))


def _toml_places(text: str, content: Mapping[str, Any]) -> list[tuple[Path, Place]]:
    """Lines of the keys, searched in the text: the reader of TOML does not tell them."""
    lines = text.splitlines()
    found: list[tuple[Path, Place]] = []
    _search(content, (), lines, 0, found)
    return found


def _search(
    value: Any, path: Path, lines: Sequence[str], first: int, found: list[tuple[Path, Place]]
) -> int:
    """Note where a value stands, at line `first` or behind it; returns its line."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            line = _line_of(key, lines, first)
            found.append(((*path, key), Place(line + 1)))
            _search(each, (*path, key), lines, line, found)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            head = rf"^\s*\[\[\s*{re.escape(str(path[-1]))}\s*\]\]" if path else "$^"
            heads = [number for number, line in enumerate(lines) if re.search(head, line)]
            line = heads[index] if index < len(heads) else first
            found.append(((*path, index), Place(line + 1)))
            _search(each, (*path, index), lines, line, found)
    return first


def _line_of(key: str, lines: Sequence[str], first: int) -> int:
    pattern = re.compile(rf"""(^|[\[.{{,\s])["']?{re.escape(key)}["']?\s*([=\].]|$)""")
    matching = (number for number in range(first, len(lines)) if pattern.search(lines[number]))
    return next(matching, first)
