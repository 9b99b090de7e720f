"""Every command with the arguments and values that are known of it, on lines made up for this."""

from __future__ import annotations

from pathlib import Path

import pytest

from utils.facts.script_commands import ALLOCATION_COMMANDS, COMMANDS
from utils.model_script import parse_model_script
from utils.model_script.lint import lint_problems

LINES = (Path(__file__).parent / "known_forms.alls").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", LINES)
def test_nothing_is_said_of_a_known_form(line: str) -> None:
    assert lint_problems(line) == ()


def test_every_known_command_is_among_the_lines() -> None:
    used = {parse_model_script(line).statements[0].command.rpartition(".")[2] for line in LINES}
    assert set(COMMANDS) | ALLOCATION_COMMANDS <= used
