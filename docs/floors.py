"""The house as a drawing: which package stands on which floor.

A module imports its own package and what stands on floors below it, nothing else; a test holds
every import to that, and asks for a place for every new package.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple

DRAWN_WIDTH = 112  # columns that a page shows without scrolling


class Floor(NamedTuple):
    """Packages that do not import one another, side by side."""

    what: str
    packages: tuple[str, ...]


# From the roof down. A package that is split into floors of its own has each of them listed.
FLOORS = (
    Floor("the command", ("main",)),
    Floor("one run: options in, report out", ("diagnosis",)),
    Floor("who measures, and who shows", ("utils.backends", "utils.renderers")),
    Floor(
        "everything that a run found out",
        ("utils.report", "utils.emulator.measuring", "utils.fleet"),
    ),
    Floor(
        "judging, comparing, asking, running",
        (
            "inspectors",
            "utils.baseline",
            "utils.recommendations",
            "utils.options",
            "utils.device_outputs",
            "utils.emulator.quantized",
        ),
    ),
    Floor(
        "what is asked and answered, and of which outputs",
        ("utils.jobs", "utils.outputs", "utils.emulator.floats"),
    ),
    Floor("stages of one network, side by side", ("utils.stages",)),
    Floor(
        "the nouns of the problem",
        (
            "utils.causes",
            "utils.dataset",
            "utils.measurements",
            "utils.model_script",
            "utils.side_files",
            "utils.quantizer",
            "utils.emulator.operations",
        ),
    ),
    Floor(
        "the archive, and the person before the screen",
        ("utils.har", "utils.terminal", "utils.references", "utils.emulator.kernels"),
    ),
    Floor(
        "what is found, and files by what is in them",
        ("utils.findings", "utils.files"),
    ),
    Floor("the ground", ("utils.errors", "utils.wording", "utils.tool", "utils.facts")),
)


def drawing() -> str:
    """The floors as text, the roof first."""
    width = max(len(floor.what) for floor in FLOORS)
    return "\n".join(
        textwrap.fill(
            "  ".join(package.removeprefix("utils.") for package in floor.packages),
            DRAWN_WIDTH,
            initial_indent=f"{floor.what:>{width}} | ",
            subsequent_indent=f"{'':>{width}} | ",
        )
        for floor in FLOORS
    )
