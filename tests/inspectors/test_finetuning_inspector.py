"""What is said of weights that the optimizer moved, by what a trial of the trained ones showed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inspectors.base_inspector import Context, NotChecked
from inspectors.finetuning_inspector import FinetuningInspector
from tests.fixtures.builders import build_context, build_measurements, build_model
from tests.fixtures.outcomes import OUTPUT, build_classes
from tests.har.samples import sample_path
from tests.house.evidence import loud, quiet
from tests.inspectors.wording_rules import assert_well_worded
from utils.facts.optimization_levels import ADAROUND, FINETUNE
from utils.findings import Finding, Severity
from utils.har.model import load_model
from utils.har.moved_weights import moved_layers
from utils.measurements.agreement.held_out import HeldOutTrial
from utils.measurements.agreement.outcome import Outcome

LOST, KEPT = build_classes(40, 12.0), build_classes(62, 30.0)
TRAINED = np.random.default_rng(0).normal(size=(3, 3, 3, 8)).astype(np.float32)
MOVED = TRAINED * np.float32(1.3)


def trial(after: Outcome) -> HeldOutTrial:
    return HeldOutTrial(32, 32, {OUTPUT: LOST}, {OUTPUT: after})


def context(
    found: HeldOutTrial | None = None,
    own: np.ndarray = MOVED,
    *,
    ran: str = FINETUNE.flag,
    samples: int = 64,
    script: str | None = None,
) -> Context:
    model = build_model(
        float_arrays={"conv1/kernel": TRAINED},
        optimized={"conv1/kernel": own},
        analysis={f"conv1/{ran}/successfully_run": np.array(True)},
        script=script,
    )
    return build_context(model, replace(build_measurements(samples), untuned_trial=found))


def findings(given: Context) -> list[Finding]:
    inspector = FinetuningInspector()
    return [] if inspector.should_skip(given) else list(inspector.inspect(given))


@loud("finetuning-costs")
def test_a_gain_is_told_with_its_numbers() -> None:
    (finding,) = findings(context(trial(KEPT)))
    assert finding.id == "finetuning-costs"
    assert finding.severity is Severity.ERROR
    assert finding.layers == ("net/conv1",)
    assert "finetune ran; the weights of 1 layer differ" in finding.evidence
    assert "most at net/conv1, by 30% of their size" in finding.evidence
    assert "12.0 dB before, 30.0 dB after" in finding.evidence
    assert finding.recommendation is not None
    assert finding.recommendation.proven
    assert_well_worded(finding)


@pytest.mark.parametrize(
    ("ran", "script", "lines"),
    [
        (ADAROUND.flag, None, ("adaround, policy=disabled", "bias_correction, policy=enabled")),
        ("", None, ("finetune, policy=disabled", "bias_correction, policy=enabled")),
        (
            FINETUNE.flag,
            "post_quantization_optimization(bias_correction, policy=enabled)\n",
            ("finetune, policy=disabled",),
        ),
    ],
)
def test_the_lines_leave_out_what_ran(ran: str, script: str | None, lines: tuple[str, ...]) -> None:
    (finding,) = findings(context(trial(KEPT), ran=ran, script=script))
    expected = tuple(f"post_quantization_optimization({line})" for line in lines)
    assert finding.commands == expected
    assert ("ran; " in finding.evidence) is bool(ran)


@quiet("finetuning-costs")
@pytest.mark.parametrize(
    "given",
    [
        context(None),
        context(trial(LOST)),
        context(trial(build_classes(41, 13.0))),
        context(trial(KEPT), TRAINED),
        context(trial(KEPT), TRAINED * np.float32(1.005)),
        context(trial(KEPT), samples=15),
    ],
    ids=["not tried", "no gain", "little gain", "not moved", "rounded", "few samples"],
)
def test_quiet_where_the_trained_weights_are_no_better(given: Context) -> None:
    assert findings(given) == []


def test_channels_that_were_set_to_0_did_not_move() -> None:
    asleep = TRAINED.copy()
    asleep[..., :5] = 0
    assert context(own=asleep).model.known(moved_layers) == {}


@pytest.mark.parametrize("own", [TRAINED[..., :4], np.full_like(TRAINED, np.nan)])
def test_what_cannot_be_compared_did_not_move(own: np.ndarray) -> None:
    assert context(own=own).model.known(moved_layers) == {}


@pytest.mark.parametrize("name", ["ids_mlp_logits_randomcalib_q8", "jet_cnn_q8", "jet_cnn_q16"])
def test_archives_of_the_compiler_at_level_0_hold_the_trained_weights(name: str) -> None:
    """Of one of them calibration put a hundred channels to sleep."""
    assert load_model(sample_path(name)).known(moved_layers) == {}


def test_without_data_it_says_what_to_pass() -> None:
    given = replace(context(trial(KEPT)), measurements=None)
    assert isinstance(FinetuningInspector().should_skip(given), NotChecked)
