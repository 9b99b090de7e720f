"""Every fault of the stand-in: what comes of it with --backend sdk, auto and both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tests.backends.sdk.runs import INNER, INPUT, NEED, SAMPLES, Case
from tests.sdk_standin.faults import OF_A_LAYER, PLAIN
from tests.sdk_standin.installation import FLAVOURS, installed
from utils.backends import embedded
from utils.backends.choice import run_by_backend
from utils.backends.emulation import DataPassed, Emulated
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import Batch
from utils.dataset.finite import finite_batches
from utils.emulator.measuring.budget import Budget
from utils.errors import SdkError
from utils.measurements import Measurements, Need

THREE, FIVE = ("3.25", "3.33"), ("5.3",)
EVERY = tuple(FLAVOURS)
# What the SDK cannot go on with: the versions that can have it, and words of the sentence.
FATAL: Mapping[str, tuple[tuple[str, ...], str]] = {
    "import_fails": (EVERY, "failed to start: it said: ImportError"),
    "dependency_missing": (EVERY, "No module named 'pygraphviz'"),
    "library_missing": (EVERY, "libcudart.so.11.0"),
    "import_exits": (EVERY, "SystemExit: this processor is not supported"),
    "load": (EVERY, "failed to load the archive: it said: RuntimeError: the archive holds"),
    "licence": (EVERY, "the SDK misses its licence files"),
    "chip_unknown": (EVERY, "a chip that this SDK does not serve"),
    "state_unquantized": (EVERY, "in state fp_optimized_model, that is before quantization"),
    "float_context_raises": (EVERY, "failed to emulate (SDK_FP_OPTIMIZED)"),
    "quantized_context_raises": (EVERY, "failed to emulate (SDK_QUANTIZED)"),
    "float_raises": (EVERY, "the float model is broken"),
    "float_raises_later": (EVERY, "the float model fails at batch 2"),
    "quantized_raises": (EVERY, "the quantized model is broken"),
    "quantized_raises_later": (EVERY, "the quantized model fails at batch 2"),
    "gpu_exhausted": (EVERY, "try --batch-size 1"),
    "cuda_memory": (EVERY, "HAILO_SET_MEMORY_GROWTH=false"),
    "no_get_keras_model": (EVERY, "has no attribute 'get_keras_model'"),
    "no_inner_model": (EVERY, "inner layers cannot be captured"),
    "no_layers": (EVERY, "inner layers cannot be captured"),
    "no_save_interlayer": (THREE, "unexpected keyword argument 'save_interlayer'"),
    "no_interlayer_tensors": (THREE, "has no interlayer_tensors"),
    "no_internal_layers": (FIVE, "has no set_output_interal_layers"),
}
# What it does not mind.
HARMLESS: Mapping[str, tuple[str, ...]] = {
    "state_unknown": EVERY,
    "no_debug_mode": EVERY,
    "no_intermediate_results": EVERY,
    "no_layer_flow": EVERY,
    "model_dies_with_context": EVERY,
    "rank2_dense": EVERY,
    "codes": EVERY,
    "corrected_spelling": FIVE,
    "starts_native": FIVE,
}
# It takes another sentence, another measurement or another reading.
MOST_HARMFUL = ("state_unknown", "no_debug_mode", "codes", "starts_native")
ANY_LAYER = ("layer_left_out", "layer_missing", "layer_renamed", "wrong_shape", "nan_at")
LATE = ("float_raises_later", "quantized_raises_later")
fatal = pytest.mark.parametrize(
    ("flavour", "fault"), [(flavour, name) for name, row in FATAL.items() for flavour in row[0]]
)

BY_EMBEDDED = Measurements(0, {})


class Seen:
    """Samples as they are handed over, and whether the embedded engine was asked."""

    def __init__(self) -> None:
        self.samples: list[Any] = []
        self.by_embedded = 0

    def add(self, batch: Batch) -> None:
        self.samples += list(batch[INPUT])

    def measure(self, job: OpenedJob) -> Emulated:
        """In place of the embedded engine: reads the data, and computes nothing."""
        self.by_embedded += sum(1 for _ in finite_batches(job.calibration, 3, job.on_read))
        networks: Any = None  # nobody asks for a trial
        return Emulated(networks, DataPassed(BY_EMBEDDED), BY_EMBEDDED, Budget())


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    found = Seen()
    monkeypatch.setattr(embedded, "measure", found.measure)
    return found


def ran(case: Case, backend: str, seen: Seen, **wrong: bool | str) -> Emulated:
    with installed(case.flavour, **wrong):
        return run_by_backend(case.job(on_read=seen.add), backend)


@fatal
def test_auto_falls_back_and_gives_the_reason(
    flavour: str,
    fault: str,
    cases: Mapping[str, Case],
    seen: Seen,
    logged: list[str],
) -> None:
    found = ran(cases[flavour], "auto", seen, **{fault: True})
    assert found.backend == "embedded"
    assert found.measurements is BY_EMBEDDED
    assert found.sdk is not None
    assert FATAL[fault][1] in found.sdk.failure
    (warning,) = logged
    assert warning == f"WARNING The embedded engine runs instead of the SDK: {found.sdk.failure}"
    assert "\n" not in warning
    np.testing.assert_array_equal(seen.samples, np.load(cases[flavour].data))


@pytest.mark.parametrize("fault", FATAL)
def test_sdk_ends_with_a_sentence_on_what_to_do(
    fault: str, cases: Mapping[str, Case], seen: Seen
) -> None:
    flavours, words = FATAL[fault]
    with pytest.raises(SdkError) as caught:
        ran(cases[flavours[-1]], "sdk", seen, **{fault: True})
    assert words in str(caught.value)
    assert str(caught.value).endswith("; --backend embedded does without the SDK")
    assert seen.by_embedded == 0


@pytest.mark.parametrize("fault", ["load", *LATE])
def test_both_falls_back_as_auto_does(fault: str, cases: Mapping[str, Case], seen: Seen) -> None:
    found = ran(cases["3.33"], "both", seen, **{fault: True})
    assert found.backend == "embedded"
    assert found.sdk is not None
    assert FATAL[fault][1] in found.sdk.failure
    assert found.sdk.comparison is None
    np.testing.assert_array_equal(seen.samples, np.load(cases["3.33"].data))


@pytest.fixture(scope="module")
def sound(cases: Mapping[str, Case]) -> Mapping[str, Emulated]:
    """Runs without any fault."""
    return {flavour: case.ran() for flavour, case in cases.items()}


def snrs(found: Emulated) -> dict[str, float]:
    noise = found.measurements.noise
    assert noise is not None
    return {name: layer.output.snr_db for name, layer in noise.layers.items()}


@pytest.mark.parametrize(
    ("flavour", "fault"),
    [
        pytest.param(flavour, name, marks=[] if name in MOST_HARMFUL else pytest.mark.slow)
        for name, row in HARMLESS.items()
        for flavour in row
    ],
)
def test_the_sdk_measures_what_it_measures_without_the_fault(
    flavour: str,
    fault: str,
    cases: Mapping[str, Case],
    sound: Mapping[str, Emulated],
    logged: list[str],
) -> None:
    expected = sound[flavour]
    found = cases[flavour].ran(wrong={fault: True})
    assert found.backend == "sdk"
    assert found.sdk is not None
    assert found.sdk.failure == ""
    measurements = found.measurements
    assert measurements.samples == SAMPLES
    assert measurements.not_measured == {}
    assert snrs(found) == pytest.approx(snrs(expected), abs=1e-3)
    hides = fault in ("no_debug_mode", "no_intermediate_results", "no_layer_flow")
    with_activation = {"net/conv1", "net/conv2", "net/fc1", "net/fc2"}
    assert set(measurements.preactivation_not_measured) == (with_activation if hides else set())
    for name in with_activation:
        assert (measurements.layers[name].preactivation is None) is hides
    unknown = "the SDK holds the archive in a state unknown to this tool: folded_model"
    assert list(found.sdk.doubts) == ([unknown] if fault == "state_unknown" else [])
    assert logged == [f"WARNING {doubt}" for doubt in found.sdk.doubts]
    (reading,) = (text for text in measurements.assumptions if "taken for codes" in text)
    assert ("codes at 0 of" in reading) is (fault != "codes")


@pytest.mark.parametrize("flavour", EVERY)
@pytest.mark.parametrize("fault", ANY_LAYER)
def test_only_the_layer_with_a_fault_is_not_measured(
    flavour: str, fault: str, cases: Mapping[str, Case], sound: Mapping[str, Emulated]
) -> None:
    if fault == "layer_left_out" and flavour == "5.3":
        pytest.skip("5.x gives tensors without names, so none can be told from another")
    found = cases[flavour].ran(wrong={fault: "net/conv2"})
    measurements = found.measurements
    reason = {"nan_at": "not finite", "wrong_shape": "the archive records"}.get(
        fault, "the SDK gives no tensor for it"
    )
    assert list(measurements.not_measured) == ["net/conv2"]
    assert reason in measurements.not_measured["net/conv2"]
    assert measurements.noise is not None
    assert list(measurements.noise.not_measured) == ["net/conv2"]
    assert reason in measurements.noise.not_measured["net/conv2"]
    expected = {name: snr for name, snr in snrs(sound[flavour]).items() if name != "net/conv2"}
    assert snrs(found) == pytest.approx(expected, abs=1e-9)


def test_in_5_x_a_tensor_less_is_a_failure(cases: Mapping[str, Case]) -> None:
    with pytest.raises(SdkError, match="asked for 5 inner layers and returned 4"):
        cases["5.3"].ran(wrong={"layer_left_out": "net/conv2"})


@pytest.mark.parametrize("flavour", EVERY)
def test_what_is_measured_is_the_sdks(
    flavour: str, cases: Mapping[str, Case], sound: Mapping[str, Emulated]
) -> None:
    before = sound[flavour].measurements.layers
    found = cases[flavour].ran(wrong={"float_differs_at": "net/conv2"}, need=Need.NOTHING)
    after = found.measurements.layers
    for name in (INPUT, *INNER):
        is_same = np.allclose(before[name].output.mean, after[name].output.mean, rtol=1e-6)
        assert is_same is (name in (INPUT, "net/conv1", "net/maxpool1"))


@pytest.mark.parametrize("flavour", EVERY)
def test_a_chip_that_the_version_does_not_serve(
    flavour: str, cases: Mapping[str, Case], seen: Seen
) -> None:
    other = cases["3.33" if flavour == "5.3" else "5.3"]
    case = Case(flavour, other.har, other.data, other.model)
    found = ran(case, "auto", seen)
    assert found.sdk is not None
    line = "3.x" if flavour == "5.3" else "5.x"
    assert f"the archive was made for {other.model.hw_arch}, and this SDK serves " in (
        found.sdk.failure
    )
    assert f"; for that chip Hailo keeps up the Dataflow Compiler {line}" in found.sdk.failure
    assert "it said" not in found.sdk.failure
    assert len(found.sdk.failure) < 250


def test_the_network_of_the_float_context_alone_needs_no_other(cases: Mapping[str, Case]) -> None:
    found = cases["3.33"].ran(wrong={"quantized_context_raises": True}, need=Need.OUTPUT_STATISTICS)
    assert found.backend == "sdk"
    assert found.measurements.noise is None


def test_every_fault_is_in_a_table() -> None:
    assert {*FATAL, *HARMLESS} == set(PLAIN)
    assert not set(FATAL) & set(HARMLESS)
    compared = {"differs_at", "float_differs_at", "quantized_differs_at"}  # see test_comparison
    assert {*ANY_LAYER, *compared} == set(OF_A_LAYER)
    assert Need.NOISE in NEED
