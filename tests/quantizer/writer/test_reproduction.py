"""What the writer writes is what the compiler wrote: same members, same keys, same integers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tests.har.samples import QUANTIZED, sample_model, sample_path
from tests.house.rows import row
from tests.quantizer.writer.stored import (
    Arrays,
    arrays_of,
    by_suffix,
    modes_of,
    statistics_of,
    vectors_of,
    weights_of,
)
from utils.quantizer.writer import build_quantized_har

INTEGER_MEMBERS = ("q.npz", "ho.npz", "stats.npz")


@pytest.fixture(scope="module", params=QUANTIZED)
def reproduction(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Members of a real archive and of one made of its float weights and statistics.

    Beside these, only the equalization vectors are taken over.
    """
    model = sample_model(request.param)
    path = str(tmp_path_factory.mktemp("written") / "model.har")
    build_quantized_har(
        path,
        name=model.name,
        network=model.float_network,
        weights=weights_of(model),
        statistics=statistics_of(model),
        precision_modes=modes_of(model),
        script=model.script_text,
        state=model.state,
        equalization=vectors_of(model),
    )
    return by_suffix(sample_path(request.param)), by_suffix(path)


Pair = tuple[dict[str, bytes], dict[str, bytes]]


def test_members_are_named_and_ordered_as_in_real_archives(reproduction: Pair) -> None:
    real, written = reproduction
    assert list(written) == list(real)


@pytest.mark.parametrize("suffix", ["hn", "native.hn", "fp.hn", "metadata.json"])
def test_graphs_and_metadata_are_the_same_text(reproduction: Pair, suffix: str) -> None:
    real, written = reproduction
    assert written[suffix].decode() == real[suffix].decode()


def test_source_model_is_described_by_the_same_facts(reproduction: Pair) -> None:
    real, written = (json.loads(members["original_model_meta.json"]) for members in reproduction)
    assert {key: type(value) for key, value in written.items()} == {
        key: type(value) for key, value in real.items()
    }


@pytest.mark.parametrize("suffix", ["npz", "fpo.npz", *INTEGER_MEMBERS])
def test_arrays_have_the_same_keys_types_and_shapes(reproduction: Pair, suffix: str) -> None:
    real, written = (arrays_of(members[suffix]) for members in reproduction)
    assert set(written) == set(real)
    for key, array in real.items():
        assert (written[key].dtype, written[key].shape) == (array.dtype, array.shape), key


@pytest.mark.parametrize("suffix", ["npz", "fpo.npz"])
def test_float_weights_are_the_same_bytes(reproduction: Pair, suffix: str) -> None:
    real, written = (arrays_of(members[suffix]) for members in reproduction)
    for key, array in real.items():
        assert written[key].tobytes("A") == array.tobytes("A"), key
        assert written[key].flags.f_contiguous == array.flags.f_contiguous, key


# Factor and code of a lone 16-bit bias can be chosen in many ways; test_requantize.py
# compares their product.
LONE_BIAS = re.compile(r"/fc2/(bias|bias_q|bias_factor|bias_add_op/bias(_factor)?_0):0$")


def test_values_are_the_same(reproduction: Pair) -> None:
    """All numbers of all layers: integers, scales, shifts, tables, flags."""
    compared = equal = 0
    for suffix in INTEGER_MEMBERS:
        real, written = (arrays_of(members[suffix]) for members in reproduction)
        for key, array in real.items():
            if array.dtype.kind == "U":
                assert sorted(written[key]) == sorted(array), key
            elif LONE_BIAS.search(key) and array.size == 1:
                continue
            elif "x_points" in key:
                # Scales are stored as float32; breakpoints of 32-bit accumulators show it.
                np.testing.assert_allclose(written[key], array, rtol=3e-6, err_msg=key)
            elif array.dtype.kind == "f" and "quant_kernel" not in key:
                np.testing.assert_allclose(written[key], array, 3e-6, 1e-12, err_msg=key)
            else:
                difference = np.abs(np.int64(written[key]) - np.int64(array))
                assert difference.max() <= 1, key
                compared += difference.size
                equal += int((difference == 0).sum())
    assert equal >= 0.999 * compared
    assert compared > 100_000


KINDS = {
    "weights": r"/kernel:0$",
    "weight zero points": r"/zp_kernel:0$",
    "biases": r"/bias_q:0$",
    "bias factors": r"/bias_factor:0$",
    "zero points": r"/(zero_point_(in|out)|layer_params/(in|out)put_zero_points):0$",
    "scales": r"/layer_params/(in|out)put_scales:0$",
    "ranges": r"/limvals_(in|out):0$",
    "shifts": r"/output_stage/mult_shift:0$",
    "output stages": r"/output_stage/piecewise/(offsets|slopes_m|slopes_e):0$",
}
SINGLE_PRECISION = 3e-6


def test_what_the_hardware_takes_is_the_same(reproduction: Pair) -> None:
    """Integers: at least 99.9 % equal, the rest off by one. Real numbers: to single precision."""
    real, written = (arrays_of(members["q.npz"]) for members in reproduction)
    for kind, pattern in KINDS.items():
        with row(kind):
            assert_same(real, written, re.compile(pattern))


def assert_same(real: Arrays, written: Arrays, pattern: re.Pattern[str]) -> None:
    compared = equal = 0
    for key, array in real.items():
        if not pattern.search(key):
            continue
        if LONE_BIAS.search(key) and array.size == 1:
            product, expected = lone_bias(written, key), lone_bias(real, key)
            assert product == pytest.approx(expected, rel=1e-6)
        elif array.dtype.kind == "f":
            np.testing.assert_allclose(written[key], array, SINGLE_PRECISION, err_msg=key)
        else:
            difference = np.abs(np.int64(written[key]) - np.int64(array))
            assert difference.max() <= 1, key
            compared += difference.size
            equal += int((difference == 0).sum())
    assert any(map(pattern.search, real))
    assert equal >= 0.999 * compared


def lone_bias(arrays: Arrays, key: str) -> float:
    layer = key.rpartition("/")[0]
    return float(arrays[f"{layer}/bias_q:0"][0]) * float(arrays[f"{layer}/bias_factor:0"])
