"""What is wrong with a set as a whole; the samples themselves are in the folder calibration."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import inspectors
from inspectors.base_inspector import Context, Need, Priority
from inspectors.calibration import CalibrationInspector
from tests.fixtures.builders import build_context, build_model, stored_statistics
from tests.fixtures.natural_images import natural_images
from tests.fixtures.sample_sets import input_model, sampled, statistics_of
from tests.har.samples import QUANTIZED, sample_model
from tests.house.evidence import loud, quiet
from utils.findings import Finding, NotChecked
from utils.jobs.measured import Refusal
from utils.model_script import parse_model_script
from utils.recommendations import recommended_script
from utils.terminal.prompts import Prompter

ROWS = np.random.default_rng(1).normal(0, 1, (64, 1, 1, 8)).astype(np.float32)


def findings(context: Context) -> list[Finding]:
    result = inspectors.run(CalibrationInspector, context)
    assert result.crashed == ""
    return list(result.findings)


def summary(context: Context) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(f.id, f.severity.label, f.layers) for f in findings(context)]


def test_what_it_needs_and_when_it_runs() -> None:
    assert CalibrationInspector.PRIORITY is Priority.FIRST
    assert CalibrationInspector.NEEDS is Need.SAMPLE_DIGESTS


@quiet(
    "calibration-unreadable",
    "calibration-shape",
    "calibration-counts",
    "calibration-not-finite",
    "calibration-input-names",
    "calibration-constant-sample",
    "calibration-duplicates",
    "calibration-noise",
    "calibration-dtype",
)
@pytest.mark.parametrize(
    "array",
    [ROWS, natural_images(64), (natural_images(64) / 255).astype(np.float32)],
    ids=["table", "pixels", "divided-pixels"],
)
def test_a_sound_set(array: Any) -> None:
    assert findings(sampled(array)) == []


@loud(
    "calibration-unreadable",
    "calibration-shape",
    "calibration-dtype",
    "calibration-input-names",
    "calibration-counts",
    "calibration-not-finite",
)
@pytest.mark.parametrize(
    "finding_id",
    [
        "calibration-unreadable",
        "calibration-shape",
        "calibration-dtype",
        "calibration-input-names",
        "calibration-counts",
        "calibration-not-finite",
    ],
)
def test_why_data_do_not_fit_becomes_a_finding(finding_id: str) -> None:
    error = Refusal(
        finding_id, "The samples do not fit", "x.npy, 3 inputs", "Give others.", "python3 -c 1"
    )
    context = build_context(data_error=error, data_failed=True)
    (found,) = findings(context)
    assert (found.id, found.severity.label) == (finding_id, "error")
    assert found.layers == ("net/input_layer1",)
    assert found.headline == "The samples do not fit"
    assert (found.evidence, found.remedy) == ("x.npy, 3 inputs", "Give others.")
    assert found.command == "python3 -c 1"


@pytest.mark.parametrize("concerned", [(), ("net/input_layer2",)])
def test_of_several_inputs_those_concerned_are_named(concerned: tuple[str, ...]) -> None:
    error = Refusal("calibration-shape", "They do not fit", remedy="Mend it.", inputs=concerned)
    model = input_model(ROWS, ROWS)
    (found,) = findings(build_context(model, data_error=error, data_failed=True))
    assert found.layers == (concerned or ("net/input_layer1", "net/input_layer2"))


@pytest.mark.parametrize("finding_id", ["", "what-nobody-knows"])
def test_other_errors_are_no_findings(finding_id: str) -> None:
    error = Refusal(finding_id, "x.npy is damaged")
    assert findings(build_context(data_error=error, data_failed=True)) == []


@loud("calibration-not-finite")
def test_numbers_that_are_none_behind_the_measured_samples() -> None:
    rows = ROWS.copy()
    rows[[5, 9], 0, 0, 2] = np.nan
    (found,) = findings(sampled(rows))
    assert (found.id, found.severity.label) == ("calibration-not-finite", "error")
    assert "in 2 of 64 samples; net/input_layer1: samples 5 and 9, counted" in found.evidence
    error = Refusal("calibration-not-finite", "Samples are broken", remedy="Repair them.")
    assert [f.headline for f in findings(sampled(rows, data_error=error))] == ["Samples are broken"]


@quiet("calibration-too-few")
@loud("calibration-too-few")
@pytest.mark.parametrize(
    ("in_file", "severity"),
    [
        (5000, ""),
        (1024, ""),
        (1023, "info"),
        (64, "info"),
        (63, "warning"),
        (2, "warning"),
        (1, "error"),
    ],
)
def test_number_of_samples_in_the_file(in_file: int, severity: str) -> None:
    expected = [("calibration-too-few", severity, ("net/input_layer1",))] if severity else []
    assert summary(sampled(ROWS, in_file=in_file)) == expected


@pytest.mark.parametrize(
    ("script", "quoted", "said"),
    [
        (None, "less data than the recommended amount (1024)", "from 2 to 1"),
        (
            "model_optimization_flavor(compression_level=0)\n",
            "less data than the recommended amount (1024)",
            "from 2 to 1",
        ),
        ("model_optimization_flavor(optimization_level=2)\n", "", "that the model script sets"),
    ],
)
def test_what_the_compiler_skips(script: str | None, quoted: str, said: str) -> None:
    context = sampled(ROWS, in_file=200, model=input_model(ROWS, script=script))
    (found,) = findings(context)
    assert found.evidence == "200 samples, 1,024 are recommended"
    assert found.quotation == quoted
    assert said in found.why


@pytest.mark.parametrize(
    ("in_file", "script", "remedy"),
    [
        (63, "", "Add samples, best 1,024 in all, and quantize again."),
        (200, "", "Let calibration see all samples with this line and quantize again."),
        (64, "", "Add samples, best 1,024 in all, or set optimization_level in the model script"),
        (64, "model_optimization_flavor(optimization_level=0)\n", ""),
    ],
)
def test_what_to_do_about_few_samples(in_file: int, script: str, remedy: str) -> None:
    model = input_model(ROWS, script=script)
    (found,) = findings(sampled(ROWS, in_file=in_file, model=model))
    assert found.remedy.startswith(remedy)
    assert bool(found.remedy) == bool(remedy)
    assert found.asks_for_nothing == (not remedy)


@pytest.mark.parametrize(
    ("in_file", "own", "size"),
    [
        (40, None, None),
        (64, None, None),
        (100, None, 100),
        (100, 100, None),
        (100, 16, 100),
        (1000, None, 1000),
    ],
)
def test_the_line_that_lets_calibration_see_all_of_them(
    in_file: int, own: int | None, size: int | None
) -> None:
    script = f"model_optimization_config(calibration, calibset_size={own})\n" if own else None
    model = input_model(ROWS, script=script)
    (found,) = findings(sampled(ROWS, in_file=in_file, model=model))
    assert (found.recommendation is None) == (size is None)
    for accepted in (True, False):
        statements = parse_model_script(merged(found, model, accepted)).statements
        sizes = [s.keywords["calibset_size"] for s in statements]
        assert sizes == list(filter(None, [size if accepted and size else own]))


def merged(found: Finding, model: Any, answer: bool) -> str:
    class Somebody(Prompter):
        def confirm(self, question: str, default: bool) -> bool:
            assert "?" in question
            assert default is False
            return answer

    own = model.script_text
    script = None if own is None else parse_model_script(own)
    return recommended_script([found], script, model.network, Somebody(interactive=True)).text


def test_says_what_it_could_not_check() -> None:
    def sentences(context: Context) -> list[str]:
        return [str(said) for said in CalibrationInspector().not_checked(context)]

    stored = input_model(ROWS, stored={"input_layer1": statistics_of(ROWS)})
    assert sentences(sampled(ROWS, model=stored, in_file=64)) == []
    assert sentences(sampled(ROWS, model=stored, in_file=2000)) == [
        "the samples behind the first 64 of 2,000"
    ]
    assert sentences(sampled(ROWS, model=stored, samples=None)) == [
        "the samples themselves, as they could not be read"
    ]
    assert re.search(
        "calibrated on noise.* the samples themselves; pass", " ".join(sentences(build_context()))
    )


def test_skips_only_where_there_is_nothing_at_all() -> None:
    skip = CalibrationInspector().should_skip
    assert skip(build_context()) == NotChecked(
        "the archive holds no statistics of its inputs", "pass the calibration set with -d"
    )
    assert (
        skip(build_context(input_model(ROWS, stored={"input_layer1": statistics_of(ROWS)}))) == ""
    )
    assert skip(sampled(ROWS)) == ""
    assert skip(build_context(data_error=Refusal("calibration-shape", "x"))) == ""


def test_hostile_statistics_are_no_statistics() -> None:
    for broken in (np.nan, np.inf, 1e30):
        stored = statistics_of(np.random.default_rng(2).random((64, 1, 1, 80)))
        arrays = stored_statistics(
            "input_layer1/stats/output_0", replace(stored, mean=stored.mean * broken)
        )
        model = build_model(optimized=arrays)
        assert "no statistics" in str(CalibrationInspector().should_skip(build_context(model)))


@quiet("calibration-shape", "calibrated-on-noise", "calibration-too-few")
@pytest.mark.parametrize(
    "name", [name for name in QUANTIZED if "random" not in name and "sigmoid" not in name]
)
def test_real_archives_are_quiet_without_data(name: str) -> None:
    assert findings(build_context(sample_model(name))) == []
