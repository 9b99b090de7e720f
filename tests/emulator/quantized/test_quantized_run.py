"""The quantized engine against the hardware's arithmetic in NumPy, code for code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.emulator.integer_oracle import Archive, input_codes, layer_codes
from tests.emulator.quantized_networks import NETWORKS, Pair, loaded, pair_of
from tests.har.samples import DIRECTORY, QUANTIZED, present, sample_model, sample_path

# A value this near to the middle between two codes may fall to either side in float32.
NEAR_A_TIE = 2e-2
CALIB = DIRECTORY.parent / "calib"
DATA = {"ids": "ids_flows_99x1x1x80.npy", "jet": "jets_sparse_64x32x32x3.npy"}


def assert_codes_of_the_hardware(pair: Pair, batch: dict[str, NDArray[np.float32]]) -> None:
    archive, engine = Archive(pair.path), pair.codes(batch)
    assert not pair.quantized.not_measured
    for layer in pair.quantized.network:
        if layer.name in batch:
            expected = input_codes(archive, layer.name, batch[layer.name])
        elif "splitter" in layer.type:
            continue  # its parts are compared where they are taken
        else:
            expected = layer_codes(archive, layer.name, engine)
        assert_same_codes(layer.name, engine[layer.name], expected)


def assert_same_codes(name: str, found: NDArray[Any], expected: Any) -> None:
    different = found != expected.codes
    fraction = np.abs(expected.exact - np.floor(expected.exact) - 0.5)
    assert not (different & (fraction > NEAR_A_TIE)).any(), name
    assert np.abs(found - expected.codes).max() <= 1, name


@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_codes_are_those_of_the_hardware(kind: str, tmp_path: Path) -> None:
    assert_codes_of_the_hardware(*pair_of(kind, tmp_path))


@pytest.mark.parametrize("name", QUANTIZED)
def test_codes_of_real_archives_are_those_of_the_hardware(name: str) -> None:
    model = present(sample_model(name))
    values = np.load(CALIB / next(file for kind, file in DATA.items() if name.startswith(kind)))
    (source,) = model.float_network.input_layers
    pair = loaded(sample_path(name), model)
    assert_codes_of_the_hardware(pair, {source.name: values.astype(np.float32)})
