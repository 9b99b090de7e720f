"""The keys of a configuration as defaults of the command line's options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from utils.errors import UsageError
from utils.findings.ignored import IgnoreRule
from utils.options.configuration import OPTION, Configuration, read_configuration
from utils.options.parser import EMPTY, is_empty
from utils.terminal.logger import complain
from utils.wording import most_alike, printable

IGNORE = "ignore"
IGNORE_KEYS: dict[str, type | tuple[type, ...]] = {"id": str, "reason": str, "until": (date, str)}
# What is done instead of a diagnosis is for the command line only.
COMMAND_LINE_ONLY = frozenset(
    ("help", "version", "config", "lint-script", "har", "explain", "list", "print-completion")
)
# What runs code, or appends to a file, counts only in a file that the user named.
NAMED_ONLY = frozenset(("inspectors", "log-path"))
PATHS = frozenset(("FILE", "PATH", "DIR", "REPORT"))  # metavars of options that take a path
MOST_VALUES = 1000
WITHOUT = frozenset(("-h", "--help", "--version"))  # answered whatever a file holds


def configured(
    parser: argparse.ArgumentParser, argv: Sequence[str]
) -> tuple[Configuration, tuple[IgnoreRule, ...]]:
    """Give a parser the defaults of the configuration, which is returned with what it ignores.

    Ends the process with code 2 and one sentence if the configuration is wrong.

    Parameters
    ----------
    argv : the command line, which may name the file.
    """
    if not WITHOUT.isdisjoint(argv):
        return Configuration(), ()
    try:
        configuration = read_configuration(_named(argv))
        apply_configuration(parser, configuration)
        return configuration, ignore_rules(configuration)
    except UsageError as error:
        complain(error.whole)
        return parser.exit(2)


def _named(argv: Sequence[str]) -> str | None:
    """The file that the command line names last, as argparse would take it."""
    for word, following in reversed(list(zip(argv, [*argv[1:], None], strict=False))):
        if word == OPTION:
            return following
        if word.startswith(f"{OPTION}="):
            return word.partition("=")[2]
    return None


def configurable(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """The options that a configuration may set, by their long names without dashes."""
    return {
        name.removeprefix("--"): action
        for action in parser._actions
        for name in action.option_strings
        if name.startswith("--") and name.removeprefix("--") not in COMMAND_LINE_ONLY
    }


def apply_configuration(parser: argparse.ArgumentParser, configuration: Configuration) -> None:
    """Make a configuration's values the defaults of the parser.

    Raises
    ------
    UsageError : a key is unknown, or a value is none that the option takes.
    """
    actions = configurable(parser)
    for key, value in configuration.table.items():
        if key == IGNORE:
            continue
        _check_option(key, [*actions, IGNORE], configuration.path)
        if key in NAMED_ONLY and not configuration.is_named:
            raise UsageError(
                f"{configuration.path} sets {key}, which counts only in a file that you name; pass "
                f"--config {configuration.path} if you trust it"
            )
        action = actions[key]
        try:
            parsed = _parsed(action, value, configuration.folder)
        except argparse.ArgumentTypeError as error:
            raise UsageError(f"{configuration.path}: {key}: {printable(str(error))}") from error
        parser.set_defaults(**{action.dest: parsed})


def ignore_rules(configuration: Configuration) -> tuple[IgnoreRule, ...]:
    """The findings that a configuration ignores; whether there are such findings, others know.

    Raises
    ------
    UsageError : an entry lacks an id or a reason, or holds what is none.
    """
    entries = configuration.table.get(IGNORE, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{configuration.path}: ignore has to be a list of tables, [[ignore]]")
    rules = tuple(_rule(entry, configuration.path) for entry in entries[:MOST_VALUES])
    ids = [rule.id for rule in rules]
    for finding_id in ids:
        if ids.count(finding_id) > 1:
            raise UsageError(f"{configuration.path}: {finding_id} is ignored twice; keep one entry")
    return rules


def _rule(entry: Mapping[str, Any], path: str) -> IgnoreRule:
    for key, value in entry.items():
        _check_key(key, IGNORE_KEYS, f"{path}: an entry of ignore")
        if not isinstance(value, IGNORE_KEYS[key]):
            raise UsageError(f"{path}: {key} of an entry of ignore has to be a text")
    missing = [key for key in ("id", "reason") if not str(entry.get(key, "")).strip()]
    if missing:
        named = f" for {entry['id']}" if "id" not in missing else ""
        raise UsageError(
            f"{path}: an entry of ignore{printable(named)} has no {missing[0]}; add it"
        )
    return IgnoreRule(
        printable(entry["id"]), printable(entry["reason"].strip()), _day(entry.get("until"), path)
    )


def _day(value: date | str | None, path: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        said = printable(str(value))
        raise UsageError(f"{path}: until has to be a day, as in 2030-12-31, not {said}") from error


def _check_option(key: str, known: Iterable[str], path: str) -> None:
    if key.replace("_", "-") in COMMAND_LINE_ONLY:
        raise UsageError(
            f"{path}: {key} counts on the command line only; take it out of the file, and pass it "
            "with the command"
        )
    _check_key(key, known, path)


def _check_key(key: str, known: Iterable[str], place: str) -> None:
    names = list(known)
    if key in names:
        return
    close = most_alike(key.replace("_", "-"), names)
    hint = f"did you mean {close}?" if close else f"known are {', '.join(sorted(names))}"
    raise UsageError(f"{place}: unknown key {printable(key)}; {hint}")


def _parsed(action: argparse.Action, value: object, folder: str) -> Any:
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise argparse.ArgumentTypeError("it has to be true or false")
        return value
    if action.nargs == argparse.OPTIONAL and isinstance(value, bool):
        return action.const if value else action.default
    if not takes_list(action):
        return _single(action, value, folder)
    if not isinstance(value, list):
        raise argparse.ArgumentTypeError('it has to be a list, as in ["a", "b"]')
    return [_single(action, entry, folder) for entry in value[:MOST_VALUES]]


def takes_list(action: argparse.Action) -> bool:
    """Whether an option takes several values, or may be given repeatedly."""
    return action.nargs == "+" or isinstance(action, argparse._AppendAction)


def _single(action: argparse.Action, value: object, folder: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise argparse.ArgumentTypeError("it has to be a text or a number")
    text = str(value)
    if is_empty(text):
        raise argparse.ArgumentTypeError(EMPTY)
    if action.choices is not None and text not in action.choices:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(action.choices)}")
    if action.metavar in PATHS and text != "-":
        return os.path.join(folder, text)
    convert: Callable[[str], Any] = action.type if callable(action.type) else str
    return convert(text)
