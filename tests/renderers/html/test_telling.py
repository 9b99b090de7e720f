"""Which layer's histogram stands on the first screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.fixtures.builders import build_layer, build_model, build_statistics
from utils.causes import Cause, Diagnosis, Proof
from utils.findings import Finding, InspectorResult, Severity
from utils.measurements import Histogram, LayerMeasurement, Measurements
from utils.renderers.html.grouping import groups
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.telling import Telling, telling
from utils.report import Report

NAMES = ("input_layer1", "conv1", "conv2")
FITTING = Histogram(0.0, 1.0, np.full(100, 10))


def spread(bins: int, above: int = 0) -> Histogram:
    """1,000 values within so many of 100 bins, and some above."""
    counts = np.zeros(100, np.int64)
    counts[:bins] = 1000 // bins
    return Histogram(0.0, 1.0, counts, above=above)


def found(
    histograms: dict[str, Histogram],
    own: Sequence[str] = ("input_layer1",),
    explained: Sequence[str] = (),
    severity: Severity = Severity.ERROR,
) -> Telling | None:
    cause = Finding("a", severity, "It is bad", tuple(f"net/{name}" for name in own))
    consequence = Finding("b", severity, "It follows", tuple(f"net/{name}" for name in explained))
    findings = (cause, consequence) if explained else (cause,)
    layers = {
        f"net/{name}": LayerMeasurement(build_statistics(0.0, 1.0), histogram=histogram)
        for name, histogram in histograms.items()
    }
    report = Report(
        build_model([build_layer(name) for name in NAMES]),
        "embedded",
        None,
        Measurements(64, layers),
        (InspectorResult("A", findings),),
        diagnosis=Diagnosis((Cause(cause, Proof.RULE, findings[1:]),)),
    )
    return telling(NumberedLayers(report), groups(report))


def test_without_a_cause_or_a_histogram_nothing_is_shown() -> None:
    assert found({"input_layer1": FITTING}, severity=Severity.INFO) is None
    assert found({"input_layer1": FITTING}, own=()) is None
    assert found({}) is None
    assert found({"input_layer1": Histogram(0.0, 1.0, np.zeros(100, np.int64))}) is None
    for low, high in ((1.0, 1.0), (0.0, np.inf), (np.nan, 1.0)):
        assert found({"input_layer1": Histogram(low, high, np.full(100, 1))}) is None


def test_ranges_that_fit_are_shown_as_such() -> None:
    shown = found({"input_layer1": FITTING, "conv1": FITTING}, explained=["conv1"])
    assert shown is not None
    assert shown.layer.label == "input_layer1"
    assert shown.clause == "they use 100% of the range that the codes cover"


def test_the_layer_that_loses_most_values_is_shown() -> None:
    histograms = {"input_layer1": spread(100, 10), "conv1": spread(100, 250), "conv2": spread(2)}
    shown = found(histograms, NAMES)
    assert shown is not None
    assert shown.layer.label == "conv1"
    assert shown.clause == "20% lie beyond the range that the codes cover"


def test_a_range_that_is_hardly_used_tells_as_well() -> None:
    shown = found({"input_layer1": spread(100), "conv1": spread(10)}, NAMES)
    assert shown is not None
    assert shown.layer.label == "conv1"
    assert shown.clause == "they use 10% of the range that the codes cover"


def test_where_the_cause_shows_nothing_its_consequence_may() -> None:
    histograms = {"input_layer1": spread(100, 1), "conv1": spread(100, 100)}
    shown = found(histograms, explained=["conv1"])
    assert shown is not None
    assert shown.layer.label == "conv1"
    histograms["input_layer1"] = spread(100, 2)
    shown = found(histograms, explained=["conv1"])
    assert shown is not None
    assert shown.layer.label == "input_layer1"
