from __future__ import annotations

from typing import Any

import pytest

from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding, Severity


def finding(**parts: Any) -> Finding:
    usual: dict[str, Any] = {
        "id": "low-snr",
        "severity": Severity.WARNING,
        "headline": "Accuracy is lost first at net/conv1",
        "layers": ("net/conv1",),
        "evidence": "12.5 dB behind 37.4 dB",
        "why": "Rounding changes the answers.",
        "remedy": "Reverse the channels with `x[..., ::-1]; y. z` and quantize again.",
    }
    return Finding(**usual | parts)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"severity": Severity.INFO, "remedy": "", "evidence": "", "why": ""},
        {"headline": f"{'A' * 75} net/conv1 (/features/0/Conv)"},
        {"headline": f"{'A' * 75} conv1"},
        {"headline": "16 bit does not help here"},
        {"evidence": "told, a layer", "layers": ("told",)},
        {"why": "The network is no longer what it was."},
    ],
)
def test_what_is_well_worded(parts: dict[str, Any]) -> None:
    assert_well_worded(finding(**parts))


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        ({"headline": "A" * 81}, "81 characters"),
        ({"headline": f"{'A' * 75} net/conv2"}, "85 characters"),
        ({"headline": "accuracy is lost"}, "begins"),
        ({"headline": "Accuracy is lost."}, "one plain fact"),
        ({"headline": "Accuracy is lost; mend it"}, "one plain fact"),
        ({"headline": "5% of the values are cut off"}, "one plain fact"),
        ({"evidence": "12.5 dB."}, "brackets"),
        ({"why": "Rounding changes the answers"}, "ends"),
        ({"remedy": ""}, "what to do"),
        ({"remedy": "quantize again."}, "begins"),
        ({"remedy": "Quantize again"}, "ends"),
        ({"remedy": "Quantize again. Then look."}, "one sentence"),
        ({"remedy": "Quantize again; then look."}, "one sentence"),
        ({"headline": "This is no picture"}, "plain English"),
        ({"why": "The compiler was told so."}, "plain English"),
    ],
)
def test_what_is_not(parts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        assert_well_worded(finding(**parts))
