"""A fleet on one worker, on two, and one archive after the other; and on more than there are.

    python -m benchmarks.fleet

Twelve archives of mixed size are diagnosed by `fleet` with one worker of one core, with two, and
by the command for a single archive, one after the other, with both cores. Then so many small
archives go through one worker: what each of them takes is mostly overhead, and the memory of the
worker is watched. At last 200 archives with 1,024 images each are replayed on 4, 16 and 64 workers
over the times that the tasks of the first fleet took; what a task takes for more images follows
from a second run with half of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import print_figures, write_figures
from benchmarks.fleet_simulation import replayed
from benchmarks.fleet_tasks import measured_fleet, scaled
from benchmarks.machine import disturbance, machine
from benchmarks.own_process import ROOT, in_own_process, run_interpreter
from docs.marked_blocks import with_block

# Networks, the side of their images, and how many archives of each there are.
MIXED = (("mobilenet_v2", 160, 4), ("resnet18", 224, 4), ("yolov8n", 256, 2), ("resnet50", 160, 2))
SMALL = (("resnet18", 32, 2), ("mobilenet_v2", 32, 1))
IMAGES, SMALL_IMAGES = 128, 4
OVERHEAD_NETWORK, OVERHEAD_SIDE = "resnet18", 32
REPLAYED_ARCHIVES, REPLAYED_IMAGES, WORKERS = 200, 1024, (1, 4, 16, 64)
HANDING_OUT = 0.001  # seconds that Dask's scheduler takes for a task, by its own documentation
WATCHED_SECONDS = 0.2
TAR_BLOCK = 512  # zeros behind the end of an archive mean nothing
MEMORY_RATIO = "memory, all / the first few"


@dataclass(frozen=True)
class Watched:
    """A run of ``fleet``.

    Parameters
    ----------
    seconds : from start to end.
    memory : MiB of its largest worker, the most so far, when each archive was through.
    """

    seconds: float
    memory: tuple[float, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fleet",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    parts = ("compared", "overhead", "simulated")
    add("--only", choices=parts, action="append", help="run this part alone")
    add("--small", action="store_true", help="see in minutes that everything runs")
    add("--images", type=int, help=f"of each archive (default {IMAGES})")
    add("--archives", type=int, default=20, help="of the overhead (default %(default)s)")
    add("--json", metavar="PATH", help="write the figures there, too")
    add("--markdown", metavar="PATH", type=Path, help="write the block of this page anew")
    options = parser.parse_args(argv)
    mixed, images = (SMALL, SMALL_IMAGES) if options.small else (MIXED, IMAGES)
    images = options.images or images
    wanted = options.only or parts
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "compared" in wanted or "simulated" in wanted:
            plan = in_own_process(prepare_mixed, folder / "mixed", mixed, images)
        if "compared" in wanted:
            figures |= compared(plan, folder)
        if "overhead" in wanted:
            figures |= overhead(folder / "small", options.archives)
        if "simulated" in wanted:
            figures |= simulated(plan, folder, images)
    print_figures(figures)
    write_figures(figures, options.json)
    if options.markdown:
        table = f"{machine()}; {disturbance()}\n\n{goals(figures, options.archives)}"
        page = with_block(options.markdown.read_text("utf-8"), "fleet", table)
        options.markdown.write_text(page, encoding="utf-8")
    return 0


def goals(figures: Mapping[str, float], archives: int) -> str:
    """What was asked, and what was measured, as a Markdown table."""
    rows = [
        ("one worker of one core / two of one core", "at least 1.7", "one worker / two workers"),
        ("single runs with both cores / two workers", "at least 1", "single runs / two workers"),
        (
            "seconds of a small archive, all of it, beside the first ones",
            "at most 3",
            f"each of {archives} small archives, whole [s]",
        ),
        (f"memory of a worker, {archives} archives / the first few", "at most 1.1", MEMORY_RATIO),
        *(
            (f"efficiency of {n} workers, replayed", "", f"efficiency of {n} workers")
            for n in WORKERS[1:]
        ),
    ]
    lines = ["| figure | goal | measured |", "| --- | --- | --- |"]
    known = [row for row in rows if row[2] in figures]
    return "\n".join([*lines, *(f"| {a} | {b} | {figures[c]:.2f} |" for a, b, c in known)])


def prepare_mixed(folder: Path, mixed: Sequence[tuple[str, int, int]], images: int) -> Path:
    """Write archives and their images; returns the plan."""
    from benchmarks.entrants import ARCHIVE, DATA, prepare

    lines = ["archives:"]
    for network, side, count in mixed:
        (folder / network).mkdir(parents=True)
        prepare(network, side, images, folder / network)
        for index in range(count):
            name = f"{network}-{index}"
            # Of archives that are the same, byte by byte, one would be measured.
            same = (folder / network / ARCHIVE).read_bytes()
            (folder / f"{name}.har").write_bytes(same + bytes(TAR_BLOCK * index))
            lines += [f"  - archive: {name}.har", f"    data: {network}/{DATA}"]
    plan = folder / "fleet.yaml"
    options = f'options: {{"*": {{data-count: {images}}}}}'
    plan.write_text("\n".join([*lines, options, ""]))
    return plan


def compared(plan: Path, folder: Path) -> dict[str, float]:
    """One worker, two workers, and single runs."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    one = run_fleet(plan, folder / "one", 1, cores[:1]).seconds
    two = run_fleet(plan, folder / "two", 2, cores).seconds
    single = single_runs(plan, folder / "single")
    return {
        "one worker of one core [s]": one,
        "two workers of one core [s]": two,
        "single runs with two cores [s]": single,
        "one worker / two workers": one / two,
        "single runs / two workers": single / two,
    }


def overhead(folder: Path, archives: int) -> dict[str, float]:
    """Small archives through one worker: seconds for each, and memory."""
    side = ((OVERHEAD_NETWORK, OVERHEAD_SIDE, archives),)
    plan = in_own_process(prepare_mixed, folder, side, SMALL_IMAGES)
    cores = sorted(os.sched_getaffinity(0))[:1]
    found = run_fleet(plan, folder / "results", 1, cores)
    few = max(archives // 5, 1)
    seconds = _between(folder / "results", few)
    return {
        f"each of {archives} small archives, whole [s]": seconds,
        f"memory after {few} archives [MiB]": found.memory[few - 1],
        f"memory after {archives} archives [MiB]": found.memory[-1],
        MEMORY_RATIO: found.memory[-1] / found.memory[few - 1],
    }


def _between(results: Path, first: int) -> float:
    """Seconds an archive, of those behind the first few."""
    moments = sorted(path.stat().st_mtime for path in results.glob("archives/*/row.json"))
    return (moments[-1] - moments[first - 1]) / max(len(moments) - first, 1)


def simulated(plan: Path, folder: Path, images: int) -> dict[str, float]:
    """Many archives with many images on many workers."""
    halves = in_own_process(measured_fleet, plan, folder / "half", max(images // 2, 1))
    whole = in_own_process(measured_fleet, plan, folder / "whole", images)
    pairs = zip(halves, whole, strict=True)
    kinds = [scaled(half, full, REPLAYED_IMAGES) for half, full in pairs]
    fleet = [kinds[index % len(kinds)] for index in range(REPLAYED_ARCHIVES)]
    fleet = [each.named(f"{each.name}-{index}") for index, each in enumerate(fleet)]
    runs = {workers: replayed(fleet, workers, HANDING_OUT) for workers in WORKERS}
    alone = runs[1].seconds
    longest = max(fleet, key=lambda each: each.serial)
    sys.stdout.write(
        f"largest serial part: {longest.serial:.0f} s of {longest.name}, of it judging "
        f"{longest.judge:.0f} s\n"
    )
    return {
        **{f"{n} workers, {REPLAYED_ARCHIVES} archives [s]": r.seconds for n, r in runs.items()},
        **{f"efficiency of {n} workers": alone / (n * r.seconds) for n, r in runs.items()},
        "largest serial part of an archive [s]": longest.serial,
        "of it judging [s]": longest.judge,
    }


def run_fleet(plan: Path, results: Path, workers: int, cores: Sequence[int]) -> Watched:
    """Run ``fleet`` in a process of its own on so many cores.

    Raises
    ------
    RuntimeError : it did not end well.
    """
    started = time.perf_counter()
    command = ["main.py", "fleet", f"{plan}", f"--results={results}", f"--workers={workers}"]
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, set(cores)),
    )
    memory: list[float] = []
    most = 0.0
    while child.poll() is None:
        most = max(most, _largest_worker(child.pid))
        through = len(list(results.glob("archives/*/row.json")))
        memory += [most] * (through - len(memory))
        time.sleep(WATCHED_SECONDS)
    if child.returncode:
        raise RuntimeError(f"{command} ended with {child.returncode}")
    through = len(list(results.glob("archives/*/row.json")))
    memory += [most] * (through - len(memory))
    return Watched(time.perf_counter() - started, tuple(memory))


def _largest_worker(pid: int) -> float:
    """MiB of the largest process below another."""
    import psutil

    found = [0.0]
    with suppress(psutil.Error):  # one of them ended just now
        below = psutil.Process(pid).children(recursive=True)
        found += [process.memory_info().rss / 2**20 for process in below]
    return max(found)


def single_runs(plan: Path, folder: Path) -> float:
    """Seconds of the command for every archive of a plan, one after the other, with its reports."""
    from utils.fleet.plan import read_plan

    folder.mkdir()
    total = 0.0
    for case in read_plan(str(plan)).cases:
        kinds = ("json", "html", "junit", "sarif")
        files = [f"--{kind}={folder / case.name}.{kind}" for kind in kinds]
        log = f"--log-path={folder / case.name}.log"
        argv = [case.archive, "-d", case.data, *case.arguments, "--no-interactive", log, *files]
        total += run_interpreter("main.py", "--backend=embedded", *argv)[1]
    return total


if __name__ == "__main__":
    sys.exit(main())
