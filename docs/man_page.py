"""The man page, made from the parser and the texts that ``--help`` shows as well."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from utils.options.fleet_options import WORD, build_fleet_parser
from utils.options.options import build_parser
from utils.tool import NAME, VERSION

FILE = f"{NAME}.1"
SECTION = 1  # programs that a user runs
_SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def man_page(inspectors: Iterable[str]) -> str:
    """The page in the language of ``man``.

    Parameters
    ----------
    inspectors : names that the page lists.
    """
    parser = build_parser(inspectors)
    parser.prog = NAME
    lines = (*_head(parser), ".SH OPTIONS", *_options(parser), *_fleet(), *_end(parser))
    return "\n".join(lines) + "\n"


def _head(parser: argparse.ArgumentParser) -> Iterator[str]:
    source = _escaped(f"{NAME} {VERSION}")
    yield f'.TH {_escaped(NAME.upper())} {SECTION} "" "{source}" "User Commands"'
    yield ".SH NAME"
    yield f"{_escaped(NAME)} \\- first aid for networks quantized for Hailo chips"
    yield ".SH SYNOPSIS"
    yield from _as_it_is(parser.format_usage().removeprefix("usage: "))
    yield ".SH DESCRIPTION"
    yield from _lines(parser.description or "")


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = parser._get_formatter()
    for group in parser._action_groups:
        if not group._group_actions:
            continue
        yield f'.SS "{_escaped(group.title or "")}"'
        yield from _lines(group.description or "")
        for action in group._group_actions:
            yield ".TP"
            yield f"\\fB{_escaped(formatter._format_action_invocation(action))}\\fR"
            yield from _lines(formatter._expand_help(action))


def _fleet() -> Iterator[str]:
    """What the command takes behind the word that asks for many archives."""
    parser = build_fleet_parser()
    parser.prog = f"{NAME} {WORD}"
    yield f'.SH "OPTIONS OF {WORD.upper()}"'
    yield from _as_it_is(parser.format_usage().removeprefix("usage: "))
    yield from _lines(parser.description or "")
    yield from _options(parser)


def _end(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What stands below the options: titles, each with lines that stay as they are."""
    for part in (parser.epilog or "").replace("%(prog)s", NAME).split("\n\n"):
        title, _, lines = part.partition("\n")
        words = title.removesuffix(":").partition(" (")[0]
        yield f'.SH "{_escaped(words.upper())}"'
        yield from _as_it_is(lines)


def _lines(text: str) -> Iterator[str]:
    return (_line(line) for line in text.splitlines())


def _as_it_is(text: str) -> Iterator[str]:
    yield ".nf"
    yield from _lines(text.rstrip())
    yield ".fi"


def _line(text: str) -> str:
    # A dot or an apostrophe in front would make a command of the line.
    escaped = _escaped(text)
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
