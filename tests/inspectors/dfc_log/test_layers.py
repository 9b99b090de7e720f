from __future__ import annotations

import numpy as np
import pytest

from inspectors.dfc_log.layers import LOOK_AT_DATA
from tests.fixtures.builders import build_layer, build_model
from tests.fixtures.log_texts import bits_reduced, no_shift, range_forced, run
from tests.har.samples import sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary
from utils.har.model import Model

VECTORS = "model_optimization_config(globals, output_encoding_vector=enabled)\n"
SIGMOID = "[info] The activation function of layer net/conv1 was replaced by a Sigmoid"
ON_CONV1 = ("net/conv1",)


def with_mode(mode: str, script: str | None = None) -> Model:
    layers = [build_layer("input_layer1"), build_layer("conv1", mode=mode)]
    return build_model(layers, script=script)


@quiet("dfc-no-shift")
@pytest.mark.parametrize("delta", ["0.0301", "0.1", "0.0", "-1.0", "nan", "inf"])
def test_small_shifts_are_no_finding(delta: str) -> None:
    assert findings(run(no_shift(delta))) == []


@loud("dfc-no-shift")
@pytest.mark.parametrize(
    ("delta", "mode", "severity"),
    [
        (0.101, "a8_w8_a8", "info"),
        (0.5, "a8_w8_a8", "info"),
        (0.501, "a8_w8_a8", "warning"),
        (0.967, "a8_w4_a8", "warning"),
        (0.967, "native", "warning"),
        (0.967, "a16_w16_a16", "info"),
    ],
)
def test_shrunken_weights(delta: float, mode: str, severity: str) -> None:
    (found,) = findings(run(no_shift(delta)), model=with_mode(mode))
    assert summary([found]) == [("dfc-no-shift", severity, ON_CONV1)]
    assert found.measured == {"delta of net/conv1/conv_op": delta}
    assert "using max shift instead" in found.quotation
    assert bool(found.remedy) is (severity == "warning")
    assert (found.recommendation is not None) is (severity == "warning")
    assert str(found.location) == "client.log:2:8"


def test_the_last_shift_of_a_layer_counts() -> None:
    assert findings(run(no_shift(0.6), no_shift(0.05))) == []


def test_layers_are_gathered_by_severity_with_the_worst_first() -> None:
    lines = (no_shift(0.2, "net/dw9"), no_shift(0.6), no_shift(0.9, "net/fc9"))
    found = findings(run(*lines))
    assert summary(found) == [
        ("dfc-no-shift", "warning", ON_CONV1),
        ("dfc-no-shift", "info", ()),
    ]
    assert found[0].evidence == "net/fc9/conv_op by 0.90 bits and net/conv1 by 0.60 bits"
    assert str(found[0].location) == "client.log:4:8"


@quiet("dfc-no-shift")
@pytest.mark.parametrize(
    ("stored", "is_told"),
    [([0.785], True), ([0.0], True), ([], False), ([np.nan], False), (["x"], False)],
)
def test_what_the_archive_stores_is_not_reported_twice(stored: list[object], is_told: bool) -> None:
    model = build_model(optimized={"conv1/conv_op/shift_delta": np.array(stored)})
    assert (findings(run(no_shift(0.785)), model=model) == []) is is_told


def test_the_shift_of_a_real_archive_is_left_to_what_it_stores() -> None:
    line = no_shift(0.7854, "ids_mlp_binary_logits/fc1")
    model = sample_model("ids_mlp_logits_randomcalib_q8")
    assert findings(run(line), model=model) == []


@quiet("dfc-bits-reduced")
@pytest.mark.parametrize("bits", ["0.0", "-2.0", "nan"])
def test_no_bits_lost_are_no_finding(bits: str) -> None:
    assert findings(run(bits_reduced(bits))) == []


@loud("dfc-bits-reduced")
@pytest.mark.parametrize(
    ("bits", "mode", "severity", "lost"),
    [
        (1.0, "a8_w8_a8", "info", "1 of 8"),
        (1.9, "a8_w8_a8", "info", "1.9 of 8"),
        (2.0, "a8_w8_a8", "warning", "2 of 8"),
        (3.9, "a8_w8_a8", "warning", "3.9 of 8"),
        (4.0, "a8_w8_a8", "error", "4 of 8"),
        (40.0, "a8_w8_a8", "error", "40"),
        (8.0, "a16_w16_a16", "info", "8 of 15"),
    ],
)
def test_lost_bits_of_an_output(bits: float, mode: str, severity: str, lost: str) -> None:
    (found,) = findings(run(bits_reduced(bits)), model=with_mode(mode))
    assert summary([found]) == [("dfc-bits-reduced", severity, ON_CONV1)]
    assert found.evidence == f"net/conv1 by {lost} bits"
    assert "(More than half)" in found.quotation


@loud("dfc-bits-reduced", "dfc-no-shift")
@pytest.mark.parametrize("line", [bits_reduced(6.0), no_shift(0.967)])
def test_scales_that_the_script_asks_for_are_not_proposed_again(line: str) -> None:
    (other,) = findings(run(line), model=with_mode("a8_w8_a8", "other(1)\n"))
    assert other.commands == (VECTORS.strip(),)
    (found,) = findings(run(line), model=with_mode("a8_w8_a8", VECTORS))
    assert summary([found]) == summary([other])
    assert found.commands == ()
    assert found.remedy == LOOK_AT_DATA


def test_a_layer_that_the_optimization_added_is_named_as_logged() -> None:
    (found,) = findings(run(bits_reduced(6.0, "net/ne_activation_fc16")))
    assert summary([found]) == [("dfc-bits-reduced", "error", ())]
    assert found.evidence == "net/ne_activation_fc16 by 6 of 8 bits"


@pytest.mark.parametrize(
    ("before", "is_blamed"),
    [("conv", False), ("maxpool", False), ("avgpool", True), ("global_avg_pool", True)],
)
def test_a_pool_is_blamed_only_where_one_stands_in_front(before: str, is_blamed: bool) -> None:
    layers = [build_layer("input_layer1"), build_layer("before1", before), build_layer("conv1")]
    (found,) = findings(run(bits_reduced(9.0)), model=build_model(layers))
    assert ("average pool" in found.why) is is_blamed


@quiet("dfc-range-forced")
def test_a_log_without_sigmoids_changed_no_output() -> None:
    assert findings(run("[info] Mixed Precision is done (completion time is 0)")) == []


@loud("dfc-range-forced")
def test_outputs_that_the_compiler_changed() -> None:
    (found,) = findings(run(range_forced(), SIGMOID, range_forced("net/conv9", 0.0, 1.0)))
    assert summary([found]) == [("dfc-range-forced", "info", ON_CONV1)]
    assert found.measured == {"forced": 2, "sigmoids_added": 1}
    assert "net/conv1 got the range 0 to 1 in place of 2.8e-16 to 0.88" in found.evidence
    assert "net/conv1 got a sigmoid from the postprocessing" in found.evidence
    assert found.asks_for_nothing


def test_a_forced_range_without_the_original_one() -> None:
    line = range_forced().partition(" (original")[0]
    assert findings(run(line))[0].evidence == "net/conv1 got the range 0 to 1"
