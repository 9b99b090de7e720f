"""What the numbers of findings are called, and their units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from utils.measurements.agreement.wording import MEASURES, measure_name
from utils.renderers.html.numbers import decibels, percent, short_number

PERCENT, DECIBELS = "%", " dB"
MEDIAN = "median_snr_db"  # of an output, behind its name
# Keys that inspectors chose, such as worst_share; others hold names, which stay as they are.
_OWN_KEY = re.compile(r"[a-z0-9_]+")
_SHARE = re.compile(r"\bshare\b|^unused (low|high)$")
_DECIBELS = re.compile(r" db$|^(SNR of|median difference of|largest difference of) ")


@dataclass(frozen=True)
class LayerNumber:
    """What the number of each layer of a finding is; the unit stands behind every number."""

    words: str = ""
    unit: str = ""


SNR = LayerNumber("SNR", DECIBELS)
CHANNELS = LayerNumber("share of the channels", PERCENT)
# By finding id, for findings whose numbers bear the names of layers.
LAYER_NUMBERS = {
    "output-snr-low": SNR,
    "low-snr": SNR,
    "low-snr-outlier": SNR,
    "noise-born-here": LayerNumber("SNR that is lost here", DECIBELS),
    "noise-diffuse": LayerNumber("share of the noise that the loudest layers hold", PERCENT),
    "activation-table": LayerNumber("share of the noise that is the table's", PERCENT),
    "error-is-bias": LayerNumber("share of the error that is bias", PERCENT),
    "values-beyond-range": LayerNumber("share of the values beyond the range", PERCENT),
    "range-saturates": LayerNumber("share of the values that are clipped", PERCENT),
    "accumulator-saturates": LayerNumber("share of the sums at the limit", PERCENT),
    "dead-channels": CHANNELS,
    "coarse-channels": CHANNELS,
    "calibrated-on-noise": CHANNELS,
    "calibrated-on-constant": LayerNumber("the only value"),
    "weight-outliers": LayerNumber("largest weight against the usual large one", " times"),
    "weights-shrunk": LayerNumber("bits lost", " bits"),
}
# Unit of the other numbers of a finding, where their keys do not tell it.
OTHER_UNITS = {
    "noise-concentrated": PERCENT,
    "worst-samples": DECIBELS,
    "dataset-differs": PERCENT,
    "mixed-precision-plan": DECIBELS,
    "low-snr-outlier": DECIBELS,
}


def layer_number(finding_id: str) -> LayerNumber:
    """What the numbers of layers are; without words where that is not known."""
    return LAYER_NUMBERS.get(finding_id, LayerNumber())


def with_unit(value: float | None, unit: str) -> str:
    """A number as it is read; "" where there is none."""
    if value is None or math.isnan(value):
        return ""
    if unit == PERCENT and math.isfinite(value):
        return f"{percent(value)}{unit}"
    return f"{decibels(value) if unit == DECIBELS else short_number(value)}{unit}"


def _unit_of(measure: str) -> str:
    if measure.endswith("_db"):
        return DECIBELS
    return PERCENT if measure_name(measure).startswith("share of") else ""


def labelled(finding_id: str, key: str, value: float) -> tuple[str, str]:
    """Name and number of what no layer's name stands for."""
    layer, _, measure = key.rpartition(" ")
    if layer and measure in MEASURES:
        return f"{measure_name(measure)}, {layer}", with_unit(value, _unit_of(measure))
    if layer and measure == MEDIAN:
        return f"SNR of the median sample, {layer}", with_unit(value, DECIBELS)
    label = key.replace("_", " ") if _OWN_KEY.fullmatch(key) else key
    unit = OTHER_UNITS.get(finding_id, "")
    if _SHARE.search(label):
        unit = PERCENT
    elif _DECIBELS.search(label):
        unit = DECIBELS
    return label.removesuffix(" db"), with_unit(value, unit)
