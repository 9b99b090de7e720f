from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from inspectors.base_inspector import Question
from inspectors.clipping_inspector import ClippingInspector
from tests.fixtures.builders import (
    build_context,
    build_histogram,
    build_layer,
    build_measurements,
    build_model,
    build_statistics,
    scoped,
    stored_statistics,
)
from tests.har.samples import DIRECTORY, QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.har.model import Model
from utils.har.network import Layer
from utils.har.statistics import ChannelStatistics
from utils.measurements import LayerMeasurement, Measurements

Summary = list[tuple[str, str, tuple[str, ...]]]


def measured(
    filled: Mapping[int, int] | None = None,
    low: float = 0.0,
    high: float = 1.0,
    data: tuple[float, float] | None = None,
    **outside: int,
) -> LayerMeasurement:
    """A layer whose bins hold 1,000 values each, but for those of `filled`.

    The data reach from bound to bound, or far beyond a side with values outside, which then
    come from 64 samples.
    """
    for side in [side for side in ("below", "above") if outside.get(side)]:
        outside.setdefault(f"samples_{side}", 64)
    counts = [1_000] * 100
    for bin_, count in (filled or {}).items():
        counts[bin_] = count
    lowest = low - (high - low) * bool(outside.get("below"))
    highest = high + (high - low) * bool(outside.get("above"))
    return LayerMeasurement(
        build_statistics(*(data or (lowest, highest))),
        histogram=build_histogram(counts, low, high, **outside),
    )


def emptied(start: int, stop: int, outlier: int | None = None) -> dict[int, int]:
    """Nothing in these bins, but for 3 values in one."""
    return dict.fromkeys(range(start, stop), 0) | ({} if outlier is None else {outlier: 3})


def network(**params: Any) -> list[Layer]:
    return [
        build_layer("input_layer1"),
        build_layer("conv1", **params),
        build_layer("conv2", activation="linear"),
        build_layer("maxpool1"),
        build_layer("output_layer1"),
    ]


def inspect(
    layers: Mapping[str, LayerMeasurement],
    model: Model | None = None,
    samples: int = 64,
    answer: str | None = None,
) -> list[Finding]:
    measurements = Measurements(samples, {scoped(name): m for name, m in layers.items()})
    context = build_context(model or build_model(network()), measurements, answer=answer)
    return list(ClippingInspector().inspect(context))


def summary(found: Sequence[Finding]) -> Summary:
    return [(f.id, f.severity.label, f.layers) for f in found]


def expected(id: str, severity: str, *names: str) -> Summary:
    return [(id, severity, tuple(map(scoped, names)))] if severity else []


UPPER_TAIL_OF_4 = emptied(96, 100, outlier=99)
UPPER_TAIL_OF_5 = emptied(95, 100, outlier=99)
UPPER_TAIL_OF_20 = emptied(80, 100, outlier=99)
LOWER_TAIL_OF_20 = emptied(0, 20, outlier=0)


@quiet("unused-range")
@loud("unused-range")
@pytest.mark.parametrize(
    ("layer", "severity"),
    [
        (measured(), ""),
        (measured(UPPER_TAIL_OF_4), ""),
        (measured(UPPER_TAIL_OF_20 | {99: 4}), ""),
        (measured(UPPER_TAIL_OF_20, above=1), ""),
        (measured(LOWER_TAIL_OF_20), ""),  # the lower bound is 0
        (measured(LOWER_TAIL_OF_20, low=-0.04, high=0.96), ""),  # only 4 % lie below 0
        (measured(UPPER_TAIL_OF_20, low=-1, high=0), ""),
        (measured(UPPER_TAIL_OF_5), "info"),
        (measured(emptied(81, 100, outlier=99)), "info"),
        (measured(UPPER_TAIL_OF_20), "warning"),
        (measured(UPPER_TAIL_OF_20 | {99: 2}, above=1), "warning"),
        (measured(UPPER_TAIL_OF_20, low=-3, high=1), "warning"),
        (measured(emptied(0, 5, outlier=0), low=-1, high=0), "info"),
        (measured(LOWER_TAIL_OF_20, low=-1, high=0), "warning"),
        (measured(LOWER_TAIL_OF_20 | {0: 2}, low=-1, high=0, below=1), "warning"),
        (measured(LOWER_TAIL_OF_20 | UPPER_TAIL_OF_5, low=-1, high=1), "warning"),
    ],
)
def test_unused_range(layer: LayerMeasurement, severity: str) -> None:
    assert summary(inspect({"conv1": layer})) == expected("unused-range", severity, "conv1")


def test_few_samples_narrow_no_range() -> None:
    layer = measured(UPPER_TAIL_OF_20)
    assert [len(inspect({"conv1": layer}, samples=samples)) for samples in (8, 7)] == [1, 0]
    few = Measurements(7, {scoped("conv1"): layer})
    assert [*ClippingInspector().not_checked(build_context(measurements=few))]


def test_both_sides_are_clipped_in_one_statement() -> None:
    layer = measured(LOWER_TAIL_OF_20 | UPPER_TAIL_OF_5, low=-2, high=2)
    (found,) = inspect({"conv1": layer})
    assert found.measured == pytest.approx(
        {"low": -2, "high": 2, "unused_lower": 0.2, "unused_upper": 0.05}
    )
    assert found.recommendation is not None
    assert found.recommendation.ranges
    assert found.recommendation.commands == (
        "pre_quantization_optimization(activation_clipping, layers=[net/conv1], mode=manual, "
        "clipping_values=[-1.2, 1.8])",
    )


def test_a_side_without_a_tail_keeps_its_bound() -> None:
    (found,) = inspect({"conv1": measured(emptied(70, 100, outlier=99), low=-1, high=3)})
    assert found.recommendation is not None
    assert found.recommendation.commands[0].endswith("clipping_values=[-1, 1.8])")


@pytest.mark.parametrize(
    ("answer", "clipped"),
    [
        (None, ["net/conv1"]),
        ("none", []),
        ("warning", ["net/conv1"]),
        ("all", ["net/conv1", "net/conv2"]),
    ],
)
def test_the_answer_decides_what_is_clipped(answer: str | None, clipped: list[str]) -> None:
    found = inspect(
        {"conv1": measured(UPPER_TAIL_OF_20), "conv2": measured(UPPER_TAIL_OF_5)}, answer=answer
    )
    assert [f.layers[0] for f in found] == ["net/conv1", "net/conv2"]
    assert [f.layers[0] for f in found if f.recommendation] == clipped
    assert [f.layers[0] for f in found if "with this line" in f.remedy] == clipped
    assert found[0].remedy.startswith("Clip net/conv1 to the range 0 to 0.8")


@pytest.mark.parametrize(
    ("layers", "times"),
    [
        ({"conv1": measured()}, 0),
        ({"conv1": measured(UPPER_TAIL_OF_20, data=(0, 0.5))}, 0),
        ({"conv1": measured(UPPER_TAIL_OF_20), "conv2": measured(UPPER_TAIL_OF_20)}, 1),
    ],
)
def test_it_asks_once_and_only_if_there_is_a_choice(
    layers: dict[str, LayerMeasurement], times: int
) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str:
        asked.append(question)
        return question.default

    context = build_context(
        build_model(network()), Measurements(64, {scoped(k): v for k, v in layers.items()})
    )
    list(ClippingInspector().inspect(replace(context, ask=answer)))
    assert len(asked) == times
    assert all(question.default in question.choices for question in asked)


def few_values(count: int) -> LayerMeasurement:
    """So many values in all, nearly all of them in the lower half."""
    counts = [count - 3] + [0] * 98 + [3]
    return LayerMeasurement(build_statistics(), histogram=build_histogram(counts))


@pytest.mark.parametrize(
    ("layers", "names", "not_reached", "too_few"),
    [
        ({"conv1": few_values(10_000)}, None, 0, 0),
        ({"conv1": few_values(9_999)}, ["conv1"], 0, 1),
        ({"conv1": measured(UPPER_TAIL_OF_20, data=(0, 0.95))}, None, 0, 0),
        ({"conv1": measured(UPPER_TAIL_OF_20, data=(0, 0.949))}, ["conv1"], 1, 0),
        ({"conv1": measured(data=(0, np.nan))}, ["conv1"], 1, 0),
        ({"conv1": measured(low=-1, data=(-0.5, 1))}, ["conv1"], 1, 0),
        ({"conv1": measured(low=-1, high=0, data=(-0.5, 0))}, ["conv1"], 1, 0),
        ({"conv1": measured(low=-1, high=0, data=(-0.95, 0))}, None, 0, 0),
        (
            {"conv1": few_values(99), "conv2": measured(data=(0, 0.1))},
            ["conv1", "conv2"],
            1,
            1,
        ),
        ({"input_layer1": few_values(99), "maxpool1": measured(data=(0, 0.1))}, None, 0, 0),
    ],
)
def test_one_info_for_all_that_cannot_be_judged(
    layers: dict[str, LayerMeasurement], names: list[str] | None, not_reached: int, too_few: int
) -> None:
    found = [f for f in inspect(layers) if not f.recommendation]
    assert summary(found) == (expected("unused-range", "info", *names) if names else [])
    for f in found:
        assert f.measured == {"not_reached": not_reached, "too_few_values": too_few}
        assert ("Only the calibration set itself" in f.why) == bool(not_reached)
        assert ("More samples" in f.why) == bool(too_few)
        assert f.asks_for_nothing


def test_one_side_can_be_judged_while_the_other_is_not_reached() -> None:
    found = inspect({"conv1": measured(UPPER_TAIL_OF_20, low=-1, high=1, data=(-0.2, 1.0))})
    assert summary(found) == [
        ("unused-range", "warning", ("net/conv1",)),
        ("unused-range", "info", ("net/conv1",)),
    ]


@quiet("values-beyond-range")
@loud("values-beyond-range")
@pytest.mark.parametrize(
    ("below", "above", "severity"),
    [
        (0, 0, ""),
        (0, 100, ""),  # 100 of 100,100 is just below 0.1 %
        (0, 101, "warning"),
        (101, 0, "warning"),
        (60, 60, "warning"),
        (0, 5_263, "warning"),  # of 105,263: 5.0 %
        (0, 5_264, "error"),
        (3_000, 3_000, "error"),
    ],
)
def test_values_beyond_range(below: int, above: int, severity: str) -> None:
    found = inspect({"conv1": measured(low=-1, below=below, above=above)})
    assert summary(found) == expected("values-beyond-range", severity, "conv1")
    for f in found:
        share = (below + above) / (100_000 + below + above)
        assert f.measured == {"net/conv1": pytest.approx(share)}
        assert f.recommendation is None


@pytest.mark.parametrize("name", ["input_layer1", "conv1"])
def test_inputs_are_judged_like_layers(name: str) -> None:
    found = inspect({name: measured(above=50_000)})
    assert summary(found) == expected("values-beyond-range", "error", name)
    assert found[0].headline.startswith("Input values" if name == "input_layer1" else "Values")


def test_one_finding_for_each_severity_inputs_first_then_the_worst() -> None:
    found = inspect(
        {
            "input_layer1": measured(above=20_000),
            "conv1": measured(above=50_000),
            "conv2": measured(above=1_000),
        }
    )
    assert summary(found) == [
        ("values-beyond-range", "error", ("net/input_layer1", "net/conv1")),
        ("values-beyond-range", "warning", ("net/conv2",)),
    ]
    assert found[0].evidence.index("net/input_layer1") < found[0].evidence.index("net/conv1")


@pytest.mark.parametrize(
    ("samples", "above", "severity"),
    [(64, 1, ""), (64, 9, ""), (64, 10, "error"), (1_000, 111, ""), (1_000, 112, "error")],
)
@pytest.mark.parametrize("values", [1, 50])
def test_few_samples_can_be_outside_by_chance(
    samples: int, above: int, severity: str, values: int
) -> None:
    # Some samples always exceed the extreme of 64 calibrated ones, however many values each.
    layer = LayerMeasurement(
        build_statistics(0, 2),
        histogram=build_histogram(
            [(samples - above) * values] + [0] * 99, above=above * values, samples_above=above
        ),
    )
    found = [f for f in inspect({"conv1": layer}, samples=samples) if f.id == "values-beyond-range"]
    assert summary(found) == expected("values-beyond-range", severity, "conv1")


def test_values_on_the_bound_are_not_beyond() -> None:
    # A relu6 piles values up on a bound that is known to a float's precision only.
    layer = measured(above=30_000, data=(0.0, 1.0000001))
    assert inspect({"conv1": layer}) == []


def pixels(low: float = 0, high: float = 255, below: int = 0, above: int = 0) -> LayerMeasurement:
    """An input that was calibrated for 0..255 and takes values from `low` to `high`."""
    return measured(high=255.0, data=(low, high), below=below, above=above)


COMPARE = "Compare how these data and those of the calibration are prepared, and what they show."


@pytest.mark.parametrize(
    ("entering", "said"),
    [
        (None, COMPARE),
        (pixels(), "Calibrate again on more samples like these."),
        (pixels(0, 243), "Calibrate again on more samples like these."),
        (pixels(0, 242), COMPARE),
        (pixels(0, 128), COMPARE),
        (pixels(0, 127), "49.8%"),
        (pixels(0, 1), "0.4%"),
        (pixels(-2, 2.6, below=60_000), "1.0%"),
        (pixels(-20, 200, below=60_000), COMPARE),
        (
            pixels(high=300, above=60_000),
            "Calibrate again on samples like those that the network will see.",
        ),
    ],
)
def test_data_that_are_at_fault_are_not_to_be_calibrated_on(
    entering: LayerMeasurement | None, said: str
) -> None:
    layers = {"conv1": measured(low=-1, below=50_000)}
    found = inspect(layers | ({"input_layer1": entering} if entering else {}))
    judged = next(f for f in found if f.id == "values-beyond-range")
    if said.endswith("%"):
        filled = f"the data fill {said} of what net/input_layer1 was calibrated for"
        assert judged.evidence.endswith(filled)
        assert judged.remedy == "Check how these data are prepared."
    else:
        assert judged.remedy == said
        assert "fill" not in judged.evidence


def test_a_clipped_range_is_told_from_foreign_data() -> None:
    limits = stored_statistics("conv1/stats/output_0", build_statistics(0, 2))
    arrays = {"conv1/limvals_out": [0.0, 1.0], "conv1/layer_params/output_scales": [[1 / 255] * 3]}
    model = build_model(network(), optimized=limits, quantized=arrays)
    (clipped,) = inspect({"conv1": measured(above=500)}, model)
    (foreign,) = inspect({"conv1": measured(above=500)})
    assert (clipped.id, clipped.severity) == (foreign.id, foreign.severity)
    assert "its range was clipped" in clipped.why
    assert "its range was clipped" not in foreign.why
    assert clipped.remedy.startswith("Find out what clipped the range")


@quiet("unused-range", "values-beyond-range")
@pytest.mark.parametrize(
    ("layers", "name"),
    [
        ([build_layer("maxpool1"), build_layer("conv1")], "maxpool1"),
        ([build_layer("conv1", activation="sigmoid")], "conv1"),
        ([build_layer("conv1"), build_layer("softmax1")], "softmax1"),
        ([build_layer("softmax1"), build_layer("conv1")], "softmax1"),
    ],
)
def test_layers_that_are_not_judged(layers: list[Layer], name: str) -> None:
    model = build_model([build_layer("input_layer1"), *layers, build_layer("output_layer1")])
    loud = measured(UPPER_TAIL_OF_20)
    beyond = measured(above=50_000)
    assert inspect({name: loud}, model) == []
    assert inspect({name: beyond}, model) == []


def test_a_sigmoid_inside_the_network_is_judged() -> None:
    model = build_model(network(activation="sigmoid"))
    found = inspect({"conv1": measured(UPPER_TAIL_OF_20)}, model)
    assert summary(found) == expected("unused-range", "warning", "conv1")


def test_unused_range_is_not_judged_at_inputs() -> None:
    assert inspect({"input_layer1": measured(UPPER_TAIL_OF_20)}) == []


@pytest.mark.parametrize(
    ("measurements", "reason"),
    [
        (None, "-d"),
        (build_measurements(), "no histogram"),
        (build_measurements(conv1=LayerMeasurement(build_statistics())), "no histogram"),
        (build_measurements(conv1=measured()), ""),
    ],
)
def test_skips_with_a_reason(measurements: Measurements | None, reason: str) -> None:
    context = build_context(build_model(network()), measurements)
    skipped = str(ClippingInspector().should_skip(context))
    assert reason in skipped
    assert bool(skipped) == bool(reason)


@pytest.mark.parametrize("name", QUANTIZED)
def test_real_archives_hold_no_histograms(name: str) -> None:
    assert ClippingInspector().should_skip(build_context(sample_model(name)))


def flows() -> NDArray[np.float64]:
    path = DIRECTORY.parent / "calib" / "ids_flows_99x1x1x80.npy"
    if not path.is_file():
        pytest.skip(f"no sample data {path}")
    return np.asarray(np.load(path, allow_pickle=False), np.float64).reshape(-1, 80)


def forward(model: Model, values: NDArray[np.float64]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """A chain of layers that each multiply by a matrix, computed without the engine."""
    for layer in model.float_network:
        arrays = model.float_parameters.layer(layer.name)
        if "kernel" in arrays:
            kernel = np.asarray(arrays["kernel"], np.float64)
            values = values @ kernel.reshape(kernel.shape[-2:]) + arrays["bias"]
        yield layer.name, np.maximum(values, 0) if layer.activation == "relu" else values
        values = np.maximum(values, 0) if layer.activation == "relu" else values


def measurement_of(values: NDArray[np.float64], limits: tuple[float, float]) -> LayerMeasurement:
    low, high = limits
    counts, _ = np.histogram(values, bins=100, range=limits)
    return LayerMeasurement(
        ChannelStatistics(values.min(0), values.max(0), values.mean(0), (values**2).mean(0)),
        histogram=build_histogram(
            counts,
            low,
            high,
            below=int((values < low).sum()),
            above=int((values > high).sum()),
            samples_below=int((values < low).any(axis=1).sum()),
            samples_above=int((values > high).any(axis=1).sum()),
        ),
    )


@pytest.mark.parametrize(
    ("name", "beyond"),
    [
        ("ids_mlp_logits_realcalib_q8", []),
        ("ids_mlp_logits_randomcalib_q8", [("error", ("ids_mlp_binary_logits/input_layer1",))]),
    ],
)
def test_real_data_tell_the_archive_that_was_calibrated_on_random_numbers(
    name: str, beyond: list[tuple[str, tuple[str, ...]]]
) -> None:
    model = sample_model(name)
    layers = {}
    for layer, values in forward(model, flows()):
        limits = model.calibrated_range(layer)
        assert limits is not None
        layers[layer] = measurement_of(values, limits)
    context = build_context(model, Measurements(99, layers))
    found = list(ClippingInspector().inspect(context))
    loud = [(f.severity.label, f.layers) for f in found if f.severity.label != "info"]
    assert loud == beyond
    assert {f.id for f in found if f.severity.label == "info"} == {"unused-range"}


def test_real_flows_of_one_kind_rarely_seem_to_be_of_another() -> None:
    """One half gives the ranges, the other is judged: 64 of 99 flows against the other 35."""
    model = sample_model("ids_mlp_logits_realcalib_q8")
    tensors = dict(forward(model, flows()))
    random = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        order = random.permutation(99)
        calibrated, judged = order[:64], order[64:]
        layers = {
            name: measurement_of(values[judged], _limits(values[calibrated]))
            for name, values in tensors.items()
        }
        context = build_context(model, Measurements(35, layers))
        found = list(ClippingInspector().inspect(context))
        alarms += any(f.id == "values-beyond-range" for f in found)
    assert alarms <= 2  # 1 in 1,000 at each side of each of 5 layers


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    return min(0.0, float(values.min())), max(0.0, float(values.max()))
