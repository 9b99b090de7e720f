"""The noise of the stand-in: it is there, where it is said to be, and ends with the stand-in."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.har.archives import small_images
from tests.sdk_standin import chatter
from tests.sdk_standin.archives import small_archive
from tests.sdk_standin.installation import FLAVOURS, environment, installed
from tests.sdk_standin.public_calls import captured, sdk

BATCH = {"net/input_layer1": small_images(seed=9, samples=2).astype(np.float32)}
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:stand-in noise")]
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)
ALL = set(chatter.LOG_FILES)


@pytest.mark.parametrize(
    ("variables", "here", "there"),
    [
        ({}, ALL, set()),
        ({"HAILO_CLIENT_LOGS_ENABLED": "false"}, ALL - {"hailo_sdk.client.log"}, set()),
        ({"HAILORT_LOGGER_PATH": "logs"}, ALL - {"hailort.log"}, {"hailort.log"}),
        (
            {"HAILO_SDK_LOG_DIR": "logs", "HAILORT_LOGGER_PATH": "logs"},
            {"acceleras.log"},
            ALL - {"acceleras.log"},
        ),
    ],
)
def test_log_files_go_where_the_environment_says_all_but_one(
    variables: dict[str, str],
    here: set[str],
    there: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = small_archive("3.33", tmp_path)
    (tmp_path / "work" / "logs").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with installed("3.33"):
        captured(path, "SDK_FP_OPTIMIZED", BATCH)
    assert {found.name for found in Path().glob("*.log")} == here
    assert {found.name for found in Path("logs").iterdir()} == there


def test_some_files_go_to_where_the_process_is_at_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small_archive("3.33", tmp_path)
    (tmp_path / "later").mkdir()
    with installed("3.33"):
        sdk()
        monkeypatch.chdir(tmp_path / "later")
        captured(path, "SDK_FP_OPTIMIZED", BATCH)
    assert {found.name for found in Path().iterdir()} == {
        "acceleras.log",
        "allocator.log",
        "hailort.log",
    }


@every_flavour
def test_both_streams_are_written_to_from_python_and_beneath(
    flavour: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = small_archive(flavour, tmp_path)
    with installed(flavour):
        sdk()
        imported = capfd.readouterr()
        captured(path, "SDK_QUANTIZED", BATCH)
        used = capfd.readouterr()
        runner = sdk().ClientRunner(har=path)
        with runner.infer_context(sdk().InferenceContext.SDK_QUANTIZED) as context:
            runner.infer(context, BATCH)
        inferred = capfd.readouterr()
    assert "[HailoRT]" in imported.out
    assert "[info] " in imported.out
    assert "external/cuda_dnn" in imported.err
    assert "[warning] " in imported.err
    assert "calling the quantized model" in used.out
    assert "cpu_allocator" in used.err
    assert f"{chatter.MARK}: 100%" in inferred.err or f"{chatter.MARK}: 2it" in inferred.err
    assert all(chatter.MARK in text for streams in (imported, used, inferred) for text in streams)


def test_a_stream_may_be_closed(tmp_path: Path) -> None:
    code = "import os, sys; os.close(2); sys.stderr = None; import hailo_sdk_client"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment("3.33"), capture_output=True
    )
    assert run.returncode == 0, run.stdout


@every_flavour
def test_logging_and_warnings_are_as_before(flavour: str) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), list(warnings.filters))
    with installed(flavour):
        sdk()
        assert len(root.handlers) > len(before[1])
        assert list(warnings.filters) != before[2]
        assert logging.getLogger("hailo_sdk.client").handlers
    assert (root.level, root.handlers, list(warnings.filters)) == before
    assert not any(logging.getLogger(name).handlers for name in chatter.LOGGERS)


@pytest.mark.parametrize(
    ("flavour", "wrong", "code", "told"),
    [
        ("3.25", {}, 0, "3.25.0"),
        ("3.33", {}, 0, "3.33.1"),
        ("5.3", {}, 0, "5.3.0"),
        ("3.33", {"import_exits": True}, 1, "not supported"),
    ],
)
def test_a_child_process_gets_it_from_its_environment(
    flavour: str, wrong: dict[str, bool | str], code: int, told: str, tmp_path: Path
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import hailo_sdk_client as sdk; print(sdk.__version__)"],
        cwd=tmp_path,
        env=environment(flavour, **wrong),
        capture_output=True,
        text=True,
    )
    assert run.returncode == code, run.stderr
    assert told in run.stdout + run.stderr
    assert set(os.listdir(tmp_path)) >= {"hailo_sdk.client.log", "acceleras.log"}
