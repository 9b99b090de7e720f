"""Every benchmark one after the other, and the page that shows them.

    python -m benchmarks --markdown benchmarks/README.md

The marked blocks of the page are written anew; what stands around them stays. Let nothing else run
meanwhile: it would count.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.entrants import ENTRANTS
from benchmarks.growth import IMAGES, LAYERS, with_images, with_layers
from benchmarks.machine import disturbance, machine
from benchmarks.passes import ENOUGH_SECONDS
from benchmarks.procedures import compared
from benchmarks.race import race
from docs.marked_blocks import with_block


@dataclass(frozen=True)
class Sizes:
    """How much is run.

    Parameters
    ----------
    sides : of the images of each network in pixels.
    enough : seconds after which no network is timed once more.
    images : of the race and of the comparison with other procedures.
    side : of the images of ResNet-18's shape in that comparison, and where images grow.
    layers, growing_images : sizes of the growth.
    repeats : runs of each size there; a single one that is disturbed would bend the exponents.
    """

    sides: Mapping[str, int]
    enough: float
    images: int
    side: int
    layers: Sequence[int]
    growing_images: Sequence[int]
    repeats: int


FULL = Sizes(
    {name: e.side for name, e in ENTRANTS.items()}, ENOUGH_SECONDS, 64, 224, LAYERS, IMAGES, 2
)
# Enough to see that everything runs; the figures say nothing.
SMALL = Sizes({"resnet18": 64, "vit_s": 32}, 0.0, 4, 64, (14, 28, 56), (2, 4, 8), 1)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--markdown", metavar="PATH", type=Path, help="write the blocks of this page anew")
    add("--small", action="store_true", help="see in a minute or two that everything runs")
    options = parser.parse_args(argv)
    page = options.markdown.read_text("utf-8") if options.markdown else ""
    for name, content in blocks(SMALL if options.small else FULL).items():
        sys.stdout.write(f"\n{content}\n")
        page = with_block(page, name, content) if options.markdown else page
    if options.markdown:
        options.markdown.write_text(page, encoding="utf-8")
    return 0


def blocks(sizes: Sizes) -> dict[str, str]:
    """Run everything; content of the page by the name of a block."""
    began, where = time.perf_counter(), f"{machine()}; {disturbance()}"
    results = []
    for network, side in sizes.sides.items():
        _say(f"race of {network}", began)
        results.append(race(network, sizes.images, side, sizes.enough))
    _say("other procedures", began)
    others = compared(sizes.images, sizes.side)
    _say("growth with layers", began)
    layers = with_layers(sizes.layers, sizes.repeats)
    _say("growth with images", began)
    images = with_images(sizes.growing_images, sizes.side, sizes.repeats)
    minutes = (time.perf_counter() - began) / 60
    return {
        "machine": f"{where}; all of it took {minutes:.0f} minutes.",
        "goals": tables.goals_table(results, others, layers, images),
        "race": tables.race_table(results),
        "procedures": tables.procedures_table(others),
        "growth": "\n\n".join(map(tables.growth_table, (layers, images))),
    }


def _say(what: str, began: float) -> None:
    sys.stderr.write(f"{time.perf_counter() - began:6.0f} s  {what}\n")


if __name__ == "__main__":
    sys.exit(main())
