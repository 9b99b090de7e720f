"""Situations with a known fault, or none, and whether what the command says first is true.

    python -m benchmarks.judgement --situations 200 --seed 1
    python -m benchmarks.judgement --replay 1-17
    python -m benchmarks.judgement --situations 100 --pairs

Each situation is a trained network, an archive of it, data, and one fault of a known kind and a
random size, or none. What a fault costs is measured by the task of the network, so that silence
about a fault without any cost is right. A pair is two faults at once, of which each is measured
alone as well; the first cause has to be one that costs much.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.judgement import tables
from benchmarks.judgement.drawing import Drawn, drawn
from benchmarks.judgement.families import FAMILIES
from benchmarks.judgement.pairs import Pair, drawn_pair
from benchmarks.judgement.running import judged, judged_pair, shown
from benchmarks.judgement.scoring import Outcome
from utils.backends import embedded
from utils.backends.tensorflow_runtime import limit_threads
from utils.tool import ROOT

NETWORKS = ROOT / "build" / "judgement"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.judgement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--situations", type=int, default=60, metavar="N", help="how many (default %(default)s)")
    add("--seed", type=int, default=1, help="of the situations (default %(default)s)")
    add("--kinds", nargs="+", default=(), metavar="KIND", help="only kinds that begin so")
    add("--families", nargs="+", default=(), choices=[*FAMILIES], help="only networks of these")
    add("--replay", metavar="ID", help="run one situation, and show what the command shows")
    add("--keep", metavar="DIR", type=Path, help="keep the files of what is replayed there")
    add("--threads", type=int, default=1, help="of TensorFlow (default %(default)s)")
    add("--pairs", action="store_true", help="two faults in each")
    options = parser.parse_args(argv)
    limit_threads(options.threads)
    embedded.prepare_tensorflow()
    if options.replay:
        seed, number = map(int, options.replay.split("-"))
        draw = drawn_pair if options.pairs else drawn
        return _replay(draw(seed, number, NETWORKS), options.keep)
    chosen = partial(drawn, kinds=options.kinds, families=options.families)
    outcomes = []
    for number in range(options.situations):
        one = (drawn_pair if options.pairs else chosen)(options.seed, number, NETWORKS)
        if one is not None:
            outcomes.append(_timed(one))
    sys.stdout.write(tables.all_of(outcomes))
    return 0


def _timed(one: Drawn | Pair) -> Outcome:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outcome = judged_pair(one, folder) if isinstance(one, Pair) else judged(one, folder)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{tables.line_of(outcome)}  ({seconds:.0f} s)\n")
    sys.stdout.flush()
    return outcome


def _replay(one: Drawn | Pair | None, keep: Path | None) -> int:
    assert one is not None
    situation = one.both if isinstance(one, Pair) else one
    with tempfile.TemporaryDirectory() as folder:
        place = keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        sys.stdout.write(shown(situation, place))
    return 0


if __name__ == "__main__":
    sys.exit(main())
