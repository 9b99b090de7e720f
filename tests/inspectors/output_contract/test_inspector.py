from __future__ import annotations

import dataclasses

import pytest

import inspectors
from inspectors.output_contract import OutputContractInspector
from tests.fixtures.builders import build_context, build_layer, build_model, chain
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from tests.inspectors.output_contract.judged import context_of, judged, result_of, summary

SIGMOID_ARCHIVE = "ids_mlp_sigmoid_compiled"


def test_a_plain_model_has_nothing_to_say() -> None:
    assert result_of(context_of(None)).findings == ()


def test_without_outputs_it_is_skipped() -> None:
    model = build_model(chain(build_layer("input_layer1"), build_layer("conv1")))
    result = inspectors.run(OutputContractInspector, build_context(model))
    assert str(result.skipped or "") == "the network has no output layer"


def test_findings_come_scores_first_then_ranges_then_bits() -> None:
    layers = [
        build_layer("input_layer1"),
        build_layer("conv1", inputs=["input_layer1"], activation="sigmoid", shape=(1, 1, 3)),
        build_layer("output_layer1", inputs=["conv1"]),
        build_layer("conv2", inputs=["input_layer1"]),
        build_layer("output_layer2", inputs=["conv2"]),
    ]
    script = (
        "quantization_param([output_layer1], precision_mode=a16_w16)\n"
        "quantization_param([conv2], force_range_out=[0, 1])"
    )
    found = judged(context_of(layers, script, {"conv1": (0.0, 0.1), "conv2": (-9.0, 9.0)}))
    assert summary(found) == [
        ("score-never-fires", "warning", ("conv1",)),
        ("linear-output-forced", "error", ("conv2",)),
        ("sixteen-bit-not-applied", "error", ("output_layer1",)),
    ]


def test_a_script_that_cannot_be_read_is_said() -> None:
    context = dataclasses.replace(context_of(None, script="set_seed(seed=1)"), script=None)
    result = result_of(context)
    assert result.findings == ()
    assert "what the model script asks" in result.not_checked[0].reason


@quiet(
    "score-never-fires",
    "sigmoid-missing",
    "linear-output-forced",
    "sixteen-bit-not-applied",
    "sixteen-bit-chain-broken",
)
@pytest.mark.parametrize("archive", [name for name in QUANTIZED if name != SIGMOID_ARCHIVE])
def test_sound_real_archives(archive: str) -> None:
    result = result_of(build_context(sample_model(archive)))
    assert (result.findings, result.not_checked) == ((), ())


@loud("score-never-fires")
def test_the_real_archive_whose_sigmoid_never_woke() -> None:
    """Calibrated on random numbers: its logits stay below -184."""
    found = judged(build_context(sample_model(SIGMOID_ARCHIVE)))
    assert summary(found) == [("score-never-fires", "warning", ("ids_mlp_binary/fc1",))]
    assert found[0].measured == {"highest of ids_mlp_binary/fc1": 0.0}
