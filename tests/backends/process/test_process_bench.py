"""The bench in another process: the same answers, and what becomes of a run where that ends."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from tests.backends.process.impostors import impostor
from tests.backends.stages.original.steps import parsed_only
from tests.fixtures.original_models import Archive, forked, pixels, written_onnx
from tests.har.archives import small_images, write_small
from utils.backends.bench import LocalBench
from utils.backends.process import process_bench
from utils.backends.process.engine import EngineProcess
from utils.backends.process.process_bench import ProcessBench
from utils.errors import DamagedMemberError, DiagnosticError
from utils.har.model import load_model
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.plain import packed
from utils.jobs.range_trial import RangeRequest
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.left_out import FAILED, INTERRUPTED, SENSITIVITY
from utils.stages import StageRequest

JOB = Job("model.har", "x.npy", 8)
RANGES = RangeRequest({"net/conv1": (0.0, 0.5)})
MEASURING = 'tell(Kind.DOING, Doing("measuring 64 images", 1.0, 2.0)); '
SO_FAR = f"""
from utils.measurements import Measurements
tell(Kind.DOING, Doing("which layers lose most", 1.0, 2.0))
found = Measurements(8, {{}}, left_out={{"{SENSITIVITY}": "{FAILED}"}})
tell(Kind.SO_FAR, Measured(measurements=found))
"""


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[tuple[LocalBench, ProcessBench]]:
    """One of this process and one of another, for the same job."""
    data = tmp_path / "x.npy"
    np.save(data, small_images(samples=12).astype(np.float32))
    settings = Settings(target_db=200.0)  # out of reach, so that single layers are measured
    har = write_small(tmp_path / "model.har")
    job = Job(har, str(data), 9, ~Need.NOTHING, settings, "embedded")
    engine = EngineProcess("embedded")
    with ExitStack() as stack:
        stack.callback(engine.close)
        yield LocalBench(job, load_model(har), None), ProcessBench(engine, job)


def as_document(value: object) -> object:
    document, arrays = packed(value)
    if isinstance(value, Measured):
        document["spent"] = []
    return json.dumps(document), {name: array.tolist() for name, array in arrays.items()}


def test_both_benches_answer_the_same(benches: tuple[LocalBench, ProcessBench]) -> None:
    here, there = benches
    assert there.open_data() == here.open_data()
    measured = there.measure()
    assert as_document(measured) == as_document(here.measure())
    assert measured.spent[0].what == "importing TensorFlow"
    assert as_document(there.try_ranges(RANGES)) == as_document(here.try_ranges(RANGES))


def test_an_archive_that_is_not_quantized_is_held_against_its_original(tmp_path: Path) -> None:
    har = parsed_only(tmp_path, Archive.of(forked()))
    data, original = tmp_path / "x.npy", written_onnx(tmp_path / "model.onnx", forked())
    np.save(data, pixels(8))
    job = Job(har, str(data), 8, backend="embedded", stages=StageRequest((original,)))
    engine = EngineProcess("embedded")
    with ExitStack() as stack:
        stack.callback(engine.close)
        found = ProcessBench(engine, job).measure()
    assert found.failures == ()
    assert found.stages is not None
    assert [(step.later, step.is_equal) for step in found.stages.steps] == [("parsed", True)]


ENDINGS = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", "the memory did not suffice"),
    "aborted": ("os.abort()", "SIGABRT", "a library got no memory, or no thread"),
    "crashed": ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", "a library crashed"),
    "fault": ("os.kill(os.getpid(), signal.SIGBUS)", "SIGBUS", "a file became shorter"),
    "ended": ("os.kill(os.getpid(), signal.SIGTERM)", "SIGTERM", "somebody ended it"),
    "exit": ("os._exit(3)", "ended with status 3", "the debug log has its last words"),
    "memory": ("raise MemoryError", "ended with status 1", "the memory did not suffice"),
    "nonsense": ("answers.write(b'x' * 99); time.sleep(9)", "stopped making sense", "report it"),
}


@pytest.mark.parametrize(("then", "how", "meaning"), ENDINGS.values(), ids=ENDINGS)
def test_the_end_of_the_other_process_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, then: str, how: str, meaning: str
) -> None:
    monkeypatch.setattr("utils.backends.process.engine.ENDING_S", 5.0)
    if how == "stopped making sense":
        monkeypatch.setattr("utils.backends.process.engine.ENDING_S", 0.2)
    with impostor(monkeypatch, MEASURING + then) as engine:
        bench = ProcessBench(engine, JOB)
        found = bench.measure()
        (failure,) = found.failures
        assert how in failure
        assert 'in "measuring 64 images"' in failure
        assert meaning in failure
        assert found.measurements is None
        assert bench.try_ranges(RANGES).failure == failure


def test_what_was_measured_before_the_end_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with impostor(monkeypatch, SO_FAR + "os.kill(os.getpid(), signal.SIGKILL)") as engine:
        found = ProcessBench(engine, JOB).measure()
    (failure,) = found.failures
    assert 'in "which layers lose most"' in failure
    assert "--quick leaves out what ran" in failure
    assert found.measurements is not None
    assert found.measurements.left_out == {SENSITIVITY: FAILED}
    assert not found.is_interrupted


def interrupting(bench: ProcessBench, attribute: str) -> None:
    """Have Ctrl-C come as soon as an attribute of the bench changes."""
    main, before = threading.main_thread().ident or 0, getattr(bench, attribute)

    def wait() -> None:
        while getattr(bench, attribute) == before:
            time.sleep(0.01)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def test_an_interruption_before_anything_was_measured_ends_both_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with impostor(monkeypatch, MEASURING + "time.sleep(60)") as engine:
        bench = ProcessBench(engine, JOB)
        interrupting(bench, "_phase")
        start = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            bench.measure()
        assert time.monotonic() - start < 30
        assert engine.has_ended


def test_an_interruption_waits_for_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    then = "read_message(requests); tell(Kind.ANSWER, Measured(backend='both'))"
    with impostor(monkeypatch, SO_FAR + then) as engine:
        bench = ProcessBench(engine, JOB)
        interrupting(bench, "_so_far")
        assert bench.measure().backend == "both"


def test_who_does_not_answer_an_interruption_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_bench, "GRACE_S", 0.2)
    with impostor(monkeypatch, SO_FAR + "time.sleep(60)") as engine:
        bench = ProcessBench(engine, JOB)
        interrupting(bench, "_so_far")
        found = bench.measure()
        assert engine.has_ended
    assert found.is_interrupted
    assert found.measurements is not None
    assert found.measurements.left_out == {SENSITIVITY: INTERRUPTED}
    assert bench.try_ranges(RANGES).left_out == INTERRUPTED


def test_refusals_keep_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    then = 'tell(Kind.REFUSED, Refused("DamagedMemberError", "a.har is damaged"))'
    with impostor(monkeypatch, then) as engine, pytest.raises(DamagedMemberError, match=r"a\.har"):
        ProcessBench(engine, JOB).measure()
    then = 'tell(Kind.REFUSED, Refused("", "it failed", "Traceback"))'
    with impostor(monkeypatch, then) as engine, pytest.raises(DiagnosticError) as raised:
        ProcessBench(engine, JOB).open_data()
    assert str(raised.value).startswith('running the networks failed in "Loading TensorFlow')
    assert str(raised.value).endswith(": it failed")
