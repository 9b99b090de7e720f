from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.measurements.agreement.outputs import agreeing, batch_of, coded, values
from tests.renderers.json.test_json import rendered
from tests.renderers.json.test_noise_entries import OUTPUT, build_noise, build_report
from utils.measurements.table_noise import TableNoise, TableTrial

TABLE = TableNoise(9, 1000, 100.0, 1.0, 1.25, 0.25, -4.0, -2.0)


def report(**measured: Any) -> dict[str, Any]:
    plain = build_report(build_noise())
    assert plain.measurements is not None
    return rendered(replace(plain, measurements=replace(plain.measurements, **measured)))


def test_a_table_stands_at_its_layer() -> None:
    found = report(tables={"net/conv1": TABLE})["layers"]
    assert found["net/conv1"]["activation_table"] == {
        "lines": 9,
        "snr_db": pytest.approx(20.0),
        "noise_share": pytest.approx(0.8),
        "values": 1000,
        "used_range": [-4.0, -2.0],
    }
    assert "activation_table" not in found[OUTPUT]


def test_a_table_without_error_has_no_ratio() -> None:
    exact = TableNoise(2, 1000, 100.0, 0.0, 0.0, 0.0, -4.0, -2.0)
    entry = report(tables={"net/conv1": exact})["layers"]["net/conv1"]["activation_table"]
    assert (entry["snr_db"], entry["noise_share"]) == (None, 0)


def test_a_trial_stands_at_its_output() -> None:
    floats = values(8, 1, 3)
    noisy, clean = (
        agreeing(batch_of(floats, coded(floats, step), range(8), step)) for step in (0.8, 0.01)
    )
    trial = TableTrial("net/conv1", -4.0, -2.0, noisy, clean)
    entry = report(table_trials={OUTPUT: trial})["outputs"][OUTPUT]["activation_on_host"]
    assert entry == {
        "layer": "net/conv1",
        "linear_range": [-4.0, -2.0],
        "samples": 8,
        "before_db": trial.before_db,
        "after_db": trial.after_db,
    }
    assert "activation_on_host" not in report()["outputs"][OUTPUT]
