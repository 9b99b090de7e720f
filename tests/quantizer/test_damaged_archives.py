"""Changing archives in which arrays are missing, misshapen or no numbers: never a crash."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.har.archives import NAME, members_of, npz, rewrite, write_small
from tests.har.samples import present
from tests.house.rows import row
from utils.errors import DiagnosticError
from utils.har.model import Model, load_model
from utils.quantizer.requantizer import Requantized, Requantizer

Arrays = dict[str, NDArray[Any]]
SIXTEEN = {"conv2": "a16_w16", "fc2": "a16_w16"}


@cache
def arrays(path: str) -> dict[str, Arrays]:
    """Arrays of the small archive by member and key."""
    found = {}
    for suffix in ("q.npz", "ho.npz", "fpo.npz"):
        with np.load(io.BytesIO(members_of(path)[f"{NAME}.{suffix}"])) as member:
            found[suffix] = dict(member)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_small(tmp_path_factory.mktemp("whole") / "small.har")


Damage = Callable[[Mapping[str, NDArray[Any]]], Mapping[str, Any]]


def damaged(whole: str, tmp_path: Path, **damage: Damage) -> Model:
    """The small archive with arrays of its members (q, ho, fpo) changed."""
    path = tmp_path / "damaged.har"
    path.write_bytes(Path(whole).read_bytes())
    changes: dict[str, bytes | None] = {
        f"{member}.npz": npz(**change(arrays(whole)[f"{member}.npz"]))
        for member, change in damage.items()
    }
    return load_model(rewrite(str(path), changes))


def without(*parts: str) -> Damage:
    """Leave out all arrays whose key holds one of these parts."""
    return lambda found: {
        key: value for key, value in found.items() if not any(part in key for part in parts)
    }


def replacing(part: str, value: Callable[[NDArray[Any]], Any]) -> Damage:
    return lambda found: {
        key: value(array) if part in key else array for key, array in found.items()
    }


def apply(model: Model) -> Requantized:
    return Requantizer(model).apply(SIXTEEN, {"conv1": (0.0, 1.0)})


def integers(found: Requantized, name: str) -> NDArray[Any]:
    return present(found.layers[f"{NAME}/{name}"].multiplication).quantized_kernel.codes


DAMAGES: dict[str, Callable[[NDArray[Any]], Any]] = {
    "text": lambda array: np.full(array.shape, "x"),
    "empty": lambda array: np.zeros((0,), array.dtype),
    "scalar": lambda array: np.zeros((), array.dtype),
    "longer": lambda array: np.concatenate([np.ravel(array), np.ravel(array)[:1]]),
    "deeper": lambda array: np.stack([array, array]),
    "not a number": lambda array: np.full(array.shape, np.nan),
    "infinite": lambda array: np.full(array.shape, np.inf),
    "huge": lambda array: np.full(array.shape, 3e38),
    "tiny": lambda array: np.full(array.shape, 1e-38),
    "negative": lambda array: -np.ones(array.shape),
    "zero": np.zeros_like,
}
WORST = ("deeper", "not a number")  # another shape, another value
READ = {
    "q": (
        "conv2/kernel:0",
        "conv1/zp_kernel",
        "conv1/bias_q",
        "conv1/bias_factor",
        "mult_shift",
        "output_scales",
        "output_zero_points",
        "limvals_out",
        "negative_slopes",
    ),
    "ho": (
        "conv2/kernel:0",
        "conv2/bias:0",
        "eq_vec_out",
        "shift_delta",
        "act_op/thresholds",
        "act_op/slopes",
        "act_op/offsets",
        "stats/preact/max",
        "stats/preact/min",
        "stats/output_0/max",
    ),
    "fpo": ("conv2/kernel:0", "conv2/bias:0"),
}


@pytest.mark.parametrize(
    "damage",
    [pytest.param(name, marks=[] if name in WORST else pytest.mark.slow) for name in DAMAGES],
)
def test_damaged_arrays_never_crash(damage: str, whole: str, tmp_path: Path) -> None:
    for member, parts in READ.items():
        for part in parts:
            with row(member, part):
                assert any(part in key for key in arrays(whole)[f"{member}.npz"])
                change = replacing(part, DAMAGES[damage])
                model = damaged(whole, tmp_path, **{member: change})
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    # Of files of other tests, which are collected at any time.
                    warnings.simplefilter("ignore", ResourceWarning)
                    refused_or_sound(model)


def refused_or_sound(model: Model) -> None:
    try:
        found = apply(model)
    except DiagnosticError:
        return
    for name, layer in found.layers.items():
        assert np.isfinite(layer.output.scales).all()
        assert (layer.output.scales > 0).all()
        if layer.multiplication:
            assert name not in found.kept_float
            assert np.isfinite(layer.multiplication.quantized_kernel.accumulator_scale).all()
            assert all(a.dtype.kind in "iu" for a in layer.multiplication.stage.stored().values())


def test_whole_archives_have_integers_for_all(whole: str) -> None:
    found = apply(load_model(whole))
    assert not found.kept_float
    weighted = {f"{NAME}/{name}" for name in ("conv1", "conv2", "fc1", "fc2")}
    assert {n for n, layer in found.layers.items() if layer.multiplication} == weighted


ENCODINGS = ("/layer_params/output_scales", "/stats/")


@pytest.mark.parametrize(
    ("parts", "reason", "inputs"),
    [
        (("conv2/kernel",), "no float weights", 1),
        (tuple(f"{n}{e}" for n in ("conv1", "maxpool1") for e in ENCODINGS), "is coded", 0),
    ],
)
def test_layers_without_integers_say_why(
    parts: tuple[str, ...], reason: str, inputs: int, whole: str, tmp_path: Path
) -> None:
    left_out = without(*parts)
    found = Requantizer(damaged(whole, tmp_path, q=left_out, ho=left_out, fpo=left_out)).apply(
        SIXTEEN
    )
    assert reason in found.kept_float[f"{NAME}/conv2"]
    changed = found.layers[f"{NAME}/conv2"]
    assert changed.multiplication is None
    assert changed.mode.text == "a16_w16_a8"
    assert len(changed.inputs) == inputs


def test_an_encoding_that_is_missing_follows_from_statistics(whole: str, tmp_path: Path) -> None:
    model = damaged(whole, tmp_path, q=without("conv1/layer_params/output_scales"))
    found = Requantizer(model).apply(SIXTEEN)
    stored = present(load_model(whole).encoding(f"{NAME}/conv1"))
    output = found.layers[f"{NAME}/conv1"].output
    assert not found.kept_float
    np.testing.assert_allclose(output.scales * 32767, stored.scales * 255, rtol=1e-6)


def test_an_unknown_activation_keeps_its_layer_in_float(whole: str, tmp_path: Path) -> None:
    path = tmp_path / "unknown.har"
    path.write_bytes(Path(whole).read_bytes())
    text = members_of(whole)[f"{NAME}.hn"].replace(b'"sigmoid"', b'"wavelet"')
    changes: dict[str, bytes | None] = {
        "hn": text,
        "ho.npz": npz(**without("act_op")(arrays(whole)["ho.npz"])),
    }
    found = Requantizer(load_model(rewrite(str(path), changes))).apply(SIXTEEN)
    assert "wavelet" in found.kept_float[f"{NAME}/fc2"]
    assert list(found.kept_float) == [f"{NAME}/fc2"]


def test_the_optimizers_own_table_is_used(whole: str, tmp_path: Path) -> None:
    """An activation whose name says nothing, with a table."""
    path = tmp_path / "unknown.har"
    path.write_bytes(Path(whole).read_bytes())
    text = members_of(whole)[f"{NAME}.hn"].replace(b'"sigmoid"', b'"wavelet"')
    found = Requantizer(load_model(rewrite(str(path), {"hn": text}))).apply(SIXTEEN)
    assert not found.kept_float
    assert len(present(found.layers[f"{NAME}/fc2"].multiplication).curve.slopes) == 9


def test_without_the_optimizers_state_the_float_network_is_used(whole: str, tmp_path: Path) -> None:
    """Same weights in both here; statistics are missing, so accumulators rest on a bound."""
    model = damaged(whole, tmp_path, ho=lambda found: {"mode": np.array([2])})
    found, expected = apply(model), apply(load_model(whole))
    assert not found.kept_float
    assert set(found.layers) == set(expected.layers)
    for name in ("conv2", "fc2"):
        real = present(found.layers[f"{NAME}/{name}"].multiplication)
        scale = real.quantized_kernel.kernel_scale
        codes = np.float64(real.quantized_kernel.codes) - real.quantized_kernel.zero_point
        np.testing.assert_allclose(codes * scale, real.kernel, atol=0.51 * scale.max())
        assert np.ptp(integers(found, name)) > 4096  # no more than three of 15 bits are lost


def test_tuned_weights_go_before_native_ones(whole: str, tmp_path: Path) -> None:
    model = damaged(whole, tmp_path, ho=replacing("conv2/bias:0", lambda bias: bias + 0.25))
    tuned = present(apply(model).layers[f"{NAME}/conv2"].multiplication).bias
    native = arrays(whole)["fpo.npz"][f"{NAME}/conv2/bias:0"]
    np.testing.assert_allclose(tuned, native + 0.25, atol=1e-6)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_tuned_weights_that_are_no_numbers_are_left_aside(
    value: float, whole: str, tmp_path: Path
) -> None:
    model = damaged(
        whole, tmp_path, ho=replacing("conv2/kernel:0", lambda kernel: np.full_like(kernel, value))
    )
    np.testing.assert_array_equal(
        integers(apply(model), "conv2"), integers(apply(load_model(whole)), "conv2")
    )


def test_modes_that_are_not_recorded_count_as_8_bit(whole: str, tmp_path: Path) -> None:
    path = tmp_path / "old.har"
    path.write_bytes(Path(whole).read_bytes())
    text = members_of(whole)[f"{NAME}.hn"]
    text = text.replace(b'"a8_w8_a8"', b'"native"').replace(b'"bias_mode"', b'"was_bias_mode"')
    model = load_model(rewrite(str(path), {"hn": text}))
    requantizer, expected = Requantizer(model), Requantizer(load_model(whole))
    assert not requantizer.apply().layers
    found, same = requantizer.apply(SIXTEEN), expected.apply(SIXTEEN)
    assert {n: layer.mode.text for n, layer in found.layers.items()} == {
        n: layer.mode.text for n, layer in same.layers.items()
    }
    for name in ("conv2", "fc2"):
        np.testing.assert_array_equal(integers(found, name), integers(same, name))
