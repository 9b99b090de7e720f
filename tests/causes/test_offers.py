"""No remedy points to lines that are not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import inspectors
from tests.causes.findings import ERROR, INFO, WARNING, diagnosis, found
from utils.causes.offers import as_offered, is_offered, without_pointing
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Severity

POINTING = "Let calibration see all samples with this line and quantize again."
FOLDER = Path(inspectors.__file__).parent


@pytest.mark.parametrize(
    ("remedy", "told"),
    [
        (POINTING, "Let calibration see all samples and quantize again."),
        ("Give conv1 16 bit with these lines.", "Give conv1 16 bit."),
        ("Try level 1 with this line, which needs no GPU.", "Try level 1, which needs no GPU."),
        ("Exchange both, as in this line, and go on.", "Exchange both and go on."),
        ("Replace line 2 by this line and go on.", "Replace line 2 and go on."),
        ("Add these lines only if needed.", ""),
        ("Do x, or add this line to the model script.", ""),
        ("Add samples.", "Add samples."),
        ("", ""),
    ],
)
def test_what_points_to_lines_is_left_out(remedy: str, told: str) -> None:
    assert without_pointing(remedy) == told


def test_every_phrase_of_the_inspectors_is_known() -> None:
    """A phrase that could not be cut out would make a whole remedy vanish unseen."""
    known = r"(?:with|by|, as in) (?:this line|these lines)"
    whole = r"\b[Aa]dd (?:this line|these lines|\{these\})|split|these lines, quantize"
    for path in FOLDER.rglob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""', "", path.read_text())
        for text in re.findall(r'f?"([^"\n]*\b(?:this line|these lines)\b[^"\n]*)"', code):
            is_name = text in ("this line", "these lines")
            assert is_name or re.search(known, text) or re.search(whole, text), (path, text)


@pytest.mark.parametrize(
    ("cause", "severity", "is_pointing"),
    [("calibrated-on-noise", ERROR, False), ("join-range-imbalance", ERROR, True)],
)
def test_a_remedy_points_only_to_lines_that_are_offered(
    cause: str, severity: Severity, is_pointing: bool
) -> None:
    few = found("calibration-too-few", severity=INFO, line="x(1)", remedy=POINTING)
    made = diagnosis(EXPLANATIONS, found(cause, severity=severity), few)
    told = as_offered(few, made)
    assert ("this line" in told.remedy) is is_offered(few, made) is is_pointing
    assert told.remedy
    assert told.commands == few.commands


def test_what_is_only_worth_knowing_withholds_nothing() -> None:
    """However much else that is only worth knowing it explains."""
    few = found("calibration-too-few", severity=INFO, line="x(1)", remedy=POINTING)
    worst = found("worst-samples", severity=INFO, line="y(1)")
    some = found("few-samples-decide", severity=INFO)
    made = diagnosis(EXPLANATIONS, some, worst, few)
    assert made.cause_of(worst) is some
    assert is_offered(few, made)
    assert is_offered(worst, made)
    graver = found("few-samples-decide", severity=WARNING)
    made = diagnosis(EXPLANATIONS, graver, found("output-snr-low"), few)
    assert not is_offered(few, made)
