from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from inspectors.reference.reasons import ADVICE
from inspectors.reference_inspector import ReferenceInspector
from tests.fixtures.builders import build_context, build_layer, build_model
from tests.fixtures.original_models import forked
from tests.house.evidence import loud, quiet
from utils.findings import Finding
from utils.stages import Match, Reason, Stages, Step

OUTPUT = "net/output_layer1"
EQUAL = Match(OUTPUT, "probabilities", "original name", "channels first", 98.0, 1e-6, 1.0)
APART = Match(OUTPUT, "probabilities", "original name", "", 7.0, 0.5, 1.0)
NOTE = "The original was given the samples as they are."


def step(*outputs: Match, **changes: Any) -> Step:
    facts: dict[str, Any] = {"is_equal": True, "source": "model.onnx", "notes": (NOTE,), **changes}
    return Step("original", "parsed", outputs=outputs, **facts)


def findings(*steps: Step, samples: int = 8) -> list[Finding]:
    context = build_context(stages=Stages(samples, steps))
    assert ReferenceInspector().should_skip(context) == ""
    return list(ReferenceInspector().inspect(context))


def ids(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.id, finding.severity.label) for finding in found]


def test_without_an_original_it_skips() -> None:
    inspector = ReferenceInspector()
    assert "--reference" in str(inspector.should_skip(build_context()))
    context = build_context(stages=Stages(8, (Step("quantized", "device", True),)))
    assert "--reference" in str(inspector.should_skip(context))
    assert list(inspector.inspect(context)) == []
    stages = Stages(8, missing=(("original", "the data could not be run"),))
    assert inspector.should_skip(build_context(stages=stages)) == "the data could not be run"


@quiet("reference-differs", "reference-not-matched")
@loud("reference-equal")
@pytest.mark.parametrize("snr_db", [60.0, math.inf])
def test_what_is_equal(snr_db: float) -> None:
    match = Match(OUTPUT, "probabilities", snr_db=snr_db, largest=0.0, span=1.0)
    (found,) = findings(step(match))
    assert ids([found]) == [("reference-equal", "info")]
    assert "8 samples of model.onnx" in found.evidence
    assert found.why.endswith(NOTE)
    assert found.layers == (OUTPUT,)


@quiet("reference-equal")
@loud("reference-differs")
def test_what_differs_without_a_reason() -> None:
    (found,) = findings(step(APART, is_equal=False, parts_at="net/conv1"))
    assert ids([found]) == [("reference-differs", "error")]
    assert "the first layer that differs is net/conv1" in found.evidence
    assert "7.0 dB" in found.evidence
    assert "--reference-normalization" in found.remedy
    assert found.layers == ("net/conv1", OUTPUT)


@pytest.mark.parametrize(
    ("before", "is_told"), [("net/input_layer1", False), ("net/conv1", True), ("", False)]
)
def test_where_layers_in_front_are_equal_the_step_is_about_the_layer(
    before: str, *, is_told: bool
) -> None:
    inner = (replace(EQUAL, layer=before),) if before else ()
    differs = step(APART, is_equal=False, parts_at="net/conv2", inner=inner)
    names = ("input_layer1", "conv1", "conv2", "output_layer1")
    model = build_model([build_layer(name) for name in names])
    context = build_context(model, stages=Stages(8, (differs,)))
    (found,) = ReferenceInspector().inspect(context)
    assert ("Compare conv2 in both graphs" in found.remedy) is is_told
    assert ("--reference-normalization" in found.remedy) is not is_told


@pytest.mark.parametrize("word", ["activation-added", "activation-missing", "activation-twice"])
def test_no_line_of_the_script_is_named_for_a_layer_inside(word: str) -> None:
    def told(layer: str) -> Finding:
        reason = Reason(word, "the original has no relu there", 7.0, 97.0, (layer,))
        stages = Stages(8, (step(APART, is_equal=False, parts_at=layer, reasons=(reason,)),))
        context = build_context(build_model(list(network)), stages=stages)
        return next(iter(ReferenceInspector().inspect(context)))

    network = forked().network()
    assert told("forked/conv5").remedy == ADVICE[word].remedy
    assert "change_output_activation" in ADVICE[word].remedy
    inside = told("forked/conv3")
    assert inside.headline == ADVICE[word].headline
    assert "model script" not in inside.remedy
    assert "change_output_activation" not in inside.remedy


@loud("reference-differs")
@pytest.mark.parametrize("word", list(ADVICE))
def test_every_reason_has_its_own_advice(word: str) -> None:
    reason = Reason(word, "the original has a relu there", 7.0, 97.0, ("net/conv1",))
    other = next(name for name in ADVICE if name != word)
    reasons = (reason, Reason(other, "another number", 97.0, 98.0))
    (found,) = findings(step(APART, is_equal=False, parts_at="net/conv1", reasons=reasons))
    assert found.headline == ADVICE[word].headline
    assert found.remedy == ADVICE[word].remedy
    assert f"{word}: the original has a relu there" in found.evidence
    assert f"{other}: another number" in found.evidence
    assert found.measured[f"snr_db_without_{word}"] == 97.0


def test_reasons_are_documented() -> None:
    text = ReferenceInspector.__doc__ or ""
    assert [word for word in ADVICE if f"`{word}`" not in text] == []
    assert len({advice.headline for advice in ADVICE.values()}) == len(ADVICE)


@quiet("reference-equal")
@loud("reference-not-matched")
def test_outputs_that_match_nothing() -> None:
    (found,) = findings(step(is_equal=False, not_matched=(OUTPUT,), left_over=("other",)))
    assert ids([found]) == [("reference-not-matched", "warning")]
    assert "other" in found.evidence
    assert found.layers == (OUTPUT,)


def test_one_output_is_equal_and_one_matches_nothing() -> None:
    found = findings(step(EQUAL, not_matched=("net/output_layer2",)))
    assert ids(found) == [("reference-not-matched", "warning"), ("reference-equal", "info")]


def test_hostile_names_are_spelled_out() -> None:
    (found,) = findings(step(EQUAL, source="a\x1b[31m.onnx"))
    assert "\x1b" not in found.evidence
