"""What the embedded engine does for the SDK: the plan is of one engine, and it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.backends.sdk.runs import Case
from tests.sdk_standin.installation import installed
from utils.backends.choice import run_by_backend
from utils.backends.closer_look import channel_order
from utils.backends.emulation import LEFT_TO_THE_ENGINE, Emulated
from utils.emulator.floats.engine import FloatEmulator
from utils.jobs.range_trial import RangeTrials
from utils.measurements import Measurements, Need
from utils.measurements.channel_order import ChannelOrder
from utils.measurements.mixed_precision import MixedPrecisionPlan

OUTPUT, LAST = "net/output_layer1", "net/fc2"
WORSE = {"quantized_differs_at": LAST}  # in the SDK only
HIGH = 99.0


def emulated(
    case: Case, backend: str, target_db: float, wrong: Mapping[str, bool | str]
) -> Emulated:
    job = case.job(Need.PRECISION_PLAN)
    job = replace(job, settings=replace(job.settings, target_db=target_db))
    with installed(case.flavour, **wrong):
        found = run_by_backend(job, backend)
    assert found.failures == ()
    return found


def planned(case: Case, backend: str, target_db: float = HIGH) -> MixedPrecisionPlan | None:
    return emulated(case, backend, target_db, WORSE).measurements.plan


def snr_db(measurements: Measurements) -> float:
    assert measurements.noise is not None
    return measurements.noise.layers[OUTPUT].output.snr_db


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["sdk", "both"])
def test_before_is_of_the_engine_that_after_is_of(backend: str, cases: Mapping[str, Case]) -> None:
    case = cases["3.33"]
    ours = emulated(case, "embedded", HIGH, {}).measurements
    theirs = emulated(case, backend, HIGH, WORSE).measurements
    assert abs(snr_db(theirs) - snr_db(ours)) > 1
    assert ours.plan is not None
    assert theirs.plan is not None
    assert ours.plan.before_db == {OUTPUT: pytest.approx(snr_db(ours), abs=1e-3)}
    assert theirs.plan.before_db[OUTPUT] == pytest.approx(snr_db(ours), abs=1e-3)
    assert theirs.plan.after_db == pytest.approx(ours.plan.after_db)


@pytest.mark.slow
def test_what_the_engine_sees_at_the_target_has_no_plan(cases: Mapping[str, Case]) -> None:
    case = cases["3.33"]
    ours = snr_db(emulated(case, "embedded", 1.0, {}).measurements)
    theirs = snr_db(emulated(case, "sdk", 1.0, WORSE).measurements)
    assert theirs + 1 < ours
    assert planned(case, "sdk", (ours + theirs) / 2) is None


@pytest.mark.parametrize("target_db", [1.0, HIGH])
@pytest.mark.parametrize("backend", ["sdk", pytest.param("both", marks=pytest.mark.slow)])
def test_an_output_that_the_engine_cannot_run_is_missed(
    backend: str, target_db: float, cases: Mapping[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FloatEmulator.__init__

    def without_the_last(self: FloatEmulator, *arguments: Any) -> None:
        whole(self, *arguments)
        if OUTPUT in self.network:
            self.not_measured.update({LAST: "no definition", OUTPUT: f"depends on {LAST}"})
            self.layers = tuple(la for la in self.layers if la.name not in self.not_measured)

    # The stand-in computes with an engine of its own, which is to stay whole.
    monkeypatch.setattr(
        "utils.backends.networks.FloatEmulator",
        type("Partial", (FloatEmulator,), {"__init__": without_the_last}),
    )
    found = emulated(cases["3.33"], backend, target_db, {}).measurements
    assert found.noise is not None
    assert OUTPUT in found.noise.layers
    plan = found.plan
    assert plan is not None
    assert not plan.reached
    assert plan.modes == {}
    assert OUTPUT not in plan.after
    assert plan.missed == (OUTPUT,)
    assert f"emulation yields nothing at {OUTPUT}: " in plan.obstacle


def test_nothing_is_left_where_nothing_of_it_is_needed(cases: Mapping[str, Case]) -> None:
    found = cases["3.33"].ran(need=Need.NOISE).measurements
    assert LEFT_TO_THE_ENGINE not in found.assumptions


def measured(case: Case, need: Need, backend: str) -> Measurements:
    """With a target that no output meets, so that single layers are measured."""
    job = case.job(need)
    job = replace(job, settings=replace(job.settings, target_db=HIGH))
    with installed(case.flavour):
        return run_by_backend(job, backend).measurements


@pytest.mark.parametrize(
    "need", [Need.SENSITIVITY, pytest.param(Need.PRECISION_PLAN, marks=pytest.mark.slow)]
)
def test_what_is_left_is_told_once(need: Need, cases: Mapping[str, Case]) -> None:
    for backend, times in (("sdk", 1), ("embedded", 0)):
        found = measured(cases["3.33"], need, backend)
        assert found.assumptions.count(LEFT_TO_THE_ENGINE) == times


def test_trials_of_ranges_are_told(cases: Mapping[str, Case]) -> None:
    emulation = cases["3.33"].ran(need=Need.NOISE)
    assert emulation.try_ranges({"net/none": (0.0, 1.0)}) == RangeTrials()
    found = emulation.try_ranges({"net/conv1": (0.0, 0.1)})
    assert found.trials
    assert found.assumptions == (LEFT_TO_THE_ENGINE,)


@pytest.mark.parametrize("has_pictures", [False, True])
def test_the_test_of_the_channels_is_told_where_it_ran(
    has_pictures: bool, cases: Mapping[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ChannelOrder((), 0, 0, {}) if has_pictures else None
    monkeypatch.setattr(channel_order, "holds_colour_images", lambda shape, found: has_pictures)
    monkeypatch.setattr(channel_order, "measured_channel_order", lambda *_: order)
    found = cases["3.33"].ran(need=Need.CHANNEL_SWAPPED).measurements
    assert (LEFT_TO_THE_ENGINE in found.assumptions) is has_pictures
