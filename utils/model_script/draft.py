"""A model script under revision: statements are rewritten and added, all else stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from utils.model_script import (
    ModelScript,
    Name,
    Statement,
    layer_argument,
    parse_model_script,
)
from utils.model_script.tokens import BYTE_ORDER_MARK, NEWLINE


class Draft:
    """Statements of a script and, between them, the text that belongs to none.

    Parameters
    ----------
    script : what is revised; None starts an empty one.
    """

    def __init__(self, script: ModelScript | None) -> None:
        text = "" if script is None else script.text
        self.statements = [] if script is None else list(script.statements)
        first_newline = NEWLINE.search(text)
        self._newline = first_newline.group() if first_newline else "\n"
        ends = [0, *(statement.start + len(statement.text) for statement in self.statements)]
        starts = [*(statement.start for statement in self.statements), len(text)]
        self._gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]

    def text(self) -> str:
        """The revised script."""
        texts = [*(statement.text for statement in self.statements), ""]
        return "".join(gap + text for gap, text in zip(self._gaps, texts, strict=True))

    def rewrite(self, index: int, text: str, reason: str) -> None:
        """Put another text in the place of a statement, the reason in a comment above it."""
        self.statements[index] = single_statement(text)
        gap = self._gaps[index]
        line_start = _after_mark(gap)
        for newline in NEWLINE.finditer(gap):
            line_start = newline.end()
        above, indent = gap[:line_start], gap[line_start:]
        comment = self._comment(reason)
        if not above.endswith(comment):
            above += comment
        self._gaps[index] = above + indent

    def insert(self, index: int, text: str, reason: str) -> None:
        """Add a line before the statement of this index, a comment with the reason above it.

        The line directly follows the one of the statement before; at the very end it follows
        whatever the script ends with.
        """
        gap = self._gaps[index]
        if index == len(self.statements):
            above, below = self._closed(gap, index), ""
        elif index == 0:
            mark = _after_mark(gap)
            above, below = gap[:mark], gap[mark:]
        else:
            # Statements stand on lines of their own: an end of line lies between any two.
            newline = NEWLINE.search(gap)
            cut = newline.end() if newline else len(gap)
            above, below = gap[:cut], gap[cut:]
        self._gaps[index : index + 1] = [above + self._comment(reason), self._newline + below]
        self.statements.insert(index, single_statement(text))

    def _closed(self, gap: str, index: int) -> str:
        """The text behind the last statement, with the end of line that may be missing."""
        if not gap.strip(BYTE_ORDER_MARK):
            return gap + self._newline if index else gap
        return gap if gap.endswith(("\n", "\r")) else gap + self._newline

    def _comment(self, reason: str) -> str:
        words = " ".join(reason.split())
        return f"# {words}{self._newline}" if words else ""


def with_notes(script: ModelScript, notes: Mapping[int, str]) -> ModelScript:
    """The script with comments above the statements that begin at these lines."""
    draft = Draft(script)
    for index, statement in enumerate(script.statements):
        if statement.line in notes:
            draft.rewrite(index, statement.text, notes[statement.line])
    return parse_model_script(draft.text())


def _after_mark(gap: str) -> int:
    return len(BYTE_ORDER_MARK) if gap.startswith(BYTE_ORDER_MARK) else 0


def single_statement(text: str) -> Statement:
    """Read a text that holds exactly one statement; ScriptError or ValueError otherwise."""
    statements = parse_model_script(text).statements
    if len(statements) != 1:
        raise ValueError(f"{text!r} is not one statement")
    return statements[0]


def with_keywords(statement: Statement, texts: Mapping[str, str]) -> str:
    """Text of a statement with keywords set to other value texts; new ones come last."""
    text = statement.text
    missing = "".join(
        f", {name}={value}" for name, value in texts.items() if name not in statement.keywords
    )
    if missing:
        end = statement.args[-1].end if statement.args else len(text) - 1
        missing = missing if statement.args else missing.removeprefix(", ")
        text = text[:end] + missing + text[end:]
    for argument in reversed(statement.args):
        if argument.name is not None and argument.name in texts:
            text = text[: argument.value_start] + texts[argument.name] + text[argument.end :]
    return text


def with_layers(statement: Statement, names: Sequence[str]) -> str:
    """Text of a statement that names layers, with other layers in their place."""
    argument = layer_argument(statement)
    if argument is None:
        raise ValueError(f"{statement.text!r} names no layers")
    single = isinstance(argument.value, Name) and len(names) == 1
    layers = names[0] if single else f"[{', '.join(names)}]"
    return statement.text[: argument.value_start] + layers + statement.text[argument.end :]


def with_arguments(old: Statement, new: Statement) -> str:
    """Text of `new` under the targets of `old`, about the layers that `old` names."""
    kept, given = layer_argument(old), layer_argument(new)
    text = new.text
    if kept is not None and given is not None:
        layers = old.text[kept.value_start : kept.end]
        text = text[: given.value_start] + layers + text[given.end :]
    if not old.targets:
        return text
    return old.text[: old.command_start] + text[new.command_start :]
