"""Tables against their functions, held to a plain evaluation of the lines and the function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.emulator.quantized_networks import Batch, Pair, pair_of
from tests.emulator.tables import LAYER, OUTPUT, SAMPLES, TAIL, WHOLE, depth
from utils.emulator.measuring import table_errors
from utils.emulator.measuring.data_pass import DataPass
from utils.emulator.measuring.engine_pass import engine_pass
from utils.measurements import Measurements, Need
from utils.measurements.table_noise import TableNoise
from utils.quantizer.piecewise import PiecewiseLinear, activation_curve

FUNCTIONS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "exp": np.exp,
}
Made = tuple[Pair, Batch]


def batches_of(batch: Batch, size: int) -> Iterator[dict[str, Any]]:
    for start in range(0, SAMPLES, size):
        yield {name: values[start : start + size] for name, values in batch.items()}


def measured(made: Made, size: int = 8) -> Measurements:
    pair, batch = made
    return engine_pass(pair.floats, Need.NOISE, {}, pair.quantized).run(batches_of(batch, size))


def table_of(made: Made, size: int = 8) -> TableNoise:
    return measured(made, size).tables[LAYER]


def before_activation(made: Made) -> NDArray[np.float64]:
    pair, batch = made
    found = pair.floats.forward(pair.floats.tensors(batch))[LAYER].preactivation
    assert found is not None
    return np.asarray(found.numpy(), np.float64)


def decibels(signal: Any, error: Any) -> float:
    return 10 * math.log10(np.square(signal).sum() / np.square(error).sum())


def curve_of(made: Made, activation: str) -> PiecewiseLinear:
    x = before_activation(made)
    return activation_curve(activation, float(x.min()), float(x.max()))


@pytest.mark.parametrize(
    ("activation", "used"),
    [("sigmoid", TAIL), ("sigmoid", WHOLE), ("silu", WHOLE), ("tanh", WHOLE), ("exp", TAIL)],
)
@pytest.mark.parametrize("mode", ["a8_w8", "a16_w16"])
def test_the_error_is_that_of_lines_and_function(
    tmp_path: Path, activation: str, used: tuple[float, float], mode: str
) -> None:
    made = depth(tmp_path, used, activation, {"conv2": mode})
    x, found = before_activation(made), table_of(made)
    function, lines = FUNCTIONS[activation](x), curve_of(made, activation)(x)
    encoding = made[0].model.encoding(LAYER)
    assert encoding is not None
    function_held, lines_held = (np.clip(y, encoding.low, encoding.high) for y in (function, lines))
    expected = decibels(function, lines_held - function_held)
    # The archive's table is rounded to the integers of the hardware.
    assert found.snr_db == pytest.approx(expected, abs=1.0 if mode == "a16_w16" else 2.0)
    assert found.values == x.size
    assert (found.low, found.high) == pytest.approx((x.min(), x.max()), rel=1e-5)
    assert found.lines == len(curve_of(made, activation).slopes)


def test_the_share_is_what_goes_with_the_table(tmp_path: Path) -> None:
    made = depth(tmp_path, TAIL)
    pair, batch = made
    found = table_of(made)
    x = before_activation(made)
    chip = pair.quantized.forward(pair.floats.tensors(batch))[LAYER].output.values.numpy()
    table = curve_of(made, "sigmoid")(x)
    function = FUNCTIONS["sigmoid"](x)
    rest = np.square(chip - table).sum() / np.square(chip - function).sum()
    assert found.share == pytest.approx(1 - rest, abs=0.02)
    size = math.sqrt(np.square(function).mean())
    assert found.typical_error == pytest.approx(size * 10 ** (-found.snr_db / 20), rel=0.01)


def test_a_tail_is_loud_and_the_whole_range_quiet(tmp_path: Path) -> None:
    whole = table_of(depth(tmp_path, WHOLE))
    tail = table_of(depth(tmp_path, TAIL))
    assert whole.snr_db > 35
    assert tail.snr_db < 20
    assert tail.share > 0.8


def test_more_bits_leave_the_lines_as_they_are(tmp_path: Path) -> None:
    narrow = table_of(depth(tmp_path, TAIL))
    wide = table_of(depth(tmp_path, TAIL, modes={"conv2": "a16_w16"}))
    assert wide.snr_db == pytest.approx(narrow.snr_db, abs=1.0)
    assert wide.share > 0.98


@pytest.mark.parametrize("size", [1, 5, SAMPLES])
def test_the_size_of_the_batches_does_not_matter(tmp_path: Path, size: int) -> None:
    made = depth(tmp_path, TAIL)
    one, other = table_of(made, 8), table_of(made, size)
    assert one.__dict__ == pytest.approx(other.__dict__, rel=1e-5)


def test_a_part_of_the_pixels_tells_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = depth(tmp_path, TAIL)
    whole = table_of(made)
    monkeypatch.setattr(table_errors, "VALUES", 32)
    part = table_of(made)
    assert part.values < whole.values / 3
    assert part.snr_db == pytest.approx(whole.snr_db, abs=0.3)
    assert part.share == pytest.approx(whole.share, abs=0.03)


def test_layers_run_at_once_give_the_same(tmp_path: Path) -> None:
    pair, batch = made = depth(tmp_path, TAIL)
    at_once = DataPass(pair.floats, Need.NOISE, {}, pair.quantized).run(batches_of(batch, 8))
    assert at_once.tables[LAYER].__dict__ == pytest.approx(table_of(made).__dict__, rel=1e-5)


def test_activations_that_are_lines_have_no_table(tmp_path: Path) -> None:
    for activation in ("relu", "linear", "leaky", "hardsigmoid"):
        assert measured(depth(tmp_path, WHOLE, activation)).tables == {}
    pair, batch = pair_of("windows", tmp_path)
    found = engine_pass(pair.floats, Need.NOISE, {}, pair.quantized).run([batch]).tables
    assert found.keys() == {"net/conv3", "net/conv4", "net/dw2"}  # sigmoid, silu and tanh


def test_clipping_is_none_of_the_tables_doing(tmp_path: Path) -> None:
    pair, batch = depth(tmp_path, WHOLE, "silu")
    far = {name: 3 * values for name, values in batch.items()}
    near, wide = (table_of((pair, data)) for data in (batch, far))
    assert measured((pair, far)).noise.layers[OUTPUT].output.snr_db < 10  # type: ignore[union-attr]
    assert wide.snr_db > near.snr_db - 3


def test_damaged_numbers_accuse_no_table(tmp_path: Path) -> None:
    pair, batch = depth(tmp_path, TAIL)
    (name,) = batch
    broken = {name: batch[name].copy()}
    broken[name][3] = np.nan
    assert measured((pair, broken)).tables == {}
