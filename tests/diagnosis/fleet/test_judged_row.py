"""What failed at an archive, in the words of a fleet."""

from __future__ import annotations

import pytest

from diagnosis.fleet.judged_row import ANOTHER_FOLDER, as_of_fleet
from diagnosis.output_files import ANOTHER_PATH
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
