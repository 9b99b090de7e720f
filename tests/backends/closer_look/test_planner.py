"""Plans for 16 bit, against archives that are written with the planned modes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import calibrated
from tests.fixtures.noise_archives import Fault, images, sound_network, write_archive
from tests.har.archives import NAME
from tests.har.samples import DIRECTORY, present, sample_model
from tests.quantizer.writer.stored import modes_of, statistics_of, vectors_of, weights_of
from utils.backends import embedded
from utils.backends.closer_look.plan_goal import goal_of
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.har.model import Model, load_model
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.quantizer.writer import build_quantized_har

OUTPUT = f"{NAME}/output_layer1"
JETS = DIRECTORY.parent / "calib" / "jets_sparse_64x32x32x3.npy"
FLOWS = DIRECTORY.parent / "calib" / "ids_flows_99x1x1x80.npy"


def measured(model: Model, data: str, **settings: float) -> Measurements:
    calibration = open_dataset(data, model.float_network.input_layers, 99)
    chosen = Settings(**settings)  # type: ignore[arg-type]
    found = embedded.measure(OpenedJob(model, calibration, Need.PRECISION_PLAN, chosen))
    assert found.failures == ()
    return found.measurements


def output_snr(measurements: Measurements, output: str) -> float:
    assert measurements.noise is not None
    return measurements.noise.layers[output].output.snr_db


def planned(paths: tuple[str, str], target_db: float) -> MixedPrecisionPlan:
    found = measured(load_model(paths[0]), paths[1], target_db=target_db).plan
    assert found is not None
    return found


@pytest.mark.slow
def test_there_is_no_plan_where_every_output_meets_the_target(sound: tuple[str, str]) -> None:
    assert measured(load_model(sound[0]), sound[1], target_db=10.0).plan is None


@pytest.mark.slow
def test_a_plan_keeps_its_promise_in_an_archive_that_is_written_with_it(
    sound: tuple[str, str], tmp_path: Path
) -> None:
    before = output_snr(measured(load_model(sound[0]), sound[1], target_db=10.0), OUTPUT)
    plan = planned(sound, before + 6.0)
    assert plan.reached
    assert plan.before_db[OUTPUT] == pytest.approx(before)
    assert plan.after_db[OUTPUT] >= before + 6.0
    assert 0 < plan.weight_share < 1
    assert 0 < plan.mac_share < 1

    net = sound_network()
    path = tmp_path / "mixed.har"
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, images()),
        precision_modes=plan.modes,
    )
    again = measured(load_model(str(path)), sound[1], target_db=10.0)
    assert output_snr(again, OUTPUT) == pytest.approx(plan.after_db[OUTPUT], abs=1.0)


@pytest.mark.slow
def test_a_target_beyond_all_16_bit_names_the_best_and_gives_no_lines(
    sound: tuple[str, str],
) -> None:
    plan = planned(sound, 99.0)
    assert not plan.reached
    assert not plan.modes
    assert plan.after_db[OUTPUT] > plan.before_db[OUTPUT] + 6
    assert "input_layer1" in plan.obstacle  # its 8 bit are all there is


@pytest.mark.slow
@pytest.mark.parametrize(("beyond_db", "reached"), [(2.0, True), (4.0, False)])
def test_a_target_that_nobody_asked_for_may_be_missed_by_a_little(
    sound: tuple[str, str], monkeypatch: pytest.MonkeyPatch, beyond_db: float, reached: bool
) -> None:
    best = planned(sound, 99.0)
    monkeypatch.setattr(
        "utils.backends.closer_look.plan.goal_of",
        lambda networks, found: replace(goal_of(networks, found), is_asked=False),
    )
    plan = planned(sound, best.after_db[OUTPUT] + beyond_db)
    assert (plan.reached, bool(plan.modes)) == (reached, reached)
    assert plan.after_db[OUTPUT] >= best.after_db[OUTPUT] - 1.0


def test_4_bit_weights_get_8_bit_before_any_layer_gets_16(
    sound: tuple[str, str], tmp_path: Path
) -> None:
    """An archive that is written with the plan has what the plan promises."""
    found = planned(write_archive(tmp_path, Fault.FOUR_BIT_LAYER), 30.0)
    assert found.modes == {f"{NAME}/conv3": "a8_w8"}
    assert found.eight_bit == (f"{NAME}/conv3",)
    assert found.sixteen_bit == ()
    assert (found.weight_share, found.mac_share) == (0.0, 0.0)
    promised = output_snr(measured(load_model(sound[0]), sound[1], target_db=10.0), OUTPUT)
    assert found.after_db[OUTPUT] == pytest.approx(promised)


@pytest.mark.slow
def test_what_8_bit_weights_do_not_reach_gets_16_bit_on_top_of_them(tmp_path: Path) -> None:
    paths = write_archive(tmp_path, Fault.FOUR_BIT_LAYER)
    least = planned(paths, 30.0).after_db[OUTPUT]
    found = planned(paths, least + 3.0)
    assert found.reached
    assert found.eight_bit == (f"{NAME}/conv3",)
    assert found.sixteen_bit


def test_the_plan_for_real_jets_is_what_the_compilers_rules_make_of_it(tmp_path: Path) -> None:
    model = present(sample_model("jet_cnn_q8"))
    plan = measured(model, str(JETS)).plan
    assert plan is not None
    assert plan.reached
    (output,) = plan.after_db
    assert plan.before_db[output] == pytest.approx(12.5, abs=0.1)
    assert plan.after_db[output] >= 20.0
    assert plan.predicted_db[output] == pytest.approx(plan.after_db[output], abs=1.0)

    path = tmp_path / "mixed.har"
    build_quantized_har(
        str(path),
        name=model.name,
        network=model.float_network,
        weights=weights_of(model),
        statistics=statistics_of(model),
        precision_modes={**modes_of(model), **plan.modes},
        equalization=vectors_of(model),
    )
    again = measured(load_model(str(path)), str(JETS))
    assert output_snr(again, output) == pytest.approx(plan.after_db[output], abs=1.0)


def test_real_logits_that_were_cut_off_block_every_plan() -> None:
    model = present(sample_model("ids_mlp_logits_realcalib_q8"))
    plan = measured(model, str(FLOWS)).plan
    assert plan is not None
    assert not plan.reached
    assert not plan.modes
    assert "-132.49" in plan.obstacle
    assert "-594" in plan.obstacle
    (best,) = plan.after_db.values()
    assert best == pytest.approx(5.3, abs=0.2)


@pytest.mark.slow
def test_samples_that_were_kept_stand_for_all(
    sound: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from utils.backends import networks

    monkeypatch.setattr(networks, "samples_to_keep", lambda _: 8)
    plan = planned(sound, 42.0)
    assert plan.reached
    # The search saw 8 samples, the proof all 64.
    assert plan.predicted_db != plan.after_db
    assert plan.predicted_db[OUTPUT] == pytest.approx(plan.after_db[OUTPUT], abs=3.0)
    assert np.isfinite(plan.after_db[OUTPUT])
