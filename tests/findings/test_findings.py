"""What a finding is made of, and how its parts make one text."""

from __future__ import annotations

from typing import Any

import pytest

from utils.findings import Finding, NotChecked, Recommendation, Severity

PLAIN = {"id": "low-snr", "severity": Severity.WARNING, "headline": "It is noise"}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "It is noise."),
        ({"evidence": "3 dB"}, "It is noise (3 dB)."),
        ({"why": "It starts here.", "remedy": "Mend it."}, "It is noise. It starts here. Mend it."),
        ({"quotation": "SNR is low"}, 'It is noise. Hailo\'s logs say: "SNR is low".'),
        ({"command": "hailo optimize net.har"}, "It is noise."),
    ],
)
def test_the_parts_make_one_text(parts: dict[str, str], message: str) -> None:
    assert Finding(**PLAIN, **parts).message == message  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Low SNR"},
        {"severity": "warning"},
        {"headline": " "},
        {"headline": None},
        {"evidence": 3},
        {"layers": ["net/conv1"]},
        {"recommendation": "x(1)"},
        {"location": "a.alls:3"},
        {"artifacts": "standard.jpg"},
    ],
)
def test_what_no_report_could_show_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Finding(**{**PLAIN, **wrong})


@pytest.mark.parametrize(
    ("parts", "is_quiet"),
    [
        ({}, True),
        ({"remedy": "Mend it."}, False),
        ({"recommendation": Recommendation(("x(1)",))}, False),
        ({"severity": Severity.WARNING}, False),
    ],
)
def test_only_an_info_without_a_remedy_asks_for_nothing(
    parts: dict[str, Any], is_quiet: bool
) -> None:
    finding = Finding(**{**PLAIN, "severity": Severity.INFO, **parts})
    assert finding.asks_for_nothing is is_quiet


def test_what_was_not_checked_comes_with_what_to_give() -> None:
    assert NotChecked.of("") is None
    assert NotChecked.of("no log") == NotChecked("no log")
    both = NotChecked("it takes a log", "pass it with --dfc-log")
    assert NotChecked.of(both) is both
    assert (str(both), str(NotChecked("no log"))) == (
        "it takes a log; pass it with --dfc-log",
        "no log",
    )
    with pytest.raises(TypeError):
        NotChecked.of(3)  # type: ignore[arg-type]
