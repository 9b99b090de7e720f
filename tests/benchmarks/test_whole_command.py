"""What the command's debug log tells of a run is found under the names that the engine gives it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.whole_command import DATA_PASS, PLANNING, SEARCHING, data_pass
from utils.backends import workload


@pytest.mark.parametrize("shape", [(8, 8, 3), (1, 1, 80)])
@pytest.mark.parametrize("used", [1, 1024])
def test_phases_are_named_as_the_engine_names_them(shape: tuple[int, int, int], used: int) -> None:
    networks: Any = SimpleNamespace(
        floats=SimpleNamespace(input_shapes={"net/input_layer1": shape}),
        job=SimpleNamespace(calibration=SimpleNamespace(used=used)),
    )
    assert DATA_PASS.fullmatch(workload.measuring(networks))
    assert not DATA_PASS.fullmatch(workload.COMPARING)
    assert (SEARCHING, PLANNING) == (workload.SEARCH, workload.PLAN)


def test_a_log_without_a_data_pass_is_not_taken_for_a_fast_one() -> None:
    with pytest.raises(RuntimeError, match="no pass over the data is among importing TensorFlow"):
        data_pass({"importing TensorFlow": 0.5})
