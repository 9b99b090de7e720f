"""The command with outputs of the chip, from a file to what the user reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.command.running import logged, outcome, report_of, run
from tests.command.uses import uses_of_the_readme
from tests.device_outputs.networks import Chip, chip
from tests.device_outputs.networks import saved as kept


@pytest.fixture(params=["fork", pytest.param("line", marks=pytest.mark.slow)])
def played(request: pytest.FixtureRequest, tmp_path: Path) -> Chip:
    made = chip(request.param, tmp_path)
    np.save("calibset.npy", next(iter(made.samples.values())))
    return made


def test_an_equal_chip_is_told_as_such(played: Chip) -> None:
    path = str(kept(Path("outputs.npz"), played.values()))
    har = played.model.archive.path
    report = report_of("-d", "calibset.npy", "--device-outputs", path, har)
    (found,) = [each for each in report["inspectors"] if each["name"] == "DeviceInspector"]
    assert [finding["id"] for finding in found["findings"]] == ["device-equal"]
    assert report["stages"][-1]["name"] == "device"


def test_reversed_channels_are_the_first_thing_that_is_read(played: Chip) -> None:
    turned = {name: values[..., ::-1] for name, values in played.samples.items()}
    path = str(kept(Path("outputs.npz"), played.values(turned)))
    har = played.model.archive.path
    code, report = outcome("-d", "calibset.npy", "--device-outputs", path, har)
    assert code == 0
    assert "Verdict: Accuracy is lost between the quantized model and the chip" in logged()
    assert report["causes"][0]["id"] == "device-differs"
    assert "order of the calibration set" in report["next"]["text"]


def test_a_damaged_file_costs_its_own_comparison_alone(played: Chip) -> None:
    Path("outputs.npz").write_bytes(b"PK\x03\x04 cut off")
    har = played.model.archive.path
    given = ("-d", "calibset.npy", "--device-outputs", "outputs.npz", har)
    code, report = outcome(*given)
    assert code == 2
    assert "outputs.npz" in logged() and report["layers"]


def test_a_file_that_holds_no_output_is_not_said_to_lose_anything(played: Chip) -> None:
    np.savez("other.npz", images=np.zeros((12, 3, 5, 7), np.float32))
    given = ("-d", "calibset.npy", "--device-outputs", "other.npz", played.model.archive.path)
    code, report = outcome(*given)
    assert code == 2
    assert "Accuracy is lost" not in logged()
    assert "nothing in other.npz matches an output of the network" in logged()
    device = report["stages"][-1]
    assert (device["name"], device["outputs"]) == ("device", {})
    assert "nothing in other.npz" in device["not_compared"]


def test_the_use_of_the_readme_runs_as_printed(played: Chip) -> None:
    kept(Path("outputs.npz"), played.values())
    Path(played.model.archive.path).rename("model.har")
    (arguments,) = uses_of_the_readme("--device-outputs")
    assert run(*arguments) == 0
    assert "device-equal" in logged()
