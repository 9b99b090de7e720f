from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspectors.base_inspector import Context, NotChecked
from inspectors.device_inspector import DeviceInspector
from inspectors.device_reasons import PROCESSED, REASONS, UNKNOWN
from tests.device_outputs.networks import Chip, chip
from tests.fixtures.builders import build_context
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity
from utils.stages import CodeShares, Match, Reason, Stages, Step

NETWORKS = pytest.mark.parametrize("network", ["fork", "line"])
OUTPUT = "net/output_layer1"


def context(step: Step | None, **facts: object) -> Context:
    steps = () if step is None else (step,)
    stages = Stages(12, steps, **facts)  # type: ignore[arg-type]
    return replace(build_context(), stages=stages)


def found(step: Step) -> list[Finding]:
    return list(DeviceInspector().inspect(context(step)))


def step(
    equal: bool, reasons: Sequence[Reason] = (), within_two: float = 1.0, **facts: object
) -> Step:
    match = Match(OUTPUT, "net/conv1", snr_db=12.0, codes=CodeShares(0.5, 0.7, within_two, 91.0))
    given = {"source": "device.npz", "outputs": (match,), "reasons": tuple(reasons), **facts}
    return Step("quantized", "device", equal, **given)  # type: ignore[arg-type]


def ids(findings: Sequence[Finding]) -> list[tuple[str, Severity]]:
    return [(finding.id, finding.severity) for finding in findings]


@pytest.fixture(scope="module")
def chips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Chip]:
    return {name: chip(name, tmp_path_factory.mktemp(name)) for name in ("fork", "line")}


@quiet("device-differs", "device-not-matched")
@loud("device-equal")
@NETWORKS
def test_what_the_chip_computes_is_what_was_quantized(
    chips: dict[str, Chip], tmp_path: Path, network: str
) -> None:
    made = chips[network]
    (finding,) = found(made.said(tmp_path, made.values()))
    assert ids([finding]) == [("device-equal", Severity.INFO)]
    assert finding.layers == tuple(made.outputs)
    assert finding.measured["codes_equal"] == 1.0 and "12 samples" in finding.evidence
    assert "output_layer1: 100.0% of the codes equal" in finding.evidence
    assert "thresholds" in finding.remedy


@quiet("device-equal", "device-not-matched")
@loud("device-differs")
@NETWORKS
def test_the_first_reason_is_told_with_what_mends_it(
    chips: dict[str, Chip], tmp_path: Path, network: str
) -> None:
    made = chips[network]
    codes = {name: values.astype(np.float32) for name, values in made.codes().items()}
    (finding,) = found(made.said(tmp_path, codes))
    assert ids([finding]) == [("device-differs", Severity.ERROR)]
    assert finding.headline == REASONS["codes-as-numbers"].headline
    assert "codes-as-numbers at output_layer1" in finding.evidence
    assert ", and undoing that takes away all of the difference" in finding.evidence
    assert finding.measured["codes-as-numbers"] > 0.999
    assert "FLOAT32" in finding.remedy


@loud("device-differs")
@NETWORKS
def test_what_nothing_explains_is_told_without_a_reason(
    chips: dict[str, Chip], tmp_path: Path, network: str
) -> None:
    made, random = chips[network], np.random.default_rng(1)
    noise = {name: random.normal(0, 3, values.shape) for name, values in made.values().items()}
    (finding,) = found(made.said(tmp_path, noise))
    assert finding.headline == UNKNOWN.headline and finding.remedy == UNKNOWN.remedy
    assert finding.layers == tuple(made.outputs) and "output_layer1" in finding.evidence


@quiet("device-not-matched")
@loud("device-not-matched")
def test_outputs_that_the_file_does_not_hold(chips: dict[str, Chip], tmp_path: Path) -> None:
    made = chips["fork"]
    assert "device-not-matched" not in dict(ids(found(made.said(tmp_path, made.values()))))
    (first, values), _ = made.values().items()
    findings = found(made.said(tmp_path, {first: values, "x": np.zeros((12, 7), np.float32)}))
    assert ids(findings) == [
        ("device-not-matched", Severity.WARNING),
        ("device-equal", Severity.INFO),
    ]
    assert findings[0].layers == ("fork/output_layer2",)
    assert "left over: x" in findings[0].evidence


@quiet("device-differs")
@loud("device-not-matched")
@pytest.mark.parametrize("word", PROCESSED)
def test_what_the_host_made_of_outputs_is_told(word: str) -> None:
    reason = Reason(word, "x (12x8x8 uint8) holds something else", layers=(OUTPUT,))
    (finding,) = found(step(False, [reason], outputs=(), not_matched=(OUTPUT,)))
    assert_well_worded(finding)
    assert ids([finding]) == [("device-not-matched", Severity.WARNING)]
    assert finding.headline == PROCESSED[word].headline and finding.measured[word] == 1.0
    assert f"{word}: x (12x8x8 uint8)" in finding.evidence
    assert f"`{word}`" in (DeviceInspector.__doc__ or "")


@loud("device-not-matched")
def test_a_file_that_holds_nothing_of_the_network_differs_in_nothing() -> None:
    alone = step(False, outputs=(), not_matched=(OUTPUT,))
    assert ids(found(alone)) == [("device-not-matched", Severity.WARNING)]


@quiet("device-differs")
@loud("device-differs")
def test_equality_decides_and_not_the_share_of_codes() -> None:
    near = step(True, within_two=0.5, notes=("At x outputs decide alike.",))
    assert ids(found(near)) == [("device-equal", Severity.INFO)]
    assert "at x outputs decide alike" in found(near)[0].evidence.lower()
    apart = step(False, within_two=0.999)
    assert ids(found(apart)) == [("device-differs", Severity.ERROR)]


def test_both_reasons_are_told_and_the_first_decides_on_the_remedy() -> None:
    late = Reason("late", "2 frames late", 1.0, 2.0)
    scale = Reason("other-scale", "slope 1.7 and no offset", 2.0, 50.0, (OUTPUT,))
    (finding,) = found(step(False, (late, scale)))
    assert finding.headline == REASONS["late"].headline
    assert "late: 2 frames late" in finding.evidence
    assert "other-scale at output_layer1: slope 1.7 and no offset" in finding.evidence
    assert {"late", "other-scale"} <= set(finding.measured)


def test_lists_of_boxes_are_judged_without_outputs() -> None:
    note = "100% of 776 boxes of the chip are among those of the emulated heads."
    (finding,) = found(step(True, outputs=(), notes=(note,)))
    assert finding.id == "device-equal" and "776 boxes" in finding.evidence
    (finding,) = found(step(False, [Reason("nms-labels", "classes are 1 too high")], outputs=()))
    assert finding.headline == REASONS["nms-labels"].headline


@loud("device-not-matched")
def test_lists_that_cannot_be_decoded_are_not_said_to_differ(
    chips: dict[str, Chip], tmp_path: Path
) -> None:
    lists = {"fork/yolov5_nms_postprocess": np.zeros((12, 3, 5, 4), np.float32)}
    (finding,) = found(chips["fork"].said(tmp_path, lists))
    assert ids([finding]) == [("device-not-matched", Severity.WARNING)]
    assert "lists of boxes were not compared" in finding.evidence
    assert "without nms_postprocess" in finding.remedy


@pytest.mark.parametrize("word", REASONS)
def test_every_reason_is_worded_and_documented(word: str) -> None:
    (finding,) = found(step(False, [Reason(word, "what the trial found", 1.0, 20.0)], 0.2))
    assert_well_worded(finding)
    assert finding.measured[word] == pytest.approx(1 - 10**-1.9)
    assert f"`{word}`" in (DeviceInspector.__doc__ or "")


def test_the_documentation_names_no_other_reasons() -> None:
    said = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", DeviceInspector.__doc__ or ""))
    own = {"device-equal", "device-differs", "device-not-matched"}
    assert said - own <= {*REASONS, *PROCESSED}


def test_it_is_skipped_without_outputs_of_a_chip() -> None:
    skipped = DeviceInspector().should_skip(build_context())
    assert isinstance(skipped, NotChecked) and "--device-outputs" in skipped.remedy
    broken = context(None, missing=(("device", "device.npz is damaged"),))
    assert str(DeviceInspector().should_skip(broken)) == "device.npz is damaged"
    assert not DeviceInspector().should_skip(context(step(True)))
    assert not list(DeviceInspector().inspect(build_context()))
