"""The JSON report: the machine's view of everything; its schema is docs/report.schema.json."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from utils.findings import Finding, InspectorResult, Severity
from utils.har.float_weights import float_weights
from utils.har.model import Model
from utils.har.network import Layer
from utils.measurements import Measurements
from utils.renderers.ignored_lines import ignored_entries
from utils.renderers.json.baseline_entry import baseline_entry
from utils.renderers.json.diagnosis_entries import diagnosis_entries
from utils.renderers.json.noise_entries import layer_entry, plan_entry, run_entries
from utils.renderers.json.sdk_entry import sdk_entry
from utils.renderers.json.stage_entries import stage_entries
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.tool import NAME, VERSION

SCHEMA_VERSION = 2


def render(report: Report) -> str:
    """The report as JSON text; keys that do not apply are absent."""
    return json.dumps(report_object(report), indent=2, allow_nan=False) + "\n"


def report_object(report: Report) -> Any:
    """The report as plain objects, exactly as a reader of the JSON text gets them."""
    return _finite(_report(report))


def _report(report: Report) -> dict[str, Any]:
    layers = _all_layers(report.model)
    measurements = report.measurements
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": NAME, "version": VERSION},
        "verdict": verdict(report),
        "backend": report.backend,
        **sdk_entry(report.sdk, report.model.float_network),
        "model": _model(report.model),
        "dataset": _dataset(report),
        "inspectors": [_inspector(report, result, layers) for result in report.results],
        **diagnosis_entries(report.diagnosis),
        "layers": {name: _layer(report, layer) for name, layer in layers.items()},
        **run_entries(report),
        "plan": plan_entry(measurements.plan if measurements else None),
        **_left_out(measurements),
        "stages": stage_entries(report),
        "assumptions": list(report.assumptions),
        "baseline": baseline_entry(report.baseline),
        "ignored": ignored_entries(report.ignored),
        "failures": list(report.all_failures),
        "summary": {
            **{severity.label: report.count(severity) for severity in Severity},
            "consequences": report.consequences,
        },
    }


def _model(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "state": model.state,
        "sdk_version": model.sdk_version,
        "hw_arch": model.hw_arch,
        "optimization_level": model.optimization_level,
        "compression_level": model.compression_level,
        "path": model.archive.path,
        "sha256": model.archive.sha256,
        "script": model.script_text,
    }


def _dataset(report: Report) -> dict[str, Any] | None:
    calibration = report.calibration
    if calibration is None:
        return None
    return {
        "path": calibration.path,
        "samples": calibration.samples,
        "used": calibration.used,
        "kind": calibration.kind,
        "notes": list(calibration.notes),
        "inputs": {
            name: {"shape": list(info.shape), "dtype": str(info.dtype)}
            for name, info in calibration.inputs.items()
        },
    }


def _inspector(
    report: Report, result: InspectorResult, layers: Mapping[str, Layer]
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": result.name,
        "skipped": str(result.skipped) if result.skipped else None,
        "not_checked": [str(missing) for missing in result.not_checked],
        "seconds": round(result.seconds, 6),
        "findings": [
            finding_entry(finding, report.diagnosis.cause_of(finding), layers)
            for finding in result.findings
        ],
    }
    if result.crashed:
        entry["crashed"] = result.crashed
    return entry


def finding_entry(
    finding: Finding, cause: Finding | None, layers: Mapping[str, Layer]
) -> dict[str, Any]:
    """A finding.

    Parameters
    ----------
    cause : what explains it.
    layers : those whose original names are known, by name.
    """
    entry: dict[str, Any] = {
        "id": finding.id,
        "severity": finding.severity.label,
        "headline": finding.headline,
        "evidence": finding.evidence,
        "why": finding.why,
        "remedy": finding.remedy,
        "message": finding.message,
        "explained_by": cause.id if cause else None,
        "layers": list(finding.layers),
        "original_names": [
            name
            for layer in finding.layers
            if layer in layers
            for name in layers[layer].original_names
        ],
        "measured": dict(finding.measured),
        "commands": list(finding.commands),
    }
    if finding.quotation:
        entry["quotation"] = finding.quotation
    if finding.command:
        entry["command"] = finding.command
    if finding.recommendation:
        entry["proven"] = finding.recommendation.proven
    if finding.location:
        entry["location"] = {
            "path": finding.location.path,
            "line": finding.location.line,
            "column": finding.location.column,
        }
    return entry


def _all_layers(model: Model) -> Mapping[str, Layer]:
    # The compiler inserts layers into the quantized graph that the float graph does not have.
    return {**model.float_network.layers, **model.network.layers}


def _layer(report: Report, layer: Layer) -> dict[str, Any]:
    mode = report.model.precision_mode(layer.name)
    entry: dict[str, Any] = {
        "type": layer.type,
        "precision_mode": mode.text if mode else None,
        "original_names": list(layer.original_names),
        "not_measured": _not_measured(report, layer.name),
    }
    hidden = report.measurements.preactivation_not_measured if report.measurements else {}
    if layer.name in hidden:
        entry["preactivation_not_measured"] = hidden[layer.name]
    calibrated = report.model.calibrated_range(layer.name)
    if calibrated is not None:
        entry["calibrated_range"] = list(calibrated)
    weights = float_weights(report.model, layer)
    if weights is not None:
        entry["float_weights"] = {"count": weights.count, "digest": weights.digest}
    measured = report.measurements.layers.get(layer.name) if report.measurements else None
    if measured is not None:
        entry["output"] = {
            "min": measured.output.low,
            "max": measured.output.high,
            "mean": measured.output.pooled_mean,
            "std": measured.output.pooled_std,
        }
    entry.update(layer_entry(report, layer))
    return entry


def _left_out(measurements: Measurements | None) -> dict[str, Any]:
    if measurements is None or not measurements.left_out:
        return {}
    return {"left_out": dict(measurements.left_out)}


def _not_measured(report: Report, name: str) -> str | None:
    measurements = report.measurements
    if measurements is None:
        return "the data could not be measured" if report.failures else "no data were given"
    if name in measurements.layers:
        return None
    return measurements.not_measured.get(
        name, "the layer exists in the quantized graph only, so it has no float output"
    )


def _finite(value: Any) -> Any:
    # JSON has no word for NaN and infinity; null says that there is no finite number.
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
