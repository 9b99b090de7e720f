"""Which errors of opening and reading data are findings, and reading from the middle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from utils.dataset.calibration_set import open_dataset
from utils.dataset.finite import finite_batches
from utils.errors import DatasetError
from utils.har.network import Layer

ROWS = np.arange(12 * 18, dtype=np.float32).reshape(12, 2, 3, 3)
LAYERS = [
    Layer("net/input_layer1", "input_layer", output_shapes=((2, 3, 3),)),
    Layer("net/input_layer2", "input_layer", output_shapes=((2, 3, 3),)),
]
Save = Callable[[str], None]


@pytest.mark.parametrize(
    ("save", "inputs", "finding_id"),
    [
        (lambda path: np.save(path, ROWS.transpose(0, 3, 1, 2)), 1, "calibration-shape"),
        (lambda path: np.save(path, ROWS[:, 0]), 1, "calibration-shape"),
        (lambda path: np.save(path, ROWS.astype(object)), 1, "calibration-dtype"),
        (lambda path: np.save(path, ROWS.astype(complex)), 1, "calibration-dtype"),
        (lambda path: np.save(path, ROWS.astype(str)), 1, "calibration-dtype"),
        (lambda path: np.save(path, ROWS), 2, "calibration-input-names"),
        (lambda path: np.savez(path, a=ROWS, b=ROWS), 2, "calibration-input-names"),
        (lambda path: np.save(path, ROWS[:0]), 1, "calibration-shape"),
        (lambda path: np.save(path, np.float32(1)), 1, "calibration-shape"),
        (lambda path: np.savez(path), 1, "calibration-unreadable"),
        (
            lambda path: np.savez(path, input_layer1=ROWS, input_layer2=ROWS[:9]),
            2,
            "calibration-counts",
        ),
        (
            lambda path: Path(path).write_bytes(b"no array at all"),
            1,
            "calibration-unreadable",
        ),
    ],
)
def test_errors_that_are_findings(tmp_path: Path, save: Save, inputs: int, finding_id: str) -> None:
    save(str(tmp_path / "x"))
    (path,) = tmp_path.iterdir()
    with pytest.raises(DatasetError) as caught:
        open_dataset(str(path), LAYERS[:inputs], 64)
    assert caught.value.finding_id == finding_id


@pytest.mark.parametrize(
    ("second", "remedy"),
    [(ROWS.transpose(0, 3, 1, 2), "For net/input_layer2 bring"), (ROWS.astype(str), "For net/inp")],
)
def test_of_several_inputs_the_one_concerned_is_named(
    tmp_path: Path, second: Any, remedy: str
) -> None:
    path = str(tmp_path / "x.npz")
    np.savez(path, input_layer1=ROWS, input_layer2=second)
    with pytest.raises(DatasetError) as caught:
        open_dataset(path, LAYERS, 64)
    assert caught.value.inputs == ("net/input_layer2",)
    assert caught.value.remedy.startswith(remedy)


def test_numbers_that_are_none_are_a_finding_and_every_batch_is_shown(tmp_path: Path) -> None:
    spoiled = ROWS.copy()
    spoiled[4, 0, 0, 0] = np.inf
    np.save(tmp_path / "x.npy", spoiled)
    calibration = open_dataset(str(tmp_path / "x.npy"), LAYERS[:1], 10)
    seen: list[Any] = []
    with pytest.raises(DatasetError) as caught:
        list(finite_batches(calibration, 3, seen.append))
    assert caught.value.finding_id == "calibration-not-finite"
    read = np.concatenate([batch["net/input_layer1"] for batch in seen])
    np.testing.assert_array_equal(read, spoiled[calibration.indices])


@pytest.mark.parametrize("name", ["x.npy", "x.npz"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "chosen",
    [[*range(12)], [*range(5, 12)], [5, 6], [11], [], [0, 1, 4, 5, 6, 11], [1, 3, 5, 7, 9]],
)
def test_reading_from_the_middle(tmp_path: Path, name: str, order: str, chosen: list[int]) -> None:
    array = np.asarray(ROWS, order=order)  # type: ignore[call-overload]
    path = str(tmp_path / name)
    if name.endswith(".npy"):
        np.save(path, array)
    else:
        np.savez_compressed(path, array)
    calibration = open_dataset(path, LAYERS[:1], 2)
    indices = np.array(chosen, np.int64)
    batches = [b["net/input_layer1"] for b in calibration.batches(4, indices)]
    assert [len(batch) for batch in batches] == [
        min(4, len(chosen) - first) for first in range(0, len(chosen), 4)
    ]
    if batches:
        np.testing.assert_array_equal(np.concatenate(batches), ROWS[indices])
