from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.emulator.quantized_networks import pair_of
from tests.emulator.tables import LAYER, TAIL, depth
from utils.emulator.floats.operands import parts_taken
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.errors import ArchiveError
from utils.har.network import Network
from utils.quantizer.integers import requantized_layer
from utils.quantizer.linear_output import linear_output


@pytest.mark.parametrize("mode", ["a8_w8", "a16_w16"])
def test_it_hands_out_the_sums_of_an_archive_without_the_activation(
    tmp_path: Path, mode: str
) -> None:
    pair, batch = depth(tmp_path, TAIL, modes={"conv2": mode})
    (tmp_path / "linear").mkdir()
    plain, _ = depth(tmp_path / "linear", TAIL, "linear", {"conv2": mode})
    seen = plain.float_values(batch)[LAYER].astype(np.float64)
    low, high = seen.min(axis=(0, 1, 2)), seen.max(axis=(0, 1, 2))
    made = linear_output(pair.model, LAYER, low, high)
    layers = [made.layer if layer.name == LAYER else layer for layer in pair.model.network]
    coded = {**pair.quantized.coded_layers, LAYER: requantized_layer(made)}
    emulator = QuantizedEmulator(pair.floats, Network("net", layers), coded)
    inputs = pair.floats.tensors(batch)
    operands = parts_taken(
        pair.model.network, pair.model.network[LAYER], pair.quantized.forward(inputs)
    )
    found = emulator.beside(made.layer, operands, inputs)
    assert found is not None
    expected = plain.quantized.forward(inputs)[LAYER].output
    code = float(made.output.scales[0])
    difference = found.output.values.numpy() - expected.values.numpy()
    assert np.abs(difference).max() <= 1.01 * code
    assert np.sqrt(np.square(found.output.values.numpy() - seen).mean()) < 0.01


@pytest.mark.parametrize("name", ["net/activation1", "net/input_layer1"])
def test_what_does_not_multiply_is_refused(tmp_path: Path, name: str) -> None:
    pair, _ = pair_of("chain", tmp_path)
    with pytest.raises(ArchiveError, match="multiply"):
        linear_output(pair.model, name, np.zeros(8), np.ones(8))
