from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.baseline.runs import same_class
from tests.fixtures.builders import (
    build_layer,
    build_model,
    build_noise,
    build_noise_measurements,
)
from tests.fixtures.diagnosed import diagnosed
from tests.fixtures.staged_reports import match, staged, step
from tests.measurements.agreement.outputs import agreeing, batch_of, coded
from tests.renderers.hostile import NAMES
from utils.baseline import CHANGES, BaselineComparison, ChangedFinding, SnrChange
from utils.causes.explanations import Explanation, Where, explains
from utils.dataset.facts import DatasetFacts
from utils.findings import Finding, InspectorResult, Severity
from utils.measurements.agreement import AgreementMeasurements
from utils.renderers.verdict import first_cause, verdict, worst_output
from utils.report import Report

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


def found(severity: Severity, id: str = "low-snr", headline: str = "It is 3 dB") -> Finding:
    return Finding(id, severity, headline, ("net/conv1",))


def report(*findings: Finding, own: Sequence[Explanation] = (), **changes: Any) -> Report:
    result = InspectorResult("AnInspector", findings)
    whole = Report(build_model(), "embedded", None, None, (result,))
    return diagnosed(replace(whole, **changes), own)


def measured(outputs: Mapping[str, float]) -> dict[str, Any]:
    """Model and measurements with these outputs, by name and SNR."""
    layers = [build_layer("input_layer1"), build_layer("conv1")]
    layers += [build_layer(name, "output_layer", ["conv1"]) for name in outputs]
    return {
        "model": build_model(layers),
        "measurements": build_noise_measurements(build_noise(dict(outputs))),
    }


QUIET = "No errors and no warnings; without data the noise was not measured."


CAUSE = found(WARNING, "a-cause", "The archive was calibrated on random numbers.")
SYMPTOM = found(ERROR, "a-symptom")
OWN = (explains("a-cause", "a-symptom", Where.ANYWHERE, ""),)


@pytest.mark.parametrize(
    ("findings", "opening"),
    [
        ((), "No errors and no warnings; "),
        ((found(INFO),), "No errors and no warnings; "),
        ((found(WARNING),), "No errors, but 1 warning: it is 3 dB; "),
        ((found(ERROR, headline="SNR falls"),), "1 error: SNR falls; "),
        (
            (found(WARNING, "a"), found(ERROR, "b", "B is there"), found(ERROR, "c")),
            "2 errors and 1 warning; the first: B is there; ",
        ),
        (
            (SYMPTOM, CAUSE),
            "1 error, which explains 1 other finding: the archive was calibrated on random "
            "numbers; ",
        ),
        (
            (SYMPTOM, CAUSE, SYMPTOM, found(WARNING, "b")),
            "1 error and 1 warning; the first, which explains 2 other findings: the archive was "
            "calibrated on random numbers; ",
        ),
    ],
)
def test_it_counts_and_says_what_is_wrong_first(
    findings: tuple[Finding, ...], opening: str
) -> None:
    twins = tuple(map(replace, findings))  # each is a finding of its own
    said = verdict(report(*twins, own=OWN))
    assert said == f"{opening}without data the noise was not measured."


@pytest.mark.parametrize(
    ("id", "headline", "layers", "said"),
    [
        ("dataset-differs", "They differ", ["input_layer2"], "they differ at input_layer2;"),
        ("dataset-differs", "They differ", ["input_layer2", "conv1"], "differ at input_layer2;"),
        ("dataset-differs", "They differ", ["input_layer1", "input_layer2"], "they differ;"),
        ("dataset-differs", "All of input_layer2", ["input_layer2"], "of input_layer2;"),
        ("low-snr", "It is low", ["input_layer2"], "it is low;"),
    ],
)
def test_wrong_data_of_one_of_several_inputs_are_placed(
    id: str, headline: str, layers: list[str], said: str
) -> None:
    model = build_model(
        [
            build_layer("input_layer1", "input_layer"),
            build_layer("input_layer2", "input_layer"),
            build_layer("conv1", inputs=["input_layer1", "input_layer2"]),
        ]
    )
    finding = Finding(id, ERROR, headline, tuple(f"net/{name}" for name in layers))
    assert said in verdict(report(finding, model=model))


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ({"out1": 26.04}, "the output out1 has an SNR of 26.0 dB"),
        (
            {"out1": 26.0, "out2": -1.25, "out3": 40.0},
            "the worst of 3 outputs, out2, has an SNR of -1.2 dB",
        ),
        ({"out1": math.inf}, "the output out1 has no noise at all"),
        (
            {"out1": 3.0, "out2": -math.inf},
            "the worst of 2 outputs, out2, holds noise, but no signal",
        ),
    ],
)
def test_it_tells_the_worst_output(outputs: Mapping[str, float], said: str) -> None:
    whole = f"No errors and no warnings; {said} on all 64 samples."
    assert verdict(report(**measured(outputs))) == whole


@pytest.mark.parametrize(
    ("used", "samples", "said"),
    [(64, 99, "64 of 99 samples"), (99, 99, "all 99 samples"), (1, 1, "1 sample")],
)
def test_it_says_on_how_many_samples_it_rests(used: int, samples: int, said: str) -> None:
    facts = measured({"out1": 26.0})
    facts["measurements"] = replace(facts["measurements"], samples=used)
    whole = report(calibration=DatasetFacts("x.npy", samples, used, {}), **facts)
    assert verdict(whole).endswith(f"26.0 dB on {said}.")


@pytest.mark.parametrize("snr", [144.6, math.inf])
@pytest.mark.parametrize(
    ("high", "samples", "is_constant"), [(0.0, 64, True), (1.0, 64, False), (0.0, 1, False)]
)
def test_an_output_that_never_changes_is_no_good_one(
    snr: float, high: float, samples: int, is_constant: bool
) -> None:
    facts = measured({"out1": snr})
    rising = np.linspace(0, high, samples, dtype=np.float32).reshape(samples, 1, 1)
    output = agreeing(batch_of(rising, coded(rising), range(samples)))
    agreement = AgreementMeasurements({"net/out1": output})
    facts["measurements"] = replace(facts["measurements"], agreement=agreement, samples=samples)
    said = "the output out1 is the same on all 64 samples, so nothing shows what it decides."
    assert verdict(report(**facts)).endswith(f"in float {said}") is is_constant


@pytest.mark.parametrize("is_in_float", [True, False])
def test_what_is_wrong_in_float_as_well_is_said_beside_the_ratio(is_in_float: bool) -> None:
    wrong = replace(found(ERROR), holds_for_any_calibration=is_in_float)
    said = verdict(report(wrong, **measured({"out1": 26.0})))
    assert ("; compared with float, which has the same fault, the output out1 has" in said) == (
        is_in_float
    )


@pytest.mark.parametrize("snr", [26.0, 2.0])
def test_faults_of_the_samples_are_in_float_as_well(snr: float) -> None:
    for severity in (ERROR, WARNING):
        said = verdict(report(found(severity, "calibration-dtype"), **measured({"out1": snr})))
        assert ("which has the same fault" in said) is (severity is ERROR)


@pytest.mark.parametrize("snr", [26.0, 2.0])
def test_beside_other_stages_the_ratio_is_that_of_the_quantization(snr: float) -> None:
    chip = step("quantized", "device", match(0.5, changed=9), is_equal=False)
    assert "; with quantization alone, the output output_layer1 has an SNR" in verdict(
        staged(chip, snr_db=snr)
    )
    assert "quantization alone" not in verdict(report(**measured({"out1": snr})))


def test_what_merely_comes_with_a_finding_is_not_counted() -> None:
    both = (found(WARNING, "decisions-change"), found(INFO, "mixed-precision-plan"))
    own = (explains("decisions-change", "mixed-precision-plan", Where.ANYWHERE, ""),)
    assert verdict(report(*both, own=own)).startswith("No errors, but 1 warning: it is 3 dB; ")


@pytest.mark.parametrize("output", ["out1", "out2"])
def test_where_nothing_fires_no_snr_is_told(output: str) -> None:
    facts = measured({"out1": 0.0, "out2": 60.0})
    silent = Finding("nothing-decided", WARNING, "Nothing fires", (f"net/{output}",))
    said = verdict(report(silent, **facts))
    assert ("; at out1 nothing fires in float" in said) is (output == "out1")
    assert ("SNR of 0.0 dB" in said) is (output != "out1")


def test_what_is_constant_in_float_decides_nothing() -> None:
    facts = measured({"out1": 50.0, "out2": 60.0})
    for rise, is_told in ((0.0, False), (1.0, True)):
        scores = np.linspace(1, 1 + rise, 64, dtype=np.float32).reshape(64, 1, 1)
        output = agreeing(batch_of(scores, coded(scores), range(64)), "scores")
        agreement = AgreementMeasurements({"net/out2": output})
        facts["measurements"] = replace(facts["measurements"], agreement=agreement)
        assert ("scores that fire" in verdict(report(**facts))) is is_told


def test_what_is_beyond_its_limit_is_told_before_what_is_not() -> None:
    """A rare class is lost, while as good as all pixels keep theirs."""
    floats = np.zeros((8, 100, 2), np.float32)
    floats[:, :, 0] = 1.0
    floats[:, :2, 1] = 2.0
    floats *= np.linspace(1.0, 1.2, 8, dtype=np.float32)[:, None, None]
    lost = floats.copy()
    lost[:, 1:2, 1] = 0.0
    for chip, said in ((floats, "100% of 800 pixels keep their class"), (lost, "the mean IoU")):
        output = agreeing(batch_of(floats, coded(chip), range(8)), "segmentation")
        facts = measured({"out1": 30.0})
        agreement = AgreementMeasurements({"net/out1": output})
        facts["measurements"] = replace(facts["measurements"], agreement=agreement)
        assert said in verdict(report(**facts))


def test_one_score_that_is_lost_does_not_speak_for_many() -> None:
    """Nearly nothing fires at one output; a quarter of all that fires is lost at the other."""
    few, many = (np.full((64, 1, 1), -1.0, np.float32) for _ in range(2))
    few[3] = 1.0
    many[::2] = 1.0
    many *= np.linspace(1.0, 1.2, 64, dtype=np.float32)[:, None, None]
    lost = {"few": np.where(few > 0, -1.0, few), "many": many.copy()}
    lost["many"][::8] = -1.0
    outputs = {
        f"net/{name}": agreeing(
            batch_of(floats, coded(lost[name].astype(np.float32)), range(64)), "scores"
        )
        for name, floats in (("few", few), ("many", many))
    }
    for names, said in ((["few"], "the one score that fires"), (["few", "many"], "of 32 scores")):
        agreement = AgreementMeasurements({f"net/{n}": outputs[f"net/{n}"] for n in names})
        facts = measured(dict.fromkeys(names, 30.0))
        facts["measurements"] = replace(facts["measurements"], agreement=agreement)
        assert said in verdict(report(**facts))


def test_a_run_of_some_inspectors_says_so() -> None:
    some = report(not_chosen=("B", "C"))
    assert verdict(some).startswith("1 of 3 inspectors ran; no errors and no warnings; ")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "as good as before.json"),
        (
            {"outputs": [(12.5, 38.1)], "fixed": [WARNING] * 5, "new": [INFO]},
            "better than before.json: 12.5 -> 38.1 dB, 5 fixed, 1 new",
        ),
        (
            {"outputs": [(12.5, 38.1)], "fixed": [ERROR], "new": [WARNING]},
            "better than before.json: 12.5 -> 38.1 dB, 1 fixed, 1 new",
        ),
        (
            {"outputs": [(38.1, 12.5)], "fixed": [ERROR], "new": [WARNING]},
            "worse than before.json: 38.1 -> 12.5 dB, 1 fixed, 1 new",
        ),
        (
            {"outputs": [(12.5, 38.1)], "new": [ERROR]},
            "partly better and partly worse than before.json: 12.5 -> 38.1 dB, 1 new",
        ),
        (
            {"fixed": [WARNING], "new": [WARNING]},
            "partly better and partly worse than before.json: 1 fixed, 1 new",
        ),
        ({"fixed": [INFO], "new": [INFO]}, "as good as before.json: 1 fixed, 1 new"),
        (
            {"decisions": [(52, 64)], "outputs": [(38.1, 12.5)], "new": [WARNING]},
            "better than before.json: the same class as in float comes first in 64 of 64 samples, "
            "before 52 of 64, 38.1 -> 12.5 dB, 1 new",
        ),
        (
            {"decisions": [(64, 52)], "outputs": [(12.5, 38.1)]},
            "worse than before.json: the same class as in float comes first in 52 of 64 samples, "
            "before 64 of 64, 12.5 -> 38.1 dB",
        ),
        ({"decisions": [(62, 64)]}, "as good as before.json"),
        ({"outputs": [(12.5, 12.6)], "new": [WARNING]}, "worse than before.json: 1 new"),
        ({"has_other_data": True}, "as good as before.json"),
        (
            {"has_other_data": True, "outputs": [(38.1, 12.5)]},
            "worse than before.json, on other data: 38.1 -> 12.5 dB",
        ),
        (
            {"outputs": [(20.0, 20.0), (12.5, None), (30.0, 10.0)]},
            "worse than before.json: 20.0 -> 10.0 dB",
        ),
    ],
)
def test_an_earlier_run_is_compared_in_a_clause(parts: dict[str, Any], said: str) -> None:
    changed = [
        ChangedFinding("x", change, severity.label, severity.label, "A", "x")
        for change in CHANGES
        for severity in parts.get(change, [])
    ]
    outputs = tuple(SnrChange(str(i), *pair) for i, pair in enumerate(parts.get("outputs", [])))
    decisions = tuple(same_class(*pair) for pair in parts.get("decisions", []))
    baseline = BaselineComparison(
        "some/before.json",
        tuple(changed),
        outputs=outputs,
        decisions=decisions,
        has_other_data=parts.get("has_other_data", False),
    )
    assert verdict(report(baseline=baseline)) == f"{QUIET[:-1]}; {said}."


def test_what_was_not_compared_is_neither_better_nor_worse() -> None:
    other = BaselineComparison("before.json", is_comparable=False)
    assert verdict(report(baseline=other)).endswith("; nothing was compared with before.json.")


def test_a_ratio_that_is_no_number_is_the_worst() -> None:
    whole = report(**measured({"out1": -math.inf, "out2": math.nan}))
    name, snr = worst_output(whole) or ("", 0.0)
    assert (name, math.isnan(snr)) == ("net/out2", True)
    assert "out2, has an SNR that is not a number" in verdict(whole)


def test_a_run_that_was_not_whole_says_so_first() -> None:
    opening = (
        "The run is incomplete, so more may be wrong; nothing was found in what could be judged; "
    )
    failed = report(failures=("x.npy: no such file",))
    assert verdict(failed) == f"{opening}the noise was not measured."
    crashed = replace(report(), results=(InspectorResult("A", crashed="KeyError: 'a'"),))
    assert verdict(crashed).startswith(opening)
    assert verdict(report()) == QUIET


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ((), ""),
        (("out/r.html",), "; r.html was not written"),
        (("r.html", "r.json"), "; r.html and r.json were not written"),
        (("a", "b", "c", "d", "e"), "; a, b, c and 2 more were not written"),
    ],
)
def test_a_file_that_was_not_written_hides_nothing_of_the_network(
    paths: tuple[str, ...], said: str
) -> None:
    unwritten = dict.fromkeys(paths, "it cannot be written")
    whole = report(unwritten=unwritten)
    assert verdict(whole) == f"{QUIET[:-1]}{said}."
    assert whole.exit_code(None) == (2 if paths else 0)
    failed = report(failures=("x.npy: no such file",), unwritten=unwritten)
    assert verdict(failed).startswith("The run is incomplete, so more may be wrong; ")
    assert verdict(failed).endswith(f"the noise was not measured{said}.")


def test_the_first_cause_is_the_first_that_matters() -> None:
    assert first_cause(report(found(INFO))) is None
    first = first_cause(report(found(WARNING, "a"), found(ERROR, "b"), found(ERROR, "c")))
    assert first is not None
    assert first.finding.id == "b"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_stay_on_one_short_line(name: str) -> None:
    baseline = BaselineComparison(f"{name}.json")
    low = found(ERROR, headline=f"{name} is low")
    said = verdict(report(low, baseline=baseline, unwritten={f"{name}.html": "no"}))
    assert said.isprintable()
    assert len(said) < 500
