"""Where TensorFlow runs, with GPUs that are only said to be there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.har.archives import small_images, write_small
from utils.backends import tensorflow_runtime
from utils.backends.bench import LocalBench
from utils.backends.tensorflow_runtime import choose_device, prepare_tensorflow
from utils.dataset.calibration_set import Batch
from utils.dataset.sample_digester import SampleDigester
from utils.emulator.floats.engine import FloatEmulator, LayerTensors
from utils.errors import DiagnosticError
from utils.har.model import load_model
from utils.har.network import Layer
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.range_trial import RangeRequest
from utils.measurements import Need
from utils.measurements.device_names import AUTO, CPU, GPU
from utils.terminal.logger import LOGGER

RANGE = RangeRequest({"net/conv1": (0.0, 0.5)})
NEED = Need.NOISE | Need.SENSITIVITY | Need.SAMPLE_DIGESTS
FULL = "OOM when allocating tensor on /device:GPU:0 by allocator GPU_0_bfc"


class Devices:
    """TensorFlow's devices: how many GPUs it sees, and what it is told about them."""

    def __init__(self, gpus: int) -> None:
        self.seen = [f"GPU:{index}" for index in range(gpus)]
        self.visible = self.seen
        self.growing: list[str] = []

    def listed(self, kind: str) -> list[str]:
        return self.seen if kind == "GPU" else ["CPU:0"]

    def usable(self, kind: str) -> list[str]:
        return self.visible if kind == "GPU" else ["CPU:0"]

    def show(self, devices: list[str], kind: str) -> None:
        assert kind == "GPU"
        self.visible = devices

    def grow(self, device: str, enable: bool) -> None:
        assert enable
        self.growing.append(device)


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Devices]]:
    def seen(gpus: int) -> Devices:
        devices = Devices(gpus)
        monkeypatch.setattr(tf.config, "list_physical_devices", devices.listed)
        monkeypatch.setattr(tf.config, "get_visible_devices", devices.usable)
        monkeypatch.setattr(tf.config, "set_visible_devices", devices.show)
        monkeypatch.setattr(tf.config.experimental, "set_memory_growth", devices.grow)
        for name in ("set_intra_op_parallelism_threads", "set_inter_op_parallelism_threads"):
            monkeypatch.setattr(tf.config.threading, name, lambda count: None)
        return devices

    yield seen
    choose_device(AUTO)


# What TensorFlow is told.


@pytest.mark.parametrize("device", [AUTO, GPU])
@pytest.mark.parametrize("gpus", [1, 2])
def test_gpus_take_memory_as_they_need_it(
    device: str, gpus: int, see: Callable[[int], Devices]
) -> None:
    devices = see(gpus)
    choose_device(device)
    prepare_tensorflow()
    assert devices.growing == devices.visible == devices.seen
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


def test_the_cpu_alone_sees_no_gpu(see: Callable[[int], Devices]) -> None:
    devices = see(2)
    choose_device(CPU)
    prepare_tensorflow()
    assert (devices.visible, devices.growing) == ([], [])


def test_a_gpu_that_is_asked_for_has_to_be_there(see: Callable[[int], Devices]) -> None:
    see(0)
    choose_device(GPU)
    with pytest.raises(DiagnosticError, match="TensorFlow sees no GPU, and --device gpu"):
        prepare_tensorflow()
    choose_device(AUTO)
    prepare_tensorflow()


# What happens where the memory does not suffice.


def bench_on(device: str, folder: Path) -> LocalBench:
    har, data = write_small(folder / "model.har"), str(folder / "x.npy")
    np.save(data, small_images(samples=20).astype(np.float32))
    return LocalBench(Job(har, data, 12, NEED, device=device), load_model(har), None)


def exhausted(
    monkeypatch: pytest.MonkeyPatch,
    error: type[tf.errors.OpError] = tf.errors.ResourceExhaustedError,
    message: str = FULL,
    is_cpu_full: bool = False,
) -> list[bool]:
    """The last layer finds no memory on the GPU; returns of every attempt if it is on the CPU."""
    evaluated, scope = FloatEmulator.evaluated, tensorflow_runtime.on_cpu
    attempts: list[bool] = []
    is_on_cpu = False

    @contextmanager
    def watched() -> Iterator[None]:
        nonlocal is_on_cpu
        is_on_cpu = True
        with scope():
            yield
        is_on_cpu = False

    def full(engine: FloatEmulator, layer: Layer, *arguments: Any) -> LayerTensors:
        if layer.name == "net/fc2":
            attempts.append(is_on_cpu)
            if is_cpu_full or not is_on_cpu:
                raise error(None, None, message)
        return evaluated(engine, layer, *arguments)

    monkeypatch.setattr("utils.backends.placement.on_cpu", watched)
    monkeypatch.setattr(FloatEmulator, "evaluated", full)
    return attempts


def snr(found: Measured) -> float:
    assert found.measurements is not None
    assert found.measurements.noise is not None
    return found.measurements.noise.layers["net/fc2"].output.snr_db


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (tf.errors.ResourceExhaustedError, FULL),
        (tf.errors.InternalError, "Dst tensor is not initialized."),
        (tf.errors.InternalError, "CUDNN_STATUS_ALLOC_FAILED"),
        (tf.errors.UnknownError, "CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    ],
)
def test_everything_is_measured_again_on_the_cpu(
    error: type[tf.errors.OpError],
    message: str,
    tmp_path: Path,
    see: Callable[[int], Devices],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    expected = bench_on(CPU, tmp_path).measure()
    see(1)
    attempts = exhausted(monkeypatch, error, message)
    looked_at: list[int] = []
    add = SampleDigester.add

    def counted(digester: SampleDigester, batch: Batch) -> None:
        looked_at.append(len(next(iter(batch.values()))))
        add(digester, batch)

    monkeypatch.setattr(SampleDigester, "add", counted)
    bench = bench_on(AUTO, tmp_path)
    with caplog.at_level(logging.WARNING):
        found = bench.measure()
    assert not found.has_failed
    assert snr(found) == pytest.approx(snr(expected), abs=1e-3)
    assert sum(looked_at) == 20  # each once
    assert attempts[:2] == [False, True]
    assert all(attempts[1:])
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    (told,) = [each.getMessage() for each in warnings if each.name == LOGGER.name]
    assert "Everything is measured again on the CPU" in told
    measured = len(attempts)
    assert bench.try_ranges(RANGE).failure == ""
    assert len(attempts) > measured
    assert all(attempts[measured:])


def test_nothing_else_runs_where_the_gpu_was_asked_for(
    tmp_path: Path, see: Callable[[int], Devices], monkeypatch: pytest.MonkeyPatch
) -> None:
    see(1)
    attempts = exhausted(monkeypatch)
    (failure,) = bench_on(GPU, tmp_path).measure().failures
    assert failure.startswith("on the GPU the memory does not suffice for 12 samples at once")
    assert len(attempts) == 1


def test_where_the_cpu_has_too_little_memory_as_well_that_is_told(
    tmp_path: Path, see: Callable[[int], Devices], monkeypatch: pytest.MonkeyPatch
) -> None:
    see(1)
    attempts = exhausted(monkeypatch, is_cpu_full=True)
    (failure,) = bench_on(AUTO, tmp_path).measure().failures
    assert failure == "the memory does not suffice for 12 samples at once; try --batch-size 1"
    assert len(attempts) == 2


def test_other_failures_are_no_matter_of_memory(
    tmp_path: Path, see: Callable[[int], Devices], monkeypatch: pytest.MonkeyPatch
) -> None:
    see(1)
    attempts = exhausted(monkeypatch, tf.errors.UnimplementedError, "no such kernel")
    (failure,) = bench_on(AUTO, tmp_path).measure().failures
    assert failure.startswith("TensorFlow failed to run the network (no such kernel)")
    assert len(attempts) == 1


@pytest.mark.parametrize(
    ("number", "begin"),
    [
        (1, "the memory does not suffice for 12 samples"),
        (3, "TensorFlow failed to run the network"),
    ],
)
def test_a_primitive_that_is_not_made_for_want_of_memory_is_told_so(
    number: int,
    begin: str,
    tmp_path: Path,
    see: Callable[[int], Devices],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1 is oneDNN's number for memory that ran out, 3 that for what it does not implement."""
    see(0)
    said = f"received an exception:Status: {number}, message: could not create a primitive"
    exhausted(monkeypatch, tf.errors.AbortedError, f"{{{{node x}}}} Operation {said}")
    (failure,) = bench_on(AUTO, tmp_path).measure().failures
    assert failure.startswith(begin)
    assert "{{" not in failure


def test_without_a_gpu_nothing_runs_again(
    tmp_path: Path, see: Callable[[int], Devices], monkeypatch: pytest.MonkeyPatch
) -> None:
    see(0)
    attempts = exhausted(monkeypatch)
    (failure,) = bench_on(AUTO, tmp_path).measure().failures
    assert failure.startswith("the memory does not suffice")
    assert len(attempts) == 1


def test_a_trial_that_finds_no_memory_leaves_the_measurements(
    tmp_path: Path, see: Callable[[int], Devices], monkeypatch: pytest.MonkeyPatch
) -> None:
    see(1)
    bench = bench_on(AUTO, tmp_path)
    assert not bench.measure().has_failed
    exhausted(monkeypatch)
    found = bench.try_ranges(RANGE)
    assert (found.trials, found.failure[:30]) == ({}, "the memory does not suffice fo")
