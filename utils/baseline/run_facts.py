"""What one run said, as far as two runs are compared, read from its JSON report.

The run of today is read the same way, so both are known by the same words and numbers.
docs/report.schema.json defines every key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from utils.baseline.checked_json import CheckedJson, JsonError
from utils.findings import Severity
from utils.measurements.agreement.readings import Agreement
from utils.measurements.agreement.wording import MEASURES

Range = tuple[float, float]
_FINDING_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class FindingFacts:
    """A finding.

    Parameters
    ----------
    headline : what is wrong; "" in reports of schema version 1, which know whole messages only.
    measured : its finite numbers.
    line : of the text that it stands in; None for what stands in no text.
    """

    inspector: str
    id: str
    severity: Severity
    message: str
    layers: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    headline: str = ""
    line: int | None = None

    @cached_property
    def layer_set(self) -> frozenset[str]:
        """Its layers, each once."""
        return frozenset(self.layers)


@dataclass(frozen=True)
class InspectorFacts:
    """An inspector; `skipped` and `crashed` say why it said nothing, or not all, else ""."""

    name: str
    skipped: str = ""
    crashed: str = ""
    not_checked: tuple[str, ...] = ()
    findings: tuple[FindingFacts, ...] = ()


@dataclass(frozen=True)
class LayerFacts:
    """A layer of the float or the quantized graph.

    Parameters
    ----------
    type, precision_mode, original_names, calibrated_range : see the schema.
    output : low and high of the float network's output; None where not finite or not measured.
    mean : of the float network's output.
    is_measured, has_noise : whether the float output, and whether the noise was measured.
    snr_db : None where it is not finite.
    weights : number and digest of the float weights; None without any, or if not recorded.
    """

    type: str
    precision_mode: str | None = None
    original_names: tuple[str, ...] = ()
    calibrated_range: Range | None = None
    output: Range | None = None
    mean: float | None = None
    is_measured: bool = False
    has_noise: bool = False
    snr_db: float | None = None
    weights: tuple[int, str] | None = None


@dataclass(frozen=True)
class ModelFacts:
    """The archive; `script` is its own model script, `has_script_entry` whether that is known."""

    name: str
    sdk_version: str
    hw_arch: str
    optimization_level: int | None
    compression_level: int | None
    script: str | None = None
    has_script_entry: bool = True


@dataclass(frozen=True)
class DataFacts:
    """The data set: where it came from, how many samples it holds and how many were used."""

    path: str
    samples: int
    used: int


@dataclass(frozen=True)
class RunFacts:
    """A run; `outputs` holds the SNR in dB by output layer, None where it is not finite.

    `agreement` holds how often outputs decide as in float, by output layer and measure;
    `has_agreement` says whether the report knows of it at all. `ignored` are the ids of findings
    that were made and ignored. `stages` holds the SNR in dB of every output of a stage against the
    stage before it, by name of the stage.
    """

    path: str
    tool_version: str
    backend: str
    model: ModelFacts
    data: DataFacts | None
    inspectors: Mapping[str, InspectorFacts]
    layers: Mapping[str, LayerFacts]
    outputs: Mapping[str, float | None]
    agreement: Mapping[str, Mapping[str, Agreement]] = field(default_factory=dict)
    has_agreement: bool = False
    ignored: frozenset[str] = frozenset()
    stages: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    @property
    def has_data(self) -> bool:
        """Whether anything was measured with data."""
        return any(layer.is_measured for layer in self.layers.values())

    @property
    def has_noise(self) -> bool:
        """Whether the quantized network was run."""
        return any(layer.has_noise for layer in self.layers.values())


def run_facts(report: CheckedJson, path: str) -> RunFacts:
    """Read the object of a JSON report.

    Raises
    ------
    JsonError : a key is missing or of the wrong type.
    """
    inspectors = [_inspector(entry) for entry in report["inspectors"].items()]
    by_name = {inspector.name: inspector for inspector in inspectors}
    if len(by_name) < len(inspectors):
        raise JsonError("inspectors names one of them twice")
    return RunFacts(
        path=path,
        tool_version=report["tool"]["version"].text(),
        backend=report["backend"].text(),
        model=_model(report["model"]),
        data=report.maybe("dataset", _data),
        inspectors=by_name,
        layers={name: _layer(entry) for name, entry in report["layers"].entries()},
        outputs=report.maybe("outputs", _outputs) or {},
        agreement=report.maybe("outputs", _agreement) or {},
        has_agreement=bool(report.maybe("outputs", _has_kinds)),
        ignored=frozenset(report.maybe("ignored", _ids) or ()),
        stages=report.maybe("stages", _stages) or {},
    )


def _ids(entry: CheckedJson) -> list[str]:
    return [found["id"].text() for found in entry.items()]


def _stages(entry: CheckedJson) -> dict[str, dict[str, float | None]]:
    return {stage["name"].text(): _outputs(stage["outputs"]) for stage in entry.items()}


def _outputs(entry: CheckedJson) -> dict[str, float | None]:
    return {name: output["snr_db"].number_or_null() for name, output in entry.entries()}


def _has_kinds(entry: CheckedJson) -> bool:
    return any("kind" in output for _, output in entry.entries())


def _agreement(entry: CheckedJson) -> dict[str, dict[str, Agreement]]:
    """Measures that are known here and have a number."""
    return {name: output.maybe("agreement", _measures) or {} for name, output in entry.entries()}


def _measures(entry: CheckedJson) -> dict[str, Agreement]:
    found = ((name, _measure(each)) for name, each in entry.entries() if name in MEASURES)
    return {name: measure for name, measure in found if measure is not None}


def _measure(entry: CheckedJson) -> Agreement | None:
    value, low, high = (entry[key].number_or_null() for key in ("value", "low", "high"))
    if value is None:
        return None
    return Agreement(
        value,
        math.nan if low is None else low,
        math.nan if high is None else high,
        entry["of"].integer(),
        entry["undecided"].integer(),
        entry.maybe("channel", CheckedJson.integer),
    )


def _model(entry: CheckedJson) -> ModelFacts:
    return ModelFacts(
        name=entry["name"].text(),
        sdk_version=entry["sdk_version"].text(),
        hw_arch=entry["hw_arch"].text(),
        optimization_level=entry.maybe("optimization_level", CheckedJson.integer),
        compression_level=entry.maybe("compression_level", CheckedJson.integer),
        script=entry.maybe("script", CheckedJson.text),
        has_script_entry="script" in entry,
    )


def _data(entry: CheckedJson) -> DataFacts:
    return DataFacts(entry["path"].text(), entry["samples"].integer(), entry["used"].integer())


def _inspector(entry: CheckedJson) -> InspectorFacts:
    name = entry["name"].text()
    return InspectorFacts(
        name=name,
        skipped=entry.maybe("skipped", CheckedJson.text) or "",
        crashed=entry.maybe("crashed", CheckedJson.text) or "",
        not_checked=entry["not_checked"].texts(),
        findings=tuple(_finding(found, name) for found in entry["findings"].items()),
    )


def _finding(entry: CheckedJson, inspector: str) -> FindingFacts:
    finding_id, label = entry["id"].text(), entry["severity"].text()
    if not _FINDING_ID.fullmatch(finding_id):
        raise JsonError(f"{entry.place}.id is not the id of a finding")
    severities = {severity.label: severity for severity in Severity}
    if label not in severities:
        raise JsonError(f"{entry.place}.severity is not one of {', '.join(severities)}")
    numbers = {name: n.number_or_null() for name, n in entry["measured"].entries()}
    return FindingFacts(
        inspector=inspector,
        id=finding_id,
        severity=severities[label],
        message=entry["message"].text(),
        layers=entry["layers"].texts(),
        measured={name: number for name, number in numbers.items() if number is not None},
        headline=entry.maybe("headline", CheckedJson.text) or "",
        line=entry.maybe("location", lambda place: place["line"].integer()),
    )


def _layer(entry: CheckedJson) -> LayerFacts:
    output = entry.maybe("output", _output)
    return LayerFacts(
        type=entry["type"].text(),
        precision_mode=entry.maybe("precision_mode", CheckedJson.text),
        original_names=entry["original_names"].texts(),
        calibrated_range=entry.maybe("calibrated_range", _calibrated_range),
        output=output and output[0],
        mean=output and output[1],
        is_measured=output is not None,
        has_noise="snr_db" in entry,
        snr_db=entry.maybe("snr_db", CheckedJson.number),
        weights=entry.maybe("float_weights", lambda w: (w["count"].integer(), w["digest"].text())),
    )


def _output(entry: CheckedJson) -> tuple[Range | None, float | None]:
    return _range(entry["min"], entry["max"]), entry["mean"].number_or_null()


def _calibrated_range(entry: CheckedJson) -> Range | None:
    bounds = list(entry.items())
    if len(bounds) != 2:
        raise JsonError(f"{entry.place} has {len(bounds)} numbers, not 2")
    return _range(*bounds)


def _range(*bounds: CheckedJson) -> Range | None:
    low, high = (bound.number_or_null() for bound in bounds)
    return None if low is None or high is None else (low, high)
