"""--backend both: where the SDK and the embedded engine part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.backends.sdk.runs import SAMPLES, Case
from tests.emulator.quantized_networks import pair_of
from tests.sdk_standin.archives import made_for
from utils.har.model import load_model
from utils.measurements import Need
from utils.measurements.backend_comparison import BackendComparison, Part

NOTHING: tuple[str, ...] = ()


def compared(
    case: Case, wrong: Mapping[str, bool | str] | None = None, need: Need = Need.NOTHING
) -> BackendComparison:
    found = case.ran("both", wrong, need)
    assert found.backend == "both"
    assert found.sdk is not None
    assert found.sdk.failure == ""
    assert found.sdk.comparison is not None
    return found.sdk.comparison


def parting(found: BackendComparison, case: Case) -> dict[Part, tuple[str, ...]]:
    parts: tuple[Part, ...] = ("float", "codes")
    return {part: found.parting(case.model.float_network, part) for part in parts}


@pytest.mark.parametrize(
    ("flavour", "wrong"),
    [("3.25", {}), ("3.33", {}), ("5.3", {}), ("3.33", {"codes": True, "rank2_dense": True})],
)
def test_engines_that_are_equal_do_not_part(
    flavour: str, wrong: Mapping[str, bool | str], cases: Mapping[str, Case]
) -> None:
    case = cases[flavour]
    found = compared(case, wrong)
    assert parting(found, case) == {"float": NOTHING, "codes": NOTHING}
    assert found.samples == SAMPLES
    assert list(found.layers) == list(case.model.network.layers)
    assert found.compared("float") == found.compared("codes") == len(case.model.network)
    for layer in found.layers.values():
        assert layer.snr_difference_db == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("flavour", "fault", "float_parts", "codes_part"),
    [
        ("3.25", "differs_at", ("net/conv2",), ("net/conv2",)),
        ("3.33", "float_differs_at", ("net/conv2",), NOTHING),
        ("3.33", "quantized_differs_at", NOTHING, ("net/conv2",)),
        ("3.33", "wrong_shape", NOTHING, NOTHING),
        ("5.3", "differs_at", ("net/conv2",), ("net/conv2",)),
        ("5.3", "nan_at", ("net/conv2",), NOTHING),
        ("5.3", "layer_missing", NOTHING, NOTHING),
    ],
)
def test_only_the_layer_that_differs_is_named(
    flavour: str,
    fault: str,
    float_parts: tuple[str, ...],
    codes_part: tuple[str, ...],
    cases: Mapping[str, Case],
) -> None:
    found = compared(cases[flavour], {fault: "net/conv2"})
    assert parting(found, cases[flavour]) == {"float": float_parts, "codes": codes_part}


def test_what_is_behind_a_layer_that_hides_is_not_the_cause(cases: Mapping[str, Case]) -> None:
    case = cases["3.33"]
    found = compared(case, {"float_differs_at": "net/conv1", "layer_missing": "net/maxpool1"})
    assert found.layers["net/maxpool1"].float_difference is None
    assert found.layers["net/conv2"].differs("float")
    assert parting(found, case)["float"] == ("net/conv1",)


@pytest.mark.slow
def test_snr_of_both_are_told(cases: Mapping[str, Case]) -> None:
    found = compared(cases["5.3"], {"quantized_differs_at": "net/fc2"}, Need.NOISE)
    worse = {n for n, f in found.layers.items() if abs(f.snr_difference_db or 0.0) > 1}
    assert worse == {"net/fc2", "net/output_layer1"}
    assert (found.layers["net/fc2"].snr_difference_db or 0.0) > 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flavour", "kind", "modes"),
    [
        ("3.25", "joins", {"conv1": "a16_w16"}),
        ("3.33", "windows", {}),
        ("5.3", "joins", {"conv1": "a16_w16"}),
    ],
)
def test_graphs_of_every_shape_are_compared_whole(
    flavour: str, kind: str, modes: Mapping[str, str], tmp_path: Path
) -> None:
    pair, batch = pair_of(kind, tmp_path, modes)
    path, data = made_for(flavour, pair.path), str(tmp_path / "x.npy")
    np.save(data, next(iter(batch.values())))
    case = Case(flavour, path, data, load_model(path))
    found = compared(case)
    assert parting(found, case) == {"float": NOTHING, "codes": NOTHING}
    assert set(found.layers) == set(case.model.network.layers)
    inserted = set(case.model.network.layers) - set(case.model.float_network.layers)
    assert bool(inserted) is bool(modes)
    for name, layer in found.layers.items():
        assert (layer.float_difference is None) is (name in inserted)
        assert layer.snr_difference_db == pytest.approx(0.0, abs=1e-3)
