"""Numbers as the page shows them, and as its scripts read them."""

from __future__ import annotations

import math
from collections.abc import Iterable

Code = float | str | None
MINUS = "−"
NOTHING = ""
DIGITS = 4  # significant ones; charts show no more, and the page stays small
EXACT_DB = 100.0  # from here on, an error is that of 32-bit floating point


def short_number(value: float | None) -> str:
    """A number with four significant digits; "" where there is none."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if value == int(value) and abs(value) < 1e6:
        text = f"{int(value):,}"
    else:
        text = f"{value:.{DIGITS}g}"
    return text.replace("-", MINUS)


def decibels(value: float | None) -> str:
    """An SNR without its unit; what has no noise at all is infinite."""
    if value is None or not math.isfinite(value):
        return short_number(value)
    return f"{value:.1f}".replace("-", MINUS)


def snr(value: float | None) -> str:
    """An SNR without its unit; where there is nothing to be measured, in words."""
    if value is None or math.isnan(value):
        return NOTHING
    if value >= EXACT_DB:
        return "exact"
    return "no signal" if math.isinf(value) else decibels(value)


def snr_with_unit(value: float | None) -> str:
    """An SNR with its unit where it has one."""
    text = snr(value)
    return f"{text} dB" if text[-1:].isdigit() else text


def percent(share: float | None) -> str:
    """A share as percentage without its sign: ``12``, ``1.2``, ``0.01``, ``<0.01``."""
    if share is None or math.isnan(share):
        return NOTHING
    value = 100 * share
    if 0 < value < 0.01:
        return "<0.01"
    if value in (0, 100):
        return str(int(value))
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def code(value: float | None) -> Code:
    """A number for a script: JSON has no word for infinity, and none for what is no number."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded == int(rounded) else rounded


def codes(values: Iterable[float]) -> list[Code]:
    """Numbers for a script, in their order."""
    return [code(float(value)) for value in values]
