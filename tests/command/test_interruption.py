"""Ctrl-C at a running process: what was measured before is kept, and said to be not whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import random_images, write_archive
from benchmarks.deep_network import build_deep_network
from tests.fixtures.schemas import validate
from tests.har.samples import ROOT
from utils.measurements.left_out import INTERRUPTED

LOG = ".run_debug.log"
SECONDS = 240  # a failure must not hang the tests
MEASURED = "[DEBUG] measuring 256 samples took"


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An archive whose layers take seconds to be searched exactly, and its data."""
    folder: Path = tmp_path_factory.mktemp("deep")
    net = build_deep_network(30)
    data, har = folder / "images.npy", folder / "deep.har"
    images = random_images(net, 256, seed=1)
    np.save(data, images)
    write_archive(net, har, images[:4])
    return str(har), str(data)


@contextmanager
def running(folder: Path, *argv: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), *argv, "--log-path", str(folder / "run.log")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A shell that started the tests in the background has them ignore this signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(folder: Path, text: str) -> None:
    """Until the debug log says something."""
    log, end = folder / LOG, time.monotonic() + SECONDS
    while not (log.exists() and text in log.read_text("utf-8")):
        assert time.monotonic() < end, f"the debug log never said: {text}"
        time.sleep(0.01)


@pytest.mark.slow
def test_behind_the_data_pass_reports_are_written_all_the_same(
    deep: tuple[str, str], tmp_path: Path
) -> None:
    har, data = deep
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    argv = (har, "-d", data, "-c", "256", "--exact-sensitivity", "--no-interactive")
    with running(tmp_path, *argv, "--json", str(report), "--html", str(page)) as process:
        wait_for(tmp_path, MEASURED)
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 130, shown
    assert "Traceback" not in shown
    assert "Not searched: which layers lose most" in shown
    assert "Incomplete: interrupted by Ctrl-C" in shown
    assert "interrupted by Ctrl-C" in page.read_text("utf-8")
    found = json.loads(report.read_text("utf-8"))
    validate(found)
    assert found["left_out"]["sensitivity"] == INTERRUPTED
    assert found["left_out"]["plan"] == INTERRUPTED
    assert found["plan"] is None
    assert any("interrupted" in failure for failure in found["failures"])
    assert all("snr_db" in output for output in found["outputs"].values())


def test_before_the_data_are_measured_nothing_is_reported(
    deep: tuple[str, str], tmp_path: Path
) -> None:
    har, data = deep
    report = tmp_path / "report.json"
    with running(tmp_path, har, "-d", data, "--no-interactive", "--json", str(report)) as process:
        wait_for(tmp_path, "[DEBUG] reading the archive took")
        process.send_signal(signal.SIGINT)
        shown = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 130, shown
    assert "Traceback" not in shown
    assert "Interrupted: the diagnosis is incomplete" in shown
    assert not report.exists()
