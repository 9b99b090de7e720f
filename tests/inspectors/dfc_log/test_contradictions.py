from __future__ import annotations

import pytest

from tests.fixtures import log_texts
from tests.fixtures.builders import build_model
from tests.fixtures.log_texts import END, START, log, run
from tests.house.evidence import loud, quiet
from tests.inspectors.dfc_log.reported import findings, summary
from utils.har.model import Model

TUNED = "[info] Model Optimization Algorithm Quantization-Aware Fine-Tuning is done (time 0)"
SKIPPED = "[info] Quantization-Aware Fine-Tuning skipped"
AT_TWO = "[info] Using default optimization level of 2"
CUT = "[warning] Training cut by the user, proceed at your own peril"
FLAG = "conv1/quantization-aware_fine-tuning/successfully_run"


def finetuned(ran: bool | None) -> Model:
    return build_model(analysis=None if ran is None else {FLAG: [ran]})


@quiet("dfc-log-differs")
@pytest.mark.parametrize(
    ("line", "ran"),
    [(TUNED, True), (TUNED, None), (SKIPPED, False), (SKIPPED, None), (CUT, False)],
)
def test_a_log_that_agrees_with_the_archive(line: str, ran: bool | None) -> None:
    found = findings(run(line, TUNED if line == CUT else ""), model=finetuned(ran))
    assert "dfc-log-differs" not in [each.id for each in found]


@quiet("dfc-log-differs")
def test_a_level_that_the_archive_does_not_record_contradicts_nothing() -> None:
    assert findings(run(AT_TWO), model=build_model(mo_flavor=None)) == []


@loud("dfc-log-differs")
@pytest.mark.parametrize(
    ("line", "ran", "evidence"),
    [
        (TUNED, False, "finetune done by the log, and at no layer by the archive"),
        (SKIPPED, True, "finetune skipped by the log, and run by the archive"),
        (AT_TWO, None, "optimization level 2 in the log and 0 in the archive"),
        (log_texts.TO_ONE, None, "optimization level 1 in the log and 0 in the archive"),
    ],
)
def test_a_log_that_contradicts_the_archive(line: str, ran: bool | None, evidence: str) -> None:
    (found,) = findings(run(log_texts.entries(16), line), model=finetuned(ran))
    assert summary([found]) == [("dfc-log-differs", "warning", ())]
    assert found.evidence == evidence
    assert found.quotation in line


def test_a_run_that_agrees_is_taken_before_one_that_does_not() -> None:
    runs = (START, log_texts.entries(16), END, START, AT_TWO, log_texts.entries(32), END)
    (found,) = findings(log(*runs))
    assert (found.id, found.measured["used"]) == ("dfc-calibration-entries", 16)
