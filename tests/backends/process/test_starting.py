"""Which runs have a process of their own for the networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.har.archives import write_small
from utils.backends.process import starting
from utils.backends.process.starting import IN_PROCESS, engine_for, started_early
from utils.jobs.backend_names import EMBEDDED
from utils.options.options import parse_options


class Started:
    """A process that is none."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.is_killed = False

    def kill(self) -> None:
        self.is_killed = True


@pytest.fixture
def har(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(starting, "EngineProcess", Started)
    return write_small(tmp_path / "model.har")


def started(*argv: str, **environ: str) -> bool:
    return engine_for(parse_options([*argv], {}), None, environ) is not None


def test_only_where_something_is_to_be_run(har: str) -> None:
    assert not started(har)
    assert not started("absent.har", "-d", "x.npy")
    assert started(har, "-d", "x.npy")


def test_the_user_may_say_no(har: str) -> None:
    assert started(har, "-d", "x.npy", **{IN_PROCESS: ""})
    assert not started(har, "-d", "x.npy", **{IN_PROCESS: "1"})


def test_without_another_process_this_one_does_the_work(
    har: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(backend: str) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(starting, "EngineProcess", refusing)
    assert not started(har, "-d", "x.npy")


@pytest.mark.parametrize(
    "data", [["-d", "x.npy"], ["-dx.npy"], ["--dataset", "x"], ["--dataset=x"]]
)
def test_where_data_are_named_it_starts_before_the_options_are_understood(
    har: str, data: list[str]
) -> None:
    early = started_early([*data, har], {})
    assert isinstance(early, Started)
    assert early.backend == EMBEDDED
    assert engine_for(parse_options([*data, har], {}), early, {}) is early
    assert not early.is_killed


@pytest.mark.parametrize(
    "argv", [["model.har"], ["-d", "x.npy", "--help"], ["-h", "-d"], ["fleet", "--data", "x.npy"]]
)
def test_where_none_are_named_or_help_is_asked_for_it_does_not(har: str, argv: list[str]) -> None:
    assert started_early(argv, {}) is None


def test_nor_where_the_user_says_no_or_the_options_may_ask_for_the_sdk(
    har: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert started_early(["-d", "x.npy", har], {IN_PROCESS: "1"}) is None
    monkeypatch.setattr(starting, "is_installed", lambda: True)
    assert started_early(["-d", "x.npy", har], {}) is None


def test_one_that_has_nothing_to_do_is_ended(har: str) -> None:
    early = started_early(["-d", "x.npy", "absent.har"], {})
    assert isinstance(early, Started)
    assert engine_for(parse_options(["-d", "x.npy", "absent.har"], {}), early, {}) is None
    assert early.is_killed
