"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.built_once import built_once
from tests.house.dear_tests import left_for_the_night
from tests.house.fuzzing import BY_DAY, BY_NIGHT
from tests.house.long_files import longest_first
from tests.house.versions import is_of_another_version

LEFT_OUT = pytest.StashKey[int]()

# Other processes may slow a test down at any time, so that no example has a deadline. Of geometries
# drawn at random most do not fit, which costs less than drawing such as do.
for name, examples in (("by day", BY_DAY), ("nightly", BY_NIGHT)):
    settings.register_profile(
        name,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
settings.load_profile("by day")


@pytest.fixture(autouse=True)
def plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the terminal or the CI service changes what a test sees."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both archives of the demo and their calibration sets, which is read only."""
    from examples import build_demo  # which imports TensorFlow

    return built_once(tmp_path_factory, "demo", lambda folder: build_demo.main([str(folder)]))


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Paths of the archive of a sound network and its calibration set, which are read only."""
    from tests.fixtures.noise_archives import write_archive  # which imports TensorFlow

    folder = built_once(tmp_path_factory, "sound", write_archive)
    return str(folder / "model.har"), str(folder / "images.npy")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests, too")


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker its share of the processors, and let Ctrl-C end what tests start."""
    limit_to_share()
    # A shell that starts us in the background has Ctrl-C ignored, by what tests start as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def limit_to_share() -> None:
    """Leave the other processors to the other workers: threads of TensorFlow are as many."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker and hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        workers = min(int(os.environ["PYTEST_XDIST_WORKER_COUNT"]), len(mine))
        os.sched_setaffinity(0, mine[int(worker) % workers :: workers])


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage among the 700,000 objects that are collected, neither then nor later.

    They stay to the end, and to look through them took 3 s of each process.
    """
    gc.disable()
    yield
    gc.enable()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow, unless somebody asks for it by ``--slow`` or by ``-m``."""
    items[:] = longest_first(items)
    for item in (*filter(is_of_another_version, items), *left_for_the_night(items)):
        item.add_marker(pytest.mark.slow)
    slow = [item for item in items if item.get_closest_marker("slow")]
    if not slow or config.getoption("slow") or config.getoption("markexpr"):
        return
    config.stash[LEFT_OUT] = len(slow)
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item.get_closest_marker("slow") is None]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the process that shows the summary."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects all tests, so each of them tells the same number."""
    output: dict[str, Any] = getattr(node, "workeroutput", {})
    node.config.stash[LEFT_OUT] = output.get("left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.config.stash.get(LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(f"{left_out} slow tests left out: make test-all")
