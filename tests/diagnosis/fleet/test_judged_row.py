"""What failed at an archive, in the words of a fleet."""

from __future__ import annotations

import pytest

from diagnosis.fleet.judged_row import ANOTHER_FOLDER, as_of_fleet, row_of
from diagnosis.output_files import ANOTHER_PATH
from tests.renderers.terminal.reports import report
from utils.findings import InspectorResult
from utils.fleet.plan import Case
from utils.options.options import parse_options

FOLDER = "/results/archives/.unfinished-x1"


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("NormInspector crashed", "NormInspector crashed"),
        (
            f"{FOLDER}/report.html cannot be written: the disk is full{ANOTHER_PATH}",
            f"archives/net/report.html cannot be written: the disk is full{ANOTHER_FOLDER}",
        ),
    ],
)
def test_nobody_is_told_of_a_folder_that_is_gone(failure: str, told: str) -> None:
    options = parse_options([f"--log-path={FOLDER}/diagnosis.log", "net.har"], {})
    assert as_of_fleet(failure, options, "archives/net") == told


def failure_of(result: InspectorResult) -> str:
    options = parse_options([f"--log-path={FOLDER}/diagnosis.log", "net.har"], {})
    case = Case("net", "net.har")
    return row_of(case, report(results=(result,)), options, "archives/net", 1.0).failure


def test_an_inspector_that_crashed_is_why_an_archive_counts_as_not_diagnosed() -> None:
    assert failure_of(InspectorResult("NormInspector")) == ""
    said = "NormInspector crashed and did not finish: no memory"
    assert failure_of(InspectorResult("NormInspector", crashed="no memory")) == said
