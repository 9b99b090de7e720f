"""Archives quantized anew from the ranges that they store: nothing else may change."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.noise_archives import write_archive
from tests.har.archives import NAME, members_of, npz, rewrite
from utils.errors import ArchiveError
from utils.har.model import Model, load_model
from utils.quantizer.integers import CodedLayer, coded_layers
from utils.quantizer.recalibrated import recalibrated, stored_statistics, within_ranges


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path, _ = write_archive(tmp_path_factory.mktemp("recalibrated"))
    return load_model(path)


def anew(model: Model) -> dict[str, CodedLayer]:
    return recalibrated(model, stored_statistics(model))


def test_stored_ranges_give_the_stored_integers(model: Model) -> None:
    made = anew(model)
    assert made.keys() == coded_layers(model).keys()
    for name, stored in coded_layers(model).items():
        if stored.integers is None:
            continue
        found = made[name].integers
        assert found is not None, name
        np.testing.assert_array_equal(found.kernel, stored.integers.kernel, name)
        assert found.mac_shift == stored.integers.mac_shift, name


def test_twice_the_range_is_twice_the_scale(model: Model) -> None:
    name = f"{model.network.name}/conv1"
    seen = stored_statistics(model)
    output = seen[name].output
    wide = replace(output, minimum=2 * output.minimum, maximum=2 * output.maximum)
    doubled = recalibrated(model, {**seen, name: replace(seen[name], output=wide)})[name].output
    single = anew(model)[name].output
    assert doubled is not None
    assert single is not None
    assert doubled.high == pytest.approx(2 * single.high, rel=1e-3)


def test_a_layer_without_ranges_is_named(model: Model) -> None:
    name = f"{model.network.name}/conv5"
    seen = {key: value for key, value in stored_statistics(model).items() if key != name}
    with pytest.raises(ArchiveError, match="no calibration statistics for layer"):
        recalibrated(model, seen)


@pytest.mark.parametrize("end", [np.nan, np.inf])
def test_ranges_that_are_no_numbers_are_refused(model: Model, end: float) -> None:
    name = f"{model.network.name}/conv3"
    seen = stored_statistics(model)
    output = replace(seen[name].output, maximum=np.full_like(seen[name].output.maximum, end))
    with pytest.raises(ArchiveError, match="do not fit together"):
        recalibrated(model, {**seen, name: replace(seen[name], output=output)})


def test_a_range_that_a_line_set_stays_as_it_is(tmp_path: Path) -> None:
    """Calibration saw twice as much as the codes of the layer reach."""
    path, _ = write_archive(tmp_path)
    name = f"{NAME}/conv1"
    with np.load(io.BytesIO(members_of(path)[f"{NAME}.ho.npz"])) as file:
        arrays = dict(file)
    for key in ("min", "max", "stats_limvals"):
        arrays[f"{name}/stats/output_0/{key}:0"] = 2 * arrays[f"{name}/stats/output_0/{key}:0"]
    before = load_model(path).encoding(name)
    rewrite(path, {"ho.npz": npz(**arrays)})
    model = load_model(path)
    found = recalibrated(model, within_ranges(model))[name].output
    as_seen = anew(model)[name].output
    assert before is not None
    assert found is not None
    assert as_seen is not None
    assert found.high == pytest.approx(before.high, rel=1e-3)
    assert as_seen.high == pytest.approx(2 * before.high, rel=1e-3)
