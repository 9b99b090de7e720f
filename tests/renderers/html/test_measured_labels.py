from __future__ import annotations

import math

import pytest

from inspectors.documentation import documentation
from tests.renderers.html.reports import AVAILABLE
from utils.renderers.html.measured_labels import (
    LAYER_NUMBERS,
    OTHER_UNITS,
    labelled,
    layer_number,
    with_unit,
)


def test_only_findings_that_exist_have_labels() -> None:
    assert {*LAYER_NUMBERS, *OTHER_UNITS} <= documentation(AVAILABLE).findings.keys()


@pytest.mark.parametrize(
    ("id", "value", "text"),
    [
        ("unheard-of", 3.0, "3"),
        ("unheard-of", None, ""),
        ("low-snr", -1.896, "−1.9 dB"),
        ("low-snr", math.inf, "∞ dB"),
        ("error-is-bias", 0.9501, "95%"),
        ("error-is-bias", math.nan, ""),
        ("error-is-bias", -math.inf, "−∞%"),
        ("weights-shrunk", 2.1758, "2.176 bits"),
    ],
)
def test_numbers_of_layers_have_units(id: str, value: float | None, text: str) -> None:
    assert with_unit(value, layer_number(id).unit) == text


@pytest.mark.parametrize(
    ("id", "key", "value", "shown"),
    [
        ("a-problem", "samples", 64.0, ("samples", "64")),
        ("a-problem", "codes_of_narrowest", 5.61, ("codes of narrowest", "5.61")),
        ("a-problem", "worst_share", 0.0625, ("worst share", "6.2%")),
        ("a-problem", "share_of_ones", 1.0, ("share of ones", "100%")),
        ("a-problem", "gain_db", 1.25, ("gain", "1.2 dB")),
        ("a-problem", "net/o same_peak", 0.28, ("share of peaks that stay, net/o", "28%")),
        ("a-problem", "net/o mean_iou", 0.8, ("mean IoU of classes, net/o", "0.8")),
        ("a-problem", "net/o psnr_db", 31.0, ("PSNR, net/o", "31.0 dB")),
        ("a-problem", "net/o median_snr_db", 9.0, ("SNR of the median sample, net/o", "9.0 dB")),
        ("a-problem", "shared", 2.0, ("shared", "2")),
        ("a-problem", "highest of net/my_share", 0.5, ("highest of net/my_share", "0.5")),
        ("unused-range", "unused_high", 0.25, ("unused high", "25%")),
        ("mixed-precision-plan", "net/out_1 before", 9.0, ("net/out_1 before", "9.0 dB")),
        ("mixed-precision-plan", "mac_share", 0.5, ("mac share", "50%")),
        ("low-snr-outlier", "first_quartile", 30.0, ("first quartile", "30.0 dB")),
        ("dfc-output-snr", "SNR of out", 8.0, ("SNR of out", "8.0 dB")),
    ],
)
def test_keys_are_read_as_words(id: str, key: str, value: float, shown: tuple[str, str]) -> None:
    assert labelled(id, key, value) == shown
