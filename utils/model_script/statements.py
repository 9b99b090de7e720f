"""One statement of a Hailo model script and the grammar by which it is read.

    line      = [ statement ] [ "#" comment ]
    statement = [ target { "," target } "=" ] command "(" [ argument { "," argument } ] ")" [ ";" ]
    target    = name | "{" patterns or "name: [names]" entries "}"
    argument  = [ keyword "=" ] value
    value     = list | glob set | mapping | string | number | boolean | None | name
              | duration | percentage

Ends of lines and comments count for nothing inside brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from utils.errors import ScriptError
from utils.model_script.tokens import LONGEST_SHOWN, GlobSet, Name, Scanner, Value, word_value

# No script in use nests deeper than a list in a list; the bound keeps a hostile one from
# exhausting the stack.
MAX_DEPTH = 32
_COMMAND = re.compile(r"(?:[\w/\-]+\.)*[A-Za-z_]\w*")
_CLOSERS = ")]}"


@dataclass(frozen=True)
class Argument:
    """One argument of a statement.

    Parameters
    ----------
    name : the keyword; None for a positional argument.
    value : what it stands for.
    start, value_start, end : offsets in the statement's text of the argument and its value.
    """

    name: str | None
    value: Value
    start: int
    value_start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """One command, with its text as it stands in the script.

    Parameters
    ----------
    targets : names given to the layers it inserts; () without "=", and for "{} = ...".
    command : e.g. ``normalization``, or ``context_0.place`` with the object it belongs to.
    args : positional and keyword arguments in order.
    line : number of its first line, counted from 1.
    text : from the first target or the command to the closing bracket.
    start : offset of the text in the script.
    command_start : offset of the command in the text.
    """

    targets: tuple[str, ...]
    command: str
    args: tuple[Argument, ...]
    line: int
    text: str
    start: int
    command_start: int

    @cached_property
    def positional(self) -> tuple[Value, ...]:
        """Values of the arguments that have no keyword."""
        return tuple(argument.value for argument in self.args if argument.name is None)

    @cached_property
    def keywords(self) -> Mapping[str, Value]:
        """Values by keyword; of a keyword given twice, the last."""
        return {argument.name: argument.value for argument in self.args if argument.name}


class StatementParser:
    """Reads a script statement by statement.

    Parameters
    ----------
    text : the script.

    Attributes
    ----------
    warnings : what was tolerated, one sentence each.
    surplus : where that stands: offset and closing brackets.
    start : offset of the statement that was read last, or could not be read.
    """

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text)
        self._first_line = 1
        self.warnings: list[str] = []
        self.surplus: list[tuple[int, str]] = []
        self.start = 0

    def statements(self) -> Iterator[Statement]:
        """All statements; raises ScriptError where the text does not follow the grammar."""
        self._scanner.skip(lines=True)
        while not self._scanner.at_end:
            yield self._statement()
            self._end_of_line()
            self._scanner.skip(lines=True)

    def resume(self, offset: int) -> None:
        """Go on reading here, at the beginning of a line, after a ScriptError."""
        self._scanner.position = offset

    def _statement(self) -> Statement:
        scanner = self._scanner
        self.start = start = scanner.position
        self._first_line = scanner.line()
        targets, command_start, command = self._head()
        if not _COMMAND.fullmatch(command):
            raise scanner.error(f"{command[:LONGEST_SHOWN]!r} is not a command", command_start)
        args = tuple(self._arguments(start, command))
        return Statement(
            targets=targets,
            command=command,
            args=args,
            line=self._first_line,
            text=scanner.text[start : scanner.position],
            start=start,
            command_start=command_start - start,
        )

    def _head(self) -> tuple[tuple[str, ...], int, str]:
        """Read up to the opening bracket: targets, where the command starts, the command."""
        scanner = self._scanner
        targets: list[str] = []
        assigned = False
        while True:
            here = scanner.position
            names, word = self._target()
            scanner.skip(lines=False)
            if word and (assigned or not targets) and scanner.take_character("("):
                return tuple(targets), here, word
            if assigned:
                raise scanner.error(f"expected a command after '=', found {scanner.found()}")
            targets.extend(names)
            separator = scanner.take_character(",=")
            if not separator:
                raise scanner.error(f"expected '(', ',' or '=', found {scanner.found()}")
            assigned = separator == "="
            scanner.skip(lines=False)

    def _target(self) -> tuple[tuple[str, ...], str]:
        """Read a name or a brace; returns the names in it, and the name if it is one."""
        word = self._scanner.word()
        if word:
            return (word,), word
        if self._scanner.take_character("{"):
            braces = self._braces(MAX_DEPTH)
            if isinstance(braces, GlobSet):
                return braces.patterns, ""
            return tuple(name for _, value in braces for name in names_in(value)), ""
        raise self._scanner.error(f"expected a command, found {self._scanner.found()}")

    def _braces(self, depth: int) -> GlobSet | tuple[tuple[Name, Value], ...]:
        """Read up to the closing brace: patterns, or pairs if any entry is ``name: value``."""
        pairs: list[tuple[Name, Value]] = []
        is_mapping = False
        for pattern in self._patterns():
            value: Value = None
            if self._scanner.take_character(":"):
                is_mapping = True
                self._scanner.skip(lines=True)
                value = self._value(depth)
                self._scanner.skip(lines=True)
            pairs.append((Name(pattern), value))
        return tuple(pairs) if is_mapping else GlobSet(tuple(str(name) for name, _ in pairs))

    def _patterns(self) -> Iterator[str]:
        """Read up to the closing brace, stopping after each pattern."""
        scanner = self._scanner
        scanner.skip(lines=True)
        while not scanner.take_character("}"):
            pattern = scanner.pattern()
            if not pattern:
                raise self._error_inside("expected a layer name or pattern")
            scanner.skip(lines=True)
            yield pattern
            self._separator("}", "'}'")

    def _arguments(self, origin: int, command: str) -> Iterator[Argument]:
        scanner = self._scanner
        scanner.skip(lines=True)
        while not scanner.take_character(")"):
            yield self._argument(origin)
            scanner.skip(lines=True)
            self._separator(")", f"')' of {command}")

    def _argument(self, origin: int) -> Argument:
        scanner = self._scanner
        start = scanner.position
        name: str | None = scanner.identifier() or None
        scanner.skip(lines=True)
        if name and scanner.take_character("="):
            scanner.skip(lines=True)
        else:
            name, scanner.position = None, start
        value_start = scanner.position
        value = self._value(MAX_DEPTH)
        return Argument(
            name, value, start - origin, value_start - origin, scanner.position - origin
        )

    def _value(self, depth: int) -> Value:
        scanner = self._scanner
        text = scanner.string()
        if text is not None:
            return text
        if depth == 0:
            raise scanner.error(f"brackets are nested more than {MAX_DEPTH - 1} deep")
        if scanner.take_character("["):
            return tuple(self._items(depth - 1))
        if scanner.take_character("{"):
            return self._braces(depth - 1)
        start = scanner.position
        word = scanner.word()
        if not word:
            raise self._error_inside("expected a value")
        try:
            return word_value(word)
        except ValueError as error:
            raise scanner.error(str(error), start) from error

    def _items(self, depth: int) -> Iterator[Value]:
        scanner = self._scanner
        scanner.skip(lines=True)
        while not scanner.take_character("]"):
            yield self._value(depth)
            scanner.skip(lines=True)
            self._separator("]", "']'")

    def _separator(self, closer: str, description: str) -> None:
        """Move over a comma; the closing bracket may stand instead, and is left to the caller."""
        scanner = self._scanner
        if scanner.take_character(","):
            scanner.skip(lines=True)
        elif scanner.at_end or scanner.text[scanner.position] != closer:
            raise self._error_inside(f"expected ',' or {description}")

    def _error_inside(self, expected: str) -> ScriptError:
        """An error inside brackets, which may have been left open many lines above."""
        origin = f" (the statement began in line {self._first_line})"
        raise self._scanner.error(
            f"{expected}, found {self._scanner.found()}"
            f"{origin if self._scanner.line() != self._first_line else ''}"
        )

    def _end_of_line(self) -> None:
        scanner = self._scanner
        line, surplus = scanner.line(), ""
        scanner.skip(lines=False)
        start = scanner.position
        while character := scanner.take_character(_CLOSERS + ";"):
            surplus += character.strip(";")
            scanner.skip(lines=False)
        if surplus:
            self.warnings.append(f"line {line} ends with {surplus!r} too many")
            self.surplus.append((start, surplus))
        if not scanner.at_end and scanner.text[scanner.position] not in "#\r\n":
            raise scanner.error(f"expected the end of the line, found {scanner.found()}")


def is_statement(text: str) -> bool:
    """Whether a text is one statement, by the grammar."""
    try:
        return len(list(StatementParser(text).statements())) == 1
    except ScriptError:
        return False


def names_in(value: Value) -> tuple[str, ...]:
    """Layer names and patterns in a value, in order: of a name, a glob set or a list of them."""
    if isinstance(value, Name):
        return (value,)
    if isinstance(value, GlobSet):
        return value.patterns
    if isinstance(value, tuple):
        return tuple(name for item in value for name in names_in(item))
    return ()
