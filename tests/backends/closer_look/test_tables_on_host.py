"""Activations that leave the chip, against archives that end in a linear output."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.emulator.quantized_networks import Batch, Pair
from tests.emulator.tables import LAYER, OUTPUT, TAIL, WHOLE, depth, inside
from utils.backends import embedded
from utils.backends.closer_look import linear_outputs
from utils.backends.opened_job import OpenedJob
from utils.dataset.calibration_set import open_dataset
from utils.errors import ArchiveError
from utils.jobs.bundle import bundled, unbundled
from utils.jobs.settings import Settings
from utils.measurements import Measurements, Need
from utils.measurements.agreement.readings import agreement
from utils.measurements.left_out import FAILED, QUICK, TABLE_TRIALS
from utils.measurements.output_kind import SettledKind, WhatIsJudged

NEED = Need.NOISE | Need.TABLE_TRIALS
REGRESSION = Settings(judged=WhatIsJudged({OUTPUT: SettledKind("regression")}))
Made = tuple[Pair, Batch]


def measured(
    folder: Path, made: Made, need: Need = NEED, settings: Settings = REGRESSION
) -> Measurements:
    pair, batch = made
    path = folder / "data.npy"
    (samples,) = batch.values()
    np.save(path, samples)
    calibration = open_dataset(str(path), pair.model.float_network.input_layers, 64)
    found = embedded.measure(OpenedJob(pair.model, calibration, need, settings))
    return found.measurements


def linear_snr(folder: Path) -> float:
    """SNR behind the sigmoid on the host, of an archive that was written with a linear output."""
    folder.mkdir()
    pair, batch = depth(folder, TAIL, "linear")
    chip = pair.quantized.forward(pair.floats.tensors(batch))[OUTPUT].output.values.numpy()
    right, found = (1 / (1 + np.exp(-v)) for v in (pair.float_values(batch)[OUTPUT], chip))
    return float(10 * np.log10(np.square(right).sum() / np.square(found - right).sum()))


def test_the_function_on_the_host_is_that_of_an_archive_with_a_linear_output(
    tmp_path: Path,
) -> None:
    found = measured(tmp_path, depth(tmp_path, TAIL))
    assert found.noise is not None
    trial = found.table_trials[OUTPUT]
    assert trial.layer == LAYER
    assert trial.before_db == pytest.approx(found.noise.layers[OUTPUT].output.snr_db, abs=0.01)
    assert trial.after_db == pytest.approx(linear_snr(tmp_path / "linear"), abs=0.5)
    assert trial.after_db > trial.before_db + 20
    assert (trial.low, trial.high) == pytest.approx(
        (found.tables[LAYER].low, found.tables[LAYER].high), rel=1e-5
    )
    before, after = (agreement(each)["beyond_0.1"].value for each in (trial.before, trial.after))
    assert before > 0.5
    assert after < 0.05


def test_before_is_what_the_data_pass_measured(tmp_path: Path) -> None:
    found = measured(tmp_path, depth(tmp_path, TAIL))
    assert found.agreement is not None
    whole, tried = found.agreement.outputs[OUTPUT], found.table_trials[OUTPUT].before
    assert agreement(tried)["beyond_0.1"] == agreement(whole)["beyond_0.1"]
    np.testing.assert_allclose(tried.samples.snr_db, whole.samples.snr_db, rtol=1e-5)


def test_wide_codes_gain_as_well(tmp_path: Path) -> None:
    modes = {"conv2": "a16_w16", "conv1": "a8_w8_a16"}
    trial = measured(tmp_path, depth(tmp_path, TAIL, modes=modes)).table_trials[OUTPUT]
    assert trial.after_db > trial.before_db + 20


def test_a_constant_in_the_values_hides_no_table(tmp_path: Path) -> None:
    found = measured(tmp_path, depth(tmp_path, (2.5, 0.1)))  # sigmoids of 0.92, all but alike
    assert found.noise is not None
    assert found.noise.layers[OUTPUT].output.snr_db > 40
    assert found.table_trials[OUTPUT].after_db > found.table_trials[OUTPUT].before_db + 20


def test_nothing_is_tried_where_the_table_has_no_part(tmp_path: Path) -> None:
    assert measured(tmp_path, depth(tmp_path, WHOLE)).table_trials == {}
    assert measured(tmp_path, depth(tmp_path, TAIL), Need.NOISE).table_trials == {}


def test_what_other_layers_take_stays_on_the_chip(tmp_path: Path) -> None:
    found = measured(tmp_path, inside(tmp_path, TAIL))
    assert found.tables[LAYER].share > 0.5
    assert found.table_trials == {}


def test_in_a_hurry_it_is_said_that_it_was_left_out(tmp_path: Path) -> None:
    quick = replace(REGRESSION, quick=True)
    assert measured(tmp_path, depth(tmp_path, TAIL), NEED, quick).left_out == {TABLE_TRIALS: QUICK}
    assert measured(tmp_path, depth(tmp_path, WHOLE), NEED, quick).left_out == {}


def test_what_fails_leaves_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ArchiveError("no way")

    monkeypatch.setattr(linear_outputs, "linear_output", failing)
    assert measured(tmp_path, depth(tmp_path, TAIL)).table_trials == {}
    monkeypatch.setattr("utils.backends.closer_look.tables_on_host.tried_outputs", failing)
    found = measured(tmp_path, depth(tmp_path, TAIL))
    assert found.left_out == {TABLE_TRIALS: FAILED}
    assert found.tables


def test_tables_and_trials_can_be_written_and_read(tmp_path: Path) -> None:
    found = measured(tmp_path, depth(tmp_path, TAIL))
    again = unbundled(Measurements, bundled(found))
    assert again.tables == found.tables
    assert again.table_trials[OUTPUT].after_db == found.table_trials[OUTPUT].after_db
