"""What to say of words on the command line that belong to no option, and where they do."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from utils.files.typed import typed
from utils.tool import FLEET
from utils.tool import STARTED as TOOL
from utils.wording import most_alike, printable

_ARCHIVE = ".har"
_DATA = (".npy", ".npz", ".tfrecord")
# Words that other tools take for a command, and the options that do it here.
_COMMANDS = {
    "explain": "--explain",
    "lint": "--lint-script",
    "list": "--list",
    "version": "--version",
    "help": "--help",
}
# Options of Hailo's commands and of other tools, and what does that here.
_ELSEWHERE = {
    **dict.fromkeys(
        ("--calib-set-path", "--calib-set", "--calib-path", "--data-path", "--images"),
        "data are passed with -d",
    ),
    **dict.fromkeys(
        ("--model-script", "--script", "--alls"),
        "the archive holds its model script; --lint-script FILE checks another",
    ),
    **dict.fromkeys(
        ("--output", "--out", "-o", "--report"),
        "reports are written by --html, --json, --markdown, --junit and --sarif",
    ),
    "--onnx": "the original model is passed with --reference",
}
_ALIKE = 0.7  # of an option's name has to be the same; less suggests options of another meaning


def about_the_rest(
    parser: argparse.ArgumentParser, values: argparse.Namespace, others: Sequence[str]
) -> str:
    """What is wrong with words that were left over.

    Parameters
    ----------
    values : what the others were taken for.
    """
    if values.har == FLEET:
        return f"{FLEET} has to be the first word: {TOOL} {typed(FLEET, *others)}"
    if unknown := about_unknown(parser, others):
        return unknown
    paths = [path for path in (values.har, *others) if path]
    if pattern := _expanded(values.dataset, paths):
        quoted = f"-d '{pattern}'"
        return f"the shell expanded the pattern of the data; quote the pattern: {quoted}"
    archives = [path for path in paths if path.lower().endswith(_ARCHIVE)]
    data = [path for path in paths if path.lower().endswith(_DATA) or os.path.isdir(path)]
    if len(archives) == len(data) == 1 and len(paths) == 2 and not values.dataset:
        return f"data are passed with -d: {TOOL} {typed('-d', *data, *archives)}"
    if len(archives) == len(paths):
        return f"{len(archives)} archives instead of one; pass one, or all of them to {TOOL} fleet"
    return f"unrecognized arguments: {printable(' '.join(others))}"


def about_unknown(parser: argparse.ArgumentParser, others: Sequence[str]) -> str:
    """What is wrong with options among words that were left over; "" where there are none."""
    names = [word.partition("=")[0] for word in others if word.startswith("-")]
    return "; ".join(_about_option(parser, name) for name in dict.fromkeys(names))


def _about_option(parser: argparse.ArgumentParser, name: str) -> str:
    known = [option for action in parser._actions for option in action.option_strings]
    if name.lower() in _ELSEWHERE and "-d" in known:  # a fleet has a plan in place of these
        return f"unknown option {printable(name)}; {_ELSEWHERE[name.lower()]}"
    close = most_alike(name, known, _ALIKE)
    return f"unknown option {printable(name)}" + (f"; did you mean {close}?" if close else "")


def _expanded(dataset: str | None, paths: Sequence[str]) -> str:
    """The pattern of which a shell made many paths; "" where it made none."""
    if not dataset:
        return ""
    folder, ending = os.path.dirname(dataset), os.path.splitext(dataset)[1]
    others = [p for p in paths if (os.path.dirname(p), os.path.splitext(p)[1]) == (folder, ending)]
    return os.path.join(folder, f"*{ending}") if others else ""


def about_command(argv: Sequence[str]) -> str:
    """What to say where the first word is meant as a command and is no file; "" elsewhere."""
    word, *others = argv or [""]
    if word not in _COMMANDS or os.path.exists(word):
        return ""
    return f"{word} is an option: {TOOL} {typed(_COMMANDS[word], *others)}"


def about_lint(argv: Sequence[str]) -> str:
    """What to say where an archive alone is to be checked as a script; "" where none is."""
    for word, following, third in zip(argv, argv[1:], [*argv[2:], "-"], strict=False):
        is_alone = third.startswith("-") and following.lower().endswith(_ARCHIVE)
        if word == "--lint-script" and is_alone:
            command = f"{TOOL} {typed(following)}"
            return f"{following} is an archive, whose script is checked in every run: {command}"
    return ""
