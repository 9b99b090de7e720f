"""What the JSON report says about outputs that decide as in float, or do not.

docs/report.schema.json and docs/noise.md define every key.
"""

from __future__ import annotations

import math
from typing import Any

from utils.measurements import Measurements
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.measurements.agreement.channels import channel_snr_db, worst_channel
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.agreement.readings import Agreement, Agreements, agreement, readings

Entry = dict[str, Any]


def agreement_entry(measurements: Measurements, output: str) -> Entry:
    """Kind, agreement, samples and channels of an output; empty where it was not compared."""
    found = measurements.agreement
    if found is None or output not in found.outputs:
        return {}
    compared = found.outputs[output]
    settled, samples = compared.settled, compared.samples
    entry: Entry = {
        "kind": settled.kind,
        "kind_reason": settled.reason,
        "agreement": _measures(agreement(compared)),
        **_readings(compared),
        "samples": len(samples.positions),
        "snr_median_db": samples.snr_db_at(0.5),
        "snr_p10_db": samples.snr_db_at(0.1),
    }
    worst = _worst_channel(measurements, found, output)
    return {**entry, "worst_channel": worst} if worst else entry


def outcome_entry(outcome: Outcome) -> Entry:
    """What becomes of an output in a trial: its decisions as far as they are counted, and SNR."""
    ratios = {"snr_median_db": outcome.median_db, "snr_p10_db": outcome.p10_db}
    return {
        "agreement": _measures(outcome.measures),
        **{name: value for name, value in ratios.items() if not math.isnan(value)},
    }


def _readings(compared: OutputAgreement) -> Entry:
    if compared.settled.kind != "unknown":
        return {}
    measured = readings(compared)
    return {"readings": {kind: _measures(measures) for kind, measures in measured.items()}}


def _measures(measures: Agreements) -> Entry:
    return {name: measure_entry(measure) for name, measure in measures.items()}


def measure_entry(measure: Agreement) -> Entry:
    """One measure with its interval."""
    entry: Entry = {
        "value": measure.value,
        "low": measure.low,
        "high": measure.high,
        "of": measure.of,
        "undecided": measure.undecided,
    }
    return entry if measure.channel is None else {**entry, "channel": measure.channel}


def _worst_channel(
    measurements: Measurements, found: AgreementMeasurements, output: str
) -> Entry | None:
    """The channel that loses most: of the output, or of what its softmax or argmax takes."""
    name = found.judged_layer(output)
    noise = measurements.noise
    if noise is None or name not in noise.layers or name not in measurements.layers:
        return None
    ratios = channel_snr_db(measurements.layers[name].output, noise.layers[name].output)
    worst = None if ratios is None else worst_channel(ratios)
    if ratios is None or worst is None:
        return None
    entry: Entry = {"channel": worst, "snr_db": float(ratios[worst])}
    return entry if name == output else {**entry, "layer": name}
