"""Archives calibrated on the first samples of a file that is sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.calibration.first_samples import is_calibrated_on_the_first
from inspectors.dataset_identity_inspector import DatasetIdentityInspector
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.house.evidence import loud, quiet
from utils.findings import Finding

RANDOM = np.random.default_rng(9)
LEVELS = np.linspace(0.05, 1, 256).reshape(-1, 1, 1, 1)
SORTED = (natural_images(256, 40, 40) / 255 * LEVELS).astype(np.float32)
SHUFFLED = SORTED[RANDOM.permutation(256)]
SIZE = "model_optimization_config(calibration, calibset_size=32)\n"


def found(
    given: NDArray[Any], calibrated: NDArray[Any], script: str | None = None, in_file: int = 256
) -> list[Finding]:
    model = input_model(given, script=script, stored={"input_layer1": statistics_of(calibrated)})
    context = sampled(given, model=model, in_file=in_file)
    every = list(DatasetIdentityInspector().inspect(context))
    told = ["first samples" in f.headline for f in every]
    layer = model.network.input_layers[0]
    assert any(told) <= is_calibrated_on_the_first(context, layer)
    return [f for f in every if "first samples" in f.headline]


@quiet("dataset-differs")
@pytest.mark.parametrize(
    ("given", "calibrated"),
    [
        (SHUFFLED, SORTED[:64]),
        (SORTED, SORTED[64:128]),
        (SORTED, SHUFFLED[:64]),
        (SORTED[:64], SORTED[:64]),
        (SHUFFLED, SHUFFLED[:64]),
    ],
)
def test_quiet(given: NDArray[Any], calibrated: NDArray[Any]) -> None:
    assert found(given, calibrated) == []


@loud("dataset-differs")
@pytest.mark.parametrize(("size", "script"), [(64, None), (32, SIZE)])
def test_a_sorted_file(size: int, script: str | None) -> None:
    (finding,) = found(SORTED, SORTED[:size], script)
    assert finding.severity.label == "error"
    assert finding.evidence.startswith(
        f"the first {size} samples have the smallest and largest values that the archive stores; "
    )
    assert "calibset_size=256" in finding.commands[0]
    assert "with this line" in finding.remedy
    assert finding.command == ""


def test_a_large_file_is_only_shuffled() -> None:
    (finding,) = found(SORTED, SORTED[:64], in_file=4096)
    assert finding.commands == ()
    assert finding.remedy == "Shuffle the samples of the file and quantize again."
    assert finding.command.startswith("hailo optimize")
