from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures.builders import (
    build_histogram,
    build_layer,
    build_model,
    build_network,
    build_statistics,
    chain,
    stored_statistics,
)
from utils.har.network import Layer
from utils.measurements import LayerMeasurement
from utils.measurements.spread import (
    Side,
    Spread,
    count_by_chance,
    has_forced_range,
    spread_of,
    tails,
)


def bins(**filled: int) -> list[int]:
    """Counts of 100 bins, `b99=3` puts 3 values into the last one."""
    counts = [0] * 100
    for name, count in filled.items():
        counts[int(name[1:])] = count
    return counts


@pytest.mark.parametrize(
    ("counts", "low", "high", "outside", "expected"),
    [
        (bins(b0=5000, b99=5000), 0, 1, {}, (0.0, 0.0)),
        (bins(b0=5000, b99=4), 0, 1, {}, (0.0, 0.0)),
        (bins(b0=5000, b99=3), 0, 1, {}, (0.0, 0.99)),
        (bins(b0=5000, b60=9, b99=3), 0, 1, {}, (0.0, 0.39)),
        (bins(b0=5000, b60=9, b80=1, b99=3), 0, 1, {}, (0.0, 0.19)),
        (bins(b0=5000, b60=9, b99=2), 0, 1, {"above": 1}, (0.0, 0.39)),
        (bins(b0=5000, b60=9, b99=2), 0, 1, {"above": 2}, (0.0, 0.0)),
        (bins(b0=3, b30=9000), -1, 0, {}, (0.3, 0.0)),
        (bins(b0=3, b30=9000), -1, 0, {"below": 1}, (0.0, 0.0)),
        (bins(b0=3, b30=9000, b99=2), -1, 1, {}, (0.3, 0.5)),  # a tail ends at 0
        (bins(b0=1, b90=9000, b99=9), -1, 1, {}, (0.5, 0.0)),
        (bins(b0=1, b90=9000, b99=9), -1, 3, {}, (0.25, 0.0)),
        (bins(b0=9000), 0, 0, {"above": 7}, (0.0, 0.0)),
    ],
)
def test_tails(
    counts: list[int],
    low: float,
    high: float,
    outside: dict[str, int],
    expected: tuple[float, float],
) -> None:
    histogram = build_histogram(counts, low, high, **outside)
    assert tails(histogram, 3) == pytest.approx(expected)


@given(
    values=st.lists(st.floats(-1.5, 2.5), min_size=1, max_size=60),
    limit=st.integers(0, 10),
)
def test_what_lies_in_a_tail_or_beyond_is_within_the_limit(values: list[float], limit: int) -> None:
    array = np.asarray(values)
    counts, _ = np.histogram(array, bins=100, range=(-1, 2))
    below, above = int((array < -1).sum()), int((array > 2).sum())
    lower, upper = tails(build_histogram(counts, -1, 2, below=below, above=above), limit)
    # Bin edges lie between multiples of 0.03; half of one more keeps rounding out of it.
    assert lower == 0 or (array < -1 + 3 * lower - 0.015).sum() <= limit
    assert upper == 0 or (array > 2 - 3 * upper + 0.015).sum() <= limit
    # And one bin more would hold too many, unless it would reach over 0.
    if 3 * lower < 1 - 0.03:
        assert (array < -1 + 3 * lower + 0.045).sum() > limit
    if 3 * upper < 2 - 0.03:
        assert (array > 2 - 3 * upper - 0.045).sum() > limit


def build_spread(
    low: tuple[float, float] = (0.0, 0.0),
    high: tuple[float, float] = (1.0, 1.0),
    counts: Mapping[str, int] | None = None,
) -> Spread:
    """Bounds with the farthest values, and how many values and samples are outside."""
    counts = counts or {}
    return Spread(
        Layer("net/conv1", "conv"),
        Side("lower", *low, 0.0, counts.get("below", 0), counts.get("samples_below", 0)),
        Side("upper", *high, 0.0, counts.get("above", 0), counts.get("samples_above", 0)),
        total=1_000,
        was_clipped=False,
    )


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({}, 0.0),
        ({"above": 500, "samples_above": 9}, 0.0),
        ({"above": 500, "samples_above": 9, "below": 400, "samples_below": 9}, 0.0),
        ({"above": 500, "samples_above": 10}, 0.5),
        ({"above": 500, "samples_above": 9, "below": 100, "samples_below": 10}, 0.1),
        ({"above": 500, "samples_above": 64, "below": 100, "samples_below": 64}, 0.6),
    ],
)
def test_a_side_counts_by_its_samples(counts: dict[str, int], share: float) -> None:
    assert build_spread(counts=counts).share_beyond(count_by_chance(64, 64, 1e-3)) == share


@pytest.mark.parametrize(
    ("low", "high", "filled"),
    [
        ((0, 0), (255, 255), 1.0),
        ((0, 0), (255, 1), 1 / 255),
        ((0, 100), (255, 200), 200 / 255),  # 0 belongs to both
        ((0, -2), (255, 2.55), 0.01),
        ((-1, -9), (1, 9), 1.0),
        ((-1, 0), (1, 1), 0.5),
        ((0, -3), (255, -1), 0.0),
        ((0, 0), (0, 7), 1.0),
    ],
)
def test_how_far_the_data_fill_the_range(
    low: tuple[float, float], high: tuple[float, float], filled: float
) -> None:
    assert build_spread(low, high).filled == pytest.approx(filled)


def test_samples_outside_add_up() -> None:
    one = build_histogram([1] * 100, below=5, samples_below=2)
    other = build_histogram([1] * 100, below=1, above=8, samples_below=1, samples_above=4)
    merged = one.merged(other)
    assert (merged.below, merged.above) == (6, 8)
    assert (merged.samples_below, merged.samples_above) == (3, 4)


def test_count_by_chance_is_rarely_exceeded_by_values_of_the_same_kind() -> None:
    random = np.random.default_rng(7)
    trials, samples, calibrated = 20_000, 99, 64
    values = random.lognormal(size=(trials, samples + calibrated))
    extreme = values[:, samples:].max(axis=1, keepdims=True)
    beyond = (values[:, :samples] > extreme).sum(axis=1)
    limit = count_by_chance(samples, calibrated, 0.01)
    assert 1 < limit < 20
    assert 0.001 < (beyond > limit).mean() < 0.01


def test_count_by_chance_grows_with_the_samples() -> None:
    limits = [count_by_chance(samples, 64, 1e-4) for samples in (1, 8, 64, 1024)]
    assert limits == pytest.approx([2.2064, 4.1918, 13.2877, 151.925], rel=1e-4)


@pytest.mark.parametrize(
    ("type", "activation", "forced"),
    [
        ("conv", "linear", False),
        ("conv", "relu", False),
        ("conv", "sigmoid", True),
        ("softmax", "linear", True),
    ],
)
def test_forced_range(type: str, activation: str, forced: bool) -> None:
    network = build_network(
        chain(
            build_layer("input_layer1"),
            build_layer("conv1", activation="sigmoid"),
            build_layer("last", type=type, activation=activation),
            build_layer("shortcut1"),
            build_layer("output_layer1"),
        )
    )
    assert has_forced_range(network, network["net/last"]) == forced
    assert not has_forced_range(network, network["net/conv1"])


@pytest.mark.parametrize(
    ("mode", "farthest", "beyond"),
    [
        ("a8_w8_a8", 1.0019, 0),  # half an 8-bit code is 1/510 = 0.00196
        ("a8_w8_a8", 1.0020, 7),
        ("", 1.0019, 0),
        ("a16_w16_a16", 1.0000152, 0),  # half a 15-bit code is 1/65534 = 0.00001526
        ("a16_w16_a16", 1.0000154, 7),
    ],
)
def test_values_within_half_a_code_of_the_bound_are_not_beyond(
    mode: str, farthest: float, beyond: int
) -> None:
    layer = build_layer("conv1", mode=mode)
    model = build_model([build_layer("input_layer1"), layer, build_layer("output_layer1")])
    measured = LayerMeasurement(
        build_statistics(0, farthest),
        histogram=build_histogram([9] * 100, above=7, samples_above=2),
    )
    spread = spread_of(model, layer, measured, 3)
    assert spread is not None
    assert (spread.low.beyond, spread.high.beyond, spread.total) == (0, beyond, 907)
    assert (spread.low.samples_beyond, spread.high.samples_beyond) == (0, 2 if beyond else 0)


@pytest.mark.parametrize(
    ("seen", "was_clipped"),
    [((0.0, 1.0), False), ((0.0, 1.0001), False), ((0.0, 3.0), True), ((-1.0, 1.0), True)],
)
def test_a_range_narrower_than_what_calibration_saw_was_clipped(
    seen: tuple[float, float], was_clipped: bool
) -> None:
    model = build_model(
        optimized=stored_statistics("conv1/stats/output_0", build_statistics(*seen))
    )
    measured = LayerMeasurement(build_statistics(), histogram=build_histogram([9] * 100))
    spread = spread_of(model, model.network["net/conv1"], measured, 3)
    assert spread is not None
    assert spread.was_clipped == was_clipped


def test_no_spread_without_values() -> None:
    model = build_model()
    layer = model.network["net/conv1"]
    empty = LayerMeasurement(build_statistics(), histogram=build_histogram([0] * 100))
    assert spread_of(model, layer, None, 3) is None
    assert spread_of(model, layer, LayerMeasurement(build_statistics()), 3) is None
    assert spread_of(model, layer, empty, 3) is None
