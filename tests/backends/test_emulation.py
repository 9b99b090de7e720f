"""Trials of ranges, against archives that are written with the range that was tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.archive import calibrated
from tests.fixtures.noise_archives import images, sound_network
from tests.har.archives import NAME
from utils.backends import embedded
from utils.backends.closer_look import layer_search
from utils.backends.closer_look.channel_order import ChannelSwap
from utils.backends.closer_look.layer_search import LayerSearch
from utils.backends.closer_look.plan import Plan
from utils.backends.closer_look.step import Step
from utils.backends.emulation import Emulated
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.emulator.measuring.budget import Budget
from utils.emulator.measuring.sensitivity import Search
from utils.emulator.measuring.trial import TrialRun
from utils.errors import DiagnosticError
from utils.har.model import load_model
from utils.jobs.range_trial import RangeTrials
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.left_out import (
    CHANNEL_ORDER,
    FAILED,
    FEWEST_SAMPLES,
    INTERRUPTED,
    PLAN,
    QUICK,
    SENSITIVITY,
    TOO_FEW,
)
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB
from utils.quantizer.writer import build_quantized_har

OUTPUT = f"{NAME}/output_layer1"
LAYER = f"{NAME}/conv6"
WIDENING = 12.0
OUT_OF_REACH = 200.0  # dB


def archive_with(folder: Path, factor: float) -> str:
    """The sound network, with one calibrated maximum off by a factor."""
    net = sound_network()
    statistics = calibrated(net, images())
    seen = statistics[LAYER]
    output = replace(seen.output, maximum=seen.output.maximum * factor)
    path = folder / f"{factor:g}.har"
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics={**statistics, LAYER: replace(seen, output=output)},
        equalization={},
    )
    return str(path)


@pytest.fixture(scope="module")
def data(sound: tuple[str, str]) -> str:
    return sound[1]


def emulated(
    har: str,
    data: str,
    need: Need = Need.NOISE,
    target_db: float = DEFAULT_TARGET_DB,
    settings: Settings | None = None,
    samples: int = 64,
) -> Emulated:
    model = load_model(har)
    calibration = open_dataset(data, model.float_network.input_layers, samples)
    settings = settings or Settings(target_db=target_db)
    return embedded.measure(OpenedJob(model, calibration, need, settings))


def output_snr(har: str, data: str) -> float:
    noise = emulated(har, data).measurements.noise
    assert noise is not None
    return noise.layers[OUTPUT].output.snr_db


@pytest.mark.slow
def test_a_tried_range_does_what_it_does_in_an_archive(tmp_path: Path, data: str) -> None:
    wide, right = archive_with(tmp_path, WIDENING), archive_with(tmp_path, 1.0)
    emulation = emulated(wide, data)
    encoding = load_model(right).encoding(LAYER)
    assert encoding is not None
    trial = emulation.try_ranges({LAYER: (0.0, encoding.high)}).trials[LAYER]
    assert trial.accepted
    assert trial.before[OUTPUT].snr_db == pytest.approx(output_snr(wide, data), abs=0.05)
    assert trial.after[OUTPUT].snr_db == pytest.approx(output_snr(right, data), abs=0.5)
    assert trial.after[OUTPUT].snr_db > trial.before[OUTPUT].snr_db + 1


def test_a_range_that_cuts_values_off_is_refused(tmp_path: Path, data: str) -> None:
    right = archive_with(tmp_path, 1.0)
    encoding = load_model(right).encoding(LAYER)
    assert encoding is not None
    trial = emulated(right, data).try_ranges({LAYER: (0.0, encoding.high / 4)}).trials[LAYER]
    assert not trial.accepted
    assert trial.after[OUTPUT].snr_db < trial.before[OUTPUT].snr_db


def test_ranges_are_tried_until_somebody_ends_that(
    tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulation = emulated(archive_with(tmp_path, 1.0), data)
    whole, calls = TrialRun.outcomes, []

    def interrupted(self: TrialRun, *arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:  # the archive as it is, one range, and this
            raise KeyboardInterrupt
        return whole(self, *arguments)

    monkeypatch.setattr(TrialRun, "outcomes", interrupted)
    found = emulation.try_ranges({LAYER: (0.0, 1.0), f"{NAME}/conv3": (0.0, 1.0)})
    assert len(found.trials) == 1
    assert found.left_out == INTERRUPTED


def test_an_interruption_before_the_first_range_is_said_as_well(
    tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from utils.backends import emulation as module

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    found = emulated(archive_with(tmp_path, 1.0), data)
    monkeypatch.setattr(module, "tried_ranges", interrupted)
    assert found.try_ranges({LAYER: (0.0, 1.0)}) == RangeTrials(left_out=INTERRUPTED)


def test_ranges_are_tried_as_far_as_the_work_goes(tmp_path: Path, data: str) -> None:
    emulation = replace(emulated(archive_with(tmp_path, 1.0), data), budget=Budget(1.0))
    found = emulation.try_ranges({LAYER: (0.0, 1.0), f"{NAME}/conv3": (0.0, 1.0)})
    assert len(found.trials) == 1
    assert "--exact-sensitivity lifts that" in found.left_out


@pytest.mark.slow
def test_layers_that_are_not_coded_are_not_tried(tmp_path: Path, data: str) -> None:
    found = emulated(archive_with(tmp_path, 1.0), data).try_ranges({"net/none": (0.0, 1.0)})
    assert found == RangeTrials()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DiagnosticError("the memory does not suffice"), "the memory does not suffice"),
        (
            ZeroDivisionError("float division by zero"),
            "this is a fault of the tool, please report it (ZeroDivisionError: float division by "
            "zero)",
        ),
    ],
)
def test_what_fails_behind_the_data_pass_does_not_void_it(
    error: Exception, said: str, tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(layer_search, "Search", failing)
    found = emulated(archive_with(tmp_path, 1.0), data, Need.SENSITIVITY, OUT_OF_REACH)
    assert found.measurements.noise is not None
    assert found.measurements.noise.layers
    assert found.measurements.noise.sensitivity is None
    assert found.failures == (f"what single layers do was not measured: {said}",)
    assert found.measurements.left_out == {SENSITIVITY: FAILED}


@pytest.mark.parametrize(("samples", "is_tried"), [(FEWEST_SAMPLES, True), (7, False)])
def test_nothing_is_tried_on_a_handful_of_samples(
    samples: int, is_tried: bool, tmp_path: Path, data: str
) -> None:
    har = archive_with(tmp_path, WIDENING)
    need = Need.NOISE | Need.PRECISION_PLAN
    found = emulated(har, data, need, OUT_OF_REACH, samples=samples)
    trials = found.try_ranges({LAYER: (0.0, 1.0)})
    assert (LAYER in trials.trials) is is_tried
    assert trials.left_out == ("" if is_tried else TOO_FEW)
    assert (found.measurements.plan is not None) is is_tried
    assert (found.measurements.left_out.get(PLAN) == TOO_FEW) is not is_tried


STEPS: list[type[Step]] = [LayerSearch, Plan, ChannelSwap]
EVERYTHING = Need.NOISE | Need.SENSITIVITY | Need.PRECISION_PLAN | Need.CHANNEL_SWAPPED


@pytest.mark.parametrize("step", STEPS)
def test_an_interruption_keeps_what_was_measured_and_says_what_it_cut_off(
    step: type[Step], tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Step) -> None:
        del self
        raise KeyboardInterrupt

    monkeypatch.setattr(step, "run", interrupted)
    found = emulated(archive_with(tmp_path, 1.0), data, EVERYTHING, OUT_OF_REACH).measurements
    cut_off = [each.WHAT for each in STEPS[STEPS.index(step) :]]
    assert found.left_out == dict.fromkeys(cut_off, INTERRUPTED)
    assert found.noise is not None
    assert (found.noise.sensitivity is None) is (SENSITIVITY in cut_off)
    assert (found.plan is None) is (PLAN in cut_off)
    assert found.channel_order is None


def test_layers_that_were_searched_before_an_interruption_are_kept(
    tmp_path: Path, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Search.refined

    def interrupted(self: Search, batches: Any, *_: object) -> Iterator[Any]:
        yield next(whole(self, batches))
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "refined", interrupted)
    found = emulated(archive_with(tmp_path, 1.0), data, Need.SENSITIVITY, OUT_OF_REACH)
    assert found.measurements.left_out == {SENSITIVITY: INTERRUPTED}
    assert found.measurements.noise is not None
    assert found.measurements.noise.sensitivity is not None
    assert found.measurements.noise.sensitivity.output_snr_db


@pytest.mark.parametrize(("target_db", "is_needed"), [(5.0, False), (OUT_OF_REACH, True)])
def test_in_a_hurry_what_would_have_been_needed_is_said(
    target_db: float, is_needed: bool, tmp_path: Path, data: str
) -> None:
    settings = Settings(target_db=target_db, quick=True)
    found = emulated(archive_with(tmp_path, 1.0), data, EVERYTHING, settings=settings)
    assert found.measurements.noise is not None
    assert found.measurements.noise.sensitivity is None
    assert found.measurements.plan is None
    needed = {SENSITIVITY, PLAN} if is_needed else set()
    left_out = set(found.measurements.left_out) - {CHANNEL_ORDER}
    assert left_out == needed
    assert set(found.measurements.left_out.values()) == {QUICK}


@pytest.mark.slow
@pytest.mark.parametrize("need", [Need.NOTHING, Need.HISTOGRAMS])
def test_noise_is_measured_only_where_it_is_needed(need: Need, tmp_path: Path, data: str) -> None:
    found = emulated(archive_with(tmp_path, 1.0), data, need).measurements
    assert found.noise is None
    assert found.plan is None


@pytest.mark.parametrize(
    ("target_db", "is_measured"), [(DEFAULT_TARGET_DB, False), (OUT_OF_REACH, True)]
)
def test_single_layers_are_measured_where_an_output_needs_it(
    target_db: float, is_measured: bool, tmp_path: Path, data: str
) -> None:
    found = emulated(archive_with(tmp_path, 1.0), data, Need.SENSITIVITY, target_db).measurements
    assert found.noise is not None
    assert (found.noise.sensitivity is not None) is is_measured
