"""Which runs have a process of their own for the networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.har.archives import write_small
from utils.backends.process import starting
from utils.backends.process.starting import IN_PROCESS, engine_for
from utils.options.options import parse_options


class Started:
    """A process that is none."""

    def __init__(self, backend: str) -> None:
        self.backend = backend


@pytest.fixture
def har(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(starting, "EngineProcess", Started)
    return write_small(tmp_path / "model.har")


def started(*argv: str, **environ: str) -> bool:
    return engine_for(parse_options([*argv], {}), environ) is not None


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
