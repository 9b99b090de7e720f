"""Names that no format may break at, and reports that are full of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.baseline.runs import counted
from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.fixtures.diagnosed import diagnosed
from tests.fixtures.members import MemoryFile
from utils.baseline import BaselineComparison, ChangedFinding, DecisionChange, SnrChange
from utils.findings import (
    Finding,
    InspectorResult,
    Location,
    NotChecked,
    Recommendation,
    Severity,
)
from utils.report import Report

SCRIPT = "<script>alert('1')</script>"
NAMES = (
    SCRIPT,
    "größe_层_\N{PILE OF POO}",
    "a\x00b\x1b[31m\x0b\x85\ufffe\u2028\u202e\ud800c",
    "n" * 300,
    "a|b|\\|c",
    "`code` ``` ~~~ **bold** _it_",
    "line\n\n# heading\n- item\r\n| a | b |\n|---|---|\n```\n</details>",
    "@octocat #123 GH-7 octo/repo#1 deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
    "[link](javascript:alert(1)) ![x](http://e.invalid/i.png) https://e.invalid www.e.invalid",
    "a@b.cd <https://e.invalid> [x]: https://e.invalid",
    "&lt;b&gt; &amp; ]]> <!-- x --> <![CDATA[ %s {0} $x$ :tada: {{ x }} {% x %}",
)


def hostile_report(name: str, **changes: Any) -> Report:
    """A report that has the name in every place where an archive's or inspector's text comes in."""
    layers = [
        build_layer("input_layer1"),
        build_layer(name, "conv", original_names=[name]),
        build_layer(f"{name}_out", "output_layer"),
    ]
    model = build_model(layers, model_name=name, hw_arch=name, sdk_version=name)
    model = replace(model, archive=replace(model.archive, file=MemoryFile(path=f"{name}/m.har")))
    scoped = [layer.name for layer in model.network]
    findings = [
        Finding(
            id="a-problem",
            severity=severity,
            headline=f"{name} is {severity.label}",
            layers=(scoped[1], f"absent/{name}"),
            measured={name: float("nan")},
            recommendation=Recommendation((f"quantization_param({name}, precision_mode=a8_w8)",)),
            location=Location(name, 3, 7),
            evidence=f"1 of {name}",
            why=f"{name} is lost.",
            remedy=f"Mend {name}.",
            quotation=name,
            command=f"hailo optimize {name}",
        )
        for severity in Severity
    ]
    measured = build_noise(dict.fromkeys((scoped[1], scoped[2]), -1.5))
    measurements = replace(
        build_noise_measurements(measured),
        not_measured={scoped[0]: f"because of {name}"},
        assumptions=(f"{name} is assumed",),
    )
    results = (
        InspectorResult("AInspector", tuple(findings), not_checked=(NotChecked(name, name),)),
        InspectorResult(name, crashed=f"KeyError: {name}"),
        InspectorResult("BInspector", skipped=NotChecked(f"no {name}")),
    )
    report = Report(model, "embedded", None, measurements, results, (f"{name} failed",))
    return diagnosed(replace(report, **changes))


def hostile_baseline(name: str) -> BaselineComparison:
    """A comparison that has the name in every place."""
    changed = tuple(
        ChangedFinding("a-problem", change, "error", "warning", name, f"{name} is bad", (name,))
        for change in ("new", "fixed", "worse", "better", "unchanged")
    )
    snr = (SnrChange(name, 1.0, 2.0), SnrChange(f"{name}2", None, float("inf")))
    return BaselineComparison(
        f"{name}.json",
        changed,
        snr,
        snr,
        decisions=(DecisionChange(name, "same_top1", counted(64), counted(9)),),
        changes=(f"{name} differs",),
        not_compared=(name,),
        script_added=(name,),
        script_removed=(f"was({name})",),
    )
