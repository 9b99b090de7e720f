"""Files changed at random, as long as there is time for: some seconds, by night minutes."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import pytest

import main as command_line
from inspectors.weights import WeightsInspector
from tests.mutations import running
from tests.mutations.cases import Case
from tests.mutations.judging import fault_of
from tests.mutations.originals import NAMES, original
from tests.mutations.running import Hang, command
from tests.mutations.search import Found, search
from tests.mutations.situations import SITUATIONS

SEED = 7
FAST_SECONDS = 1
SLOW_SECONDS = 300  # by night


def searched(seed: int, seconds: float) -> Found:
    told: list[str] = []
    found = search(seed, seconds, tell=told.append)
    assert not told, "\n\n".join(told)
    return found


def test_for_some_seconds() -> None:
    found = searched(SEED, FAST_SECONDS)
    assert found.played.total() > 0


@pytest.mark.slow
def test_for_some_minutes() -> None:
    # Other cases every night; the seed is part of what a fault is told with.
    found = searched(int(time.time()) // 86_400, SLOW_SECONDS)
    assert set(found.played) == set(SITUATIONS)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parsed"])
def test_intact_files_make_no_fault(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.har").write_bytes(original(name).archive)
    ended = command("model.har")
    assert ended.status == 0
    assert fault_of(ended, {"model.har": original(name).archive}) is None


def test_a_case_is_a_function_of_its_name() -> None:
    case = Case(SEED, 12)
    assert Case.named(case.name) == case
    assert Case.named("7-12-0.2") == Case(SEED, 12, (0, 2))
    first, again = case.play(), Case.named(case.name).play()
    assert (first.told, first.argv) == (again.told, again.argv)


@pytest.mark.parametrize("name", ["", "7", "7-", "7-1-", "x-1"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no case"):
        Case.named(name)


class TestFaultsAreSeen:
    @pytest.fixture(autouse=True)
    def intact(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("model.har").write_bytes(original("small").archive)

    def kind(self) -> str:
        fault = fault_of(command("model.har"), {"model.har": original("small").archive})
        return fault.kind if fault else ""

    def test_a_crashed_inspector(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.kind() == ""

        def failing(*_: object) -> str:
            raise KeyError("absent")

        monkeypatch.setattr(WeightsInspector, "should_skip", failing)
        assert self.kind().startswith("KeyError at inspectors/__init__.py:run")

    def test_what_leaves_the_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_: object) -> int:
            raise SystemError("out of it")

        monkeypatch.setattr(command_line, "main", failing)
        assert self.kind() == "the status is None"

    def test_another_status(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(command_line, "main", lambda _: 3)
        assert self.kind() == "the status is N"

    def test_a_hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "HANG_SECONDS", 0.5)

        def hanging(*_: object) -> int:
            while True:
                pass

        monkeypatch.setattr(command_line, "main", hanging)
        ended = command("model.har")
        assert ended.status is None
        assert Hang.__name__ in ended.traces[0]

    def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def greedy(*_: object) -> int:
            bytearray(2 * running.MEMORY_BYTES)
            return 0

        monkeypatch.setattr(command_line, "main", greedy)
        assert "MemoryError" in command("model.har").traces[0]

    def test_a_warning(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def warning(*_: object) -> int:
            warnings.warn("invalid value", RuntimeWarning, stacklevel=1)
            return 0

        monkeypatch.setattr(command_line, "main", warning)
        assert "RuntimeWarning: invalid value" in self.kind()

    def test_a_changed_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def writing(*_: object) -> int:
            Path("model.har").write_bytes(b"")
            return 0

        monkeypatch.setattr(command_line, "main", writing)
        assert self.kind() == "model.har was changed"

    def test_a_report_that_is_no_json(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def reporting(*_: object) -> int:
            Path("report.json").write_text('{"snr": NaN}')
            return 0

        monkeypatch.setattr(command_line, "main", reporting)
        assert "NaN is no number of JSON" in self.kind()
