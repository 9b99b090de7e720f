"""What the SDK prints, logs, drops and changes is kept from the user."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest

from utils.backends.sdk.containment import MAX_OUTPUT, Containment
from utils.terminal.logger import logging_to


@pytest.fixture(autouse=True)
def same_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HAILO_CLIENT_LOGS_ENABLED", "HAILO_SDK_LOG_DIR", "HAILORT_LOGGER_PATH"):
        monkeypatch.setenv(name, "before")  # so that it is put back
        monkeypatch.delenv(name)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@contextmanager
def contained() -> Iterator[Containment]:
    containment = Containment()
    try:
        yield containment
    finally:
        containment.close()


def in_child(code: str, folder: Path, redirected: str = "") -> subprocess.CompletedProcess[str]:
    """Run a block with a containment in a process of its own."""
    text = (
        "import os, sys, logging\n"
        "from utils.backends.sdk.containment import Containment\n"
        "box = Containment()\n"
        f"{code}\n"
        "print('after', flush=True)\n"
        "box.close()\n"
    )
    root = Path(__file__).resolve().parents[3]
    command = f'"{sys.executable}" -c "$CODE" {redirected}'
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), "CODE": text},
        input="typed by the user\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


NOISE = """
with box.held():
    print('noise by print'); print('noise', file=sys.stderr)
    os.write(1, b'noise beneath'); os.write(2, b'noise beneath')
    os.system('echo noise of a child; echo noise of a child >&2')
    logging.warning('noise in a log')
    try:
        print('noise: it read', input('noise: which licence? '))
    except EOFError:
        print('noise: nothing to read')
"""


def test_nothing_reaches_the_terminal_and_nothing_is_read(tmp_path: Path) -> None:
    run = in_child(f"print('before')\n{NOISE}\nprint(input())", tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n") == ["before", "typed by the user", "after", ""]
    assert run.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed_from_the_start(closed: str, tmp_path: Path) -> None:
    silent = f"print = input = lambda *words, **options: None\n{NOISE}"
    still_open = "[n for n in range(3) if os.path.exists(f'/proc/self/fd/{n}')]"
    code = f"{silent}\nfound = {still_open}\nopen('done', 'w').write(str(found))"
    run = in_child(code, tmp_path, closed)
    assert (tmp_path / "done").exists(), run.stderr
    absent = {"<&-": 0, ">&-": 1, "2>&-": 2}
    still = [number for word, number in absent.items() if word not in closed.split()]
    assert (tmp_path / "done").read_text() == str(still)
    assert "noise" not in run.stdout + run.stderr


def test_it_works_in_a_folder_that_goes_away(tmp_path: Path) -> None:
    before = os.getcwd()
    with contained() as containment:
        with containment.held():
            assert Path.cwd().resolve() == containment.folder.resolve()
            Path("acceleras.log").write_text("x")
            os.chdir("/")
        assert os.getcwd() == before
        assert (containment.folder / "acceleras.log").exists()
        assert os.environ["HAILO_SDK_LOG_DIR"] == str(containment.folder)
    assert not containment.folder.exists()
    assert "HAILO_SDK_LOG_DIR" not in os.environ
    assert "HAILO_CLIENT_LOGS_ENABLED" not in os.environ
    assert os.listdir(tmp_path / "temporary") == []


def test_what_the_user_has_set_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAILO_SDK_LOG_DIR", "/somewhere")
    monkeypatch.setenv("HAILO_CLIENT_LOGS_ENABLED", "true")
    with contained():
        assert os.environ["HAILO_SDK_LOG_DIR"] == "/somewhere"
        assert os.environ["HAILO_CLIENT_LOGS_ENABLED"] == "true"
    assert os.environ["HAILO_SDK_LOG_DIR"] == "/somewhere"


def test_a_working_directory_that_was_deleted(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    run = in_child(f"os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n{NOISE}", tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "after\n"


@pytest.mark.parametrize("error", [RuntimeError, SystemExit, KeyboardInterrupt])
def test_all_is_as_before_however_it_ends(error: type[BaseException]) -> None:
    root = logging.getLogger()
    before = (os.getcwd(), list(root.handlers), root.level, sys.stdout, list(warnings.filters))
    with contained() as containment, pytest.raises(error), containment.held():
        os.chdir("/")
        root.addHandler(logging.NullHandler())
        root.setLevel(1)
        sys.stdout = StringIO()
        warnings.simplefilter("error")
        raise error
    after = (os.getcwd(), list(root.handlers), root.level, sys.stdout, list(warnings.filters))
    assert after == before


@pytest.mark.parametrize(
    "change",
    ["logging.disable(logging.CRITICAL)", "logging.config.dictConfig({'version': 1})"],
    ids=["silenced", "configured"],  # the latter disables every logger that is there
)
def test_our_own_log_goes_on(change: str, tmp_path: Path) -> None:
    # In a process of its own, as configuring closes the handlers of the tests' process as well.
    run = in_child(
        "import logging.config\n"
        "from utils.terminal.logger import LOGGER, logging_to\n"
        "with logging_to('tool.log', False, None):\n"
        "    LOGGER.info('before')\n"
        "    with box.held():\n"
        f"        {change}\n"
        "    LOGGER.info('later')\n",
        tmp_path,
    )
    assert run.returncode == 0, run.stderr
    log = (tmp_path / "tool.log").read_text("utf-8")
    assert [line.split()[-1] for line in log.splitlines()] == ["before", "later"]


def test_what_was_printed_is_in_the_debug_log(tmp_path: Path) -> None:
    log = tmp_path / "tool.log"
    with logging_to(str(log), True, None), contained() as containment:
        for text in (b"the first\n", b"\x1b[31mred\x07 \xff\n"):
            with containment.held():
                os.write(1, text)
    assert "printed" not in log.read_text()
    debug = (tmp_path / ".tool_debug.log").read_text("utf-8")
    assert "The SDK printed:\nthe first\n\\x1b[31mred\\x07 \\xff\n" in debug


def test_of_very_much_the_end_is_kept() -> None:
    with contained() as containment:
        with containment.held():
            os.write(2, b"x" * MAX_OUTPUT + b"the end")
        assert len(containment.printed()) == MAX_OUTPUT
        assert containment.printed().endswith("xthe end")


def test_where_nothing_was_printed_nothing_is_logged(tmp_path: Path) -> None:
    with logging_to(str(tmp_path / "tool.log"), True, None), contained() as containment:
        assert containment.printed() == ""
    assert (tmp_path / ".tool_debug.log").read_text() == ""
