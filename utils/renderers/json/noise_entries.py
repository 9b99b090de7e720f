"""What the JSON report says about noise, as plain objects.

docs/report.schema.json and docs/noise.md define every key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements.mixed_precision import MixedPrecisionPlan
from utils.measurements.noise import LayerNoise, NoiseMeasurements, SampleNoise, Sensitivity
from utils.renderers.json.agreement_entries import agreement_entry, outcome_entry
from utils.renderers.json.table_entries import table_entry, trial_entry
from utils.report import Report

Entry = dict[str, Any]


def layer_entry(report: Report, layer: Layer) -> Entry:
    """Noise of one layer; empty where noise was not asked for and the archive stores none."""
    entry = _stored(report.model, layer.name)
    noise = report.noise
    if noise is None:
        return entry
    if layer.name in noise.layers:
        entry.update(_measured(noise.layers[layer.name]))
        entry.update(table_entry(report.measurements, layer.name))
    else:
        entry["noise_not_measured"] = _reason(report, noise, layer)
    if noise.sensitivity is not None:
        entry.update(_alone(noise.sensitivity, layer.name))
    if layer.name in noise.in_float:
        entry["run_in_float"] = noise.in_float[layer.name]
    return entry


def run_entries(report: Report) -> dict[str, Entry]:
    """Noise of every output, and on how many samples all numbers rest; empty if not measured."""
    measurements, noise = report.measurements, report.noise
    if measurements is None or noise is None:
        return {}
    samples = {"samples": measurements.samples}
    if noise.sensitivity is not None:
        samples["sensitivity_samples"] = noise.sensitivity.samples
    return {
        "noise": samples,
        "outputs": {
            layer.name: {
                **agreement_entry(measurements, layer.name),
                **trial_entry(measurements, layer.name),
                **_output(noise, layer.name),
            }
            for layer in report.model.network.output_layers
            if layer.name in noise.layers
        },
    }


def plan_entry(plan: MixedPrecisionPlan | None) -> Entry | None:
    """The plan for mixed precision; None if there is none."""
    if plan is None:
        return None
    entry: Entry = {
        "target_db": plan.target_db,
        "reached": plan.reached,
        "modes": dict(plan.modes),
        "before_db": plan.before_db,
        "predicted_db": plan.predicted_db,
        "after_db": plan.after_db,
        "outputs": {
            name: {
                "kind": outcome.kind,
                "before": outcome_entry(outcome),
                **({"after": outcome_entry(plan.after[name])} if name in plan.after else {}),
            }
            for name, outcome in plan.before.items()
        },
        "weight_share": plan.weight_share,
        "mac_share": plan.mac_share,
        "trials": plan.trials,
    }
    if plan.samples:
        entry["samples"] = plan.samples
    if plan.cut_short:
        entry["cut_short"] = plan.cut_short
    if plan.obstacle:
        entry["obstacle"] = plan.obstacle
    return entry


def _stored(model: Model, name: str) -> Entry:
    stored = {
        "stored_snr_db": model.stored_layer_snr(name),
        "stored_output_snr_db": model.stored_output_snr(name),
    }
    return {key: value for key, value in stored.items() if value is not None}


def _measured(noise: LayerNoise) -> Entry:
    entry: Entry = {"snr_db": noise.output.snr_db, "bias_share": noise.output.bias_share}
    if noise.clipped is not None:
        entry["clipped_share"] = noise.clipped.share
    if noise.saturated is not None:
        entry["saturated_share"] = noise.saturated.share
    return entry


def _alone(sensitivity: Sensitivity, name: str) -> Entry:
    entry: Entry = {}
    if name in sensitivity.local:
        entry["local_snr_db"] = sensitivity.local[name].snr_db
    if name in sensitivity.output_snr_db:
        entry["output_snr_db"] = dict(sensitivity.output_snr_db[name])
        entry["output_snr_exact"] = name in sensitivity.exact
    return entry


def _reason(report: Report, noise: NoiseMeasurements, layer: Layer) -> str:
    unmeasured: Mapping[str, str] = report.measurements.not_measured if report.measurements else {}
    if layer.name in noise.not_measured:
        return noise.not_measured[layer.name]
    if layer.name not in report.model.network:
        return "the layer exists in the float graph only"
    return unmeasured.get(layer.name, "the float network has no output to compare with")


def _output(noise: NoiseMeasurements, name: str) -> Entry:
    tensor = noise.layers[name].output
    return {
        "snr_db": tensor.snr_db,
        "bias_share": tensor.bias_share,
        "worst_samples": [_sample(sample) for sample in noise.worst_samples.get(name, ())],
    }


def _sample(sample: SampleNoise) -> Entry:
    return {"index": sample.index, "snr_db": sample.snr_db}
