"""Commands as the README prints them."""

from __future__ import annotations

from tests.har.samples import ROOT


def uses_of_the_readme(option: str) -> list[list[str]]:
    """Arguments of every command that has an option."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    commands = [line.split() for line in lines if option in line.split()]
    return [arguments for program, *arguments in commands if program == "./main.py"]
