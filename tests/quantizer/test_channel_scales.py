"""Scales of channels that an archive lacks, against archives that were written with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import calibrated
from tests.fixtures.noise_archives import images, sound_network
from tests.har.archives import NAME
from utils.har.model import Model, load_model
from utils.quantizer.requantizer import Requantizer
from utils.quantizer.stored_layers import StoredLayers
from utils.quantizer.writer import build_quantized_har

HEAD = f"{NAME}/fc2"


def archive(folder: Path, name: str, **options: object) -> Model:
    net = sound_network()
    path = folder / name
    build_quantized_har(
        str(path),
        name=NAME,
        network=net.network(),
        weights=net.weights(),
        statistics=calibrated(net, images()),
        **options,  # type: ignore[arg-type]
    )
    return load_model(str(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scales")


@pytest.fixture(scope="module")
def plain(folder: Path) -> Model:
    return archive(folder, "plain.har", equalization={})


@pytest.fixture(scope="module")
def equalized(folder: Path) -> Model:
    return archive(folder, "equalized.har")


def test_what_an_archive_has_is_not_chosen_again(equalized: Model) -> None:
    assert Requantizer(equalized).missing_equalization() == {}


def test_scales_are_those_that_the_archive_would_have_been_given(
    plain: Model, equalized: Model
) -> None:
    found, stored = Requantizer(plain).missing_equalization(), StoredLayers(equalized)
    wanted = {
        layer.name: vector
        for layer in equalized.network
        if (vector := stored.equalization(layer.name)) is not None and np.ptp(vector) > 0
    }
    assert found.keys() == wanted.keys()
    assert len(found) >= 3
    for name, vector in wanted.items():
        np.testing.assert_allclose(found[name], vector, rtol=1e-4)


def test_integers_become_those_of_the_equalized_archive(plain: Model, equalized: Model) -> None:
    requantizer, stored = Requantizer(plain), StoredLayers(equalized)
    made = requantizer.apply(vectors=requantizer.missing_equalization())
    assert not made.kept_float
    compared = 0
    for name, layer in made.layers.items():
        codes = stored.kernel_codes(name)
        if layer.multiplication is None or codes is None:
            continue
        own = layer.multiplication.quantized_kernel.codes.astype(int)
        assert np.abs(own - codes[0]).max() <= 1, name
        assert layer.output.scales == pytest.approx(stored.encoding(name).scales, rel=1e-4)  # type: ignore[union-attr]
        compared += 1
    assert compared >= 5


def test_channels_of_an_output_get_as_many_codes_as_they_can(plain: Model) -> None:
    vectors = Requantizer(plain).output_scales()
    assert list(vectors) == [HEAD]
    made = Requantizer(plain).apply(vectors=vectors)
    before, after = StoredLayers(plain).encoding(HEAD), made.layers[HEAD].output
    assert before is not None
    assert float(after.scales.max()) == pytest.approx(float(before.scales.max()), rel=0.3)
    assert (after.scales <= before.scales * 1.3).all()
    assert float(after.scales.min()) < 0.95 * float(before.scales.min())
    codes = made.layers[HEAD].multiplication
    assert codes is not None
    largest = np.abs(codes.quantized_kernel.codes).max(axis=0)
    stored = StoredLayers(plain).kernel_codes(HEAD)
    assert stored is not None
    assert (largest >= np.abs(stored[0]).max(axis=0) - 1).all()


def test_without_vectors_nothing_changes(plain: Model) -> None:
    assert not Requantizer(plain).apply(vectors={}).layers
