"""Numbers that pages name are those of the code."""

from __future__ import annotations

import pytest

from docs.generate import DOCS
from inspectors.high_precision_inspector import HighPrecisionInspector
from utils.backends.closer_look import CLEAN_DB
from utils.backends.closer_look.precision_search import MAX_TRIALS
from utils.backends.workload import SHARE
from utils.dataset.facts import DEFAULT_DATA_COUNT, LARGEST_WHOLE_FILE, MOST_SAVED
from utils.dataset.sample_digester import LOOKED_AT
from utils.device_outputs.among_all import MOST_FRAMES
from utils.device_outputs.apart import LEAST_CORRELATION, NEAR_CODES, NEAR_SHARE
from utils.device_outputs.explaining import FEW
from utils.device_outputs.rerunning import MOST_TRIALS
from utils.measurements.agreement.limits import LEAST_MEDIAN_DB
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB

SAID = {
    "noise.md": (
        f"Only outputs below {CLEAN_DB:g} dB",
        f"a third as much work as the data pass ({SHARE:g} of it)",
        f"if the median sample has less than {LEAST_MEDIAN_DB:g} dB",
        f"if the pooled SNR stays below {DEFAULT_TARGET_DB:g} dB, or that of the median sample "
        f"below {LEAST_MEDIAN_DB:g} dB",
        f"or {LEAST_MEDIAN_DB:g} dB where no set of layers brings more",
        f"unless {MAX_TRIALS} trials were used up",
    ),
    "stages.md": (f"up to {MOST_TRIALS} run on {FEW} samples or fewer",),
    "usage.md": (
        f"a file of up to {LARGEST_WHOLE_FILE} samples is measured as a whole",
        f"otherwise {DEFAULT_DATA_COUNT} samples are",
        f"the first {LOOKED_AT:,} samples of the file are read",
        f"all of up to {MOST_SAVED:,}",
    ),
    "device-outputs.md": (
        f"at least {NEAR_SHARE:.0%}".replace("%", " %")
        + f" of the codes lie within {NEAR_CODES:g} of one another",
        f"correlates with at least {LEAST_CORRELATION:g}",
        f"among all frames of the file, up to {MOST_FRAMES:,}",
    ),
}


@pytest.mark.parametrize(("page", "said"), [(p, s) for p, each in SAID.items() for s in each])
def test_a_page_names_the_number_of_the_code(page: str, said: str) -> None:
    assert said in " ".join((DOCS / page).read_text("utf-8").split())


def test_an_inspector_names_the_limit_that_a_plan_is_searched_below() -> None:
    text = " ".join((HighPrecisionInspector.__doc__ or "").split())
    assert f"or its median sample has less than {LEAST_MEDIAN_DB:g} dB" in text
