"""Whether tensors of quantized layers are real numbers or codes."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from utils.backends.sdk.readings import CodeReadings
from utils.har.quantization import Encoding

HIGHEST = 255
CODES = np.random.default_rng(4).integers(0, HIGHEST + 1, (2, 3, 3, 4)).astype(np.float32)


def encoding(scale: float = 0.03, zero: float = 11.0, channels: int = 1) -> Encoding:
    scales, zeros = np.full(channels, scale), np.full(channels, zero)
    return Encoding(scales, zeros, -zero * scale, (HIGHEST - zero) * scale)


def reals(codes: NDArray[np.float32], stored: Encoding) -> NDArray[np.float32]:
    return ((codes - stored.zero_points) * stored.scales).astype(np.float32)


@pytest.mark.parametrize("stored", [encoding(), encoding(2.0, 0.0), encoding(0.5, 3.0, 4)])
@pytest.mark.parametrize("noise", [0.0, 0.4])
@pytest.mark.parametrize("gives_codes", [False, True])
def test_the_reading_that_is_nearer_to_the_float_network_counts(
    stored: Encoding, noise: float, gives_codes: bool
) -> None:
    wanted = reals(CODES, stored)
    reference = wanted + np.float32(noise * stored.scales.max())
    given = CODES if gives_codes else wanted
    readings = CodeReadings()
    found = readings.coded("net/conv1", tf.constant(given), stored, HIGHEST, reference)
    assert readings.are_codes == {"net/conv1": gives_codes}
    np.testing.assert_array_equal(found.codes, CODES)
    np.testing.assert_allclose(found.values, wanted, rtol=1e-5, atol=1e-6)


def test_the_reading_is_settled_by_the_first_batch_that_tells() -> None:
    stored, readings = encoding(zero=0.0), CodeReadings()
    nothing = np.zeros_like(CODES)
    for given, reference in ((nothing, nothing), (CODES, reals(CODES, stored)), (nothing, CODES)):
        found = readings.coded("net/conv1", tf.constant(given), stored, HIGHEST, reference)
        np.testing.assert_array_equal(found.codes, given)
    assert readings.are_codes == {"net/conv1": True}


@pytest.mark.parametrize(
    "reference", [None, np.zeros((2, 1, 1, 4), np.float32)], ids=["none", "of another shape"]
)
def test_without_a_float_counterpart_they_are_real_numbers(
    reference: NDArray[np.float32] | None,
) -> None:
    stored, readings = encoding(zero=0.0), CodeReadings()
    found = readings.coded("net/conv1", tf.constant(CODES), stored, HIGHEST, reference)
    np.testing.assert_allclose(found.values, CODES, rtol=1e-6)


def test_what_is_not_on_the_grid_stays_as_it_is() -> None:
    stored = encoding()
    given = reals(CODES + np.float32(0.25), stored)
    found = CodeReadings().coded(
        "net/conv1", tf.constant(given), stored, HIGHEST, tf.constant(given)
    )
    np.testing.assert_allclose(found.values, given, rtol=1e-5, atol=1e-6)


def test_16_bit_codes_survive_float32() -> None:
    codes = np.arange(65_536, dtype=np.float32).reshape(1, 256, 256, 1)
    stored = encoding(1.7e-4, 31_000.0)
    given = tf.constant(reals(codes, stored))
    found = CodeReadings().coded("net/conv1", given, stored, 65_535, given)
    np.testing.assert_array_equal(found.codes, codes)


def test_layers_without_encoding_hold_no_codes() -> None:
    readings = CodeReadings()
    found = readings.coded("net/conv1", tf.constant(CODES), None, HIGHEST, tf.constant(CODES))
    assert found.encoding is None
    assert readings.assumptions == ()


def test_the_readings_are_told_once() -> None:
    stored, readings = encoding(), CodeReadings()
    for name, given in (("a", CODES), ("b", reals(CODES, stored))):
        readings.coded(name, tf.constant(given), stored, HIGHEST, tf.constant(reals(CODES, stored)))
    (sentence,) = readings.assumptions
    assert "codes at 1 of 2 layers" in sentence
