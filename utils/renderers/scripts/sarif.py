"""Checked model scripts as a SARIF 2.1.0 log, for code scanning."""

from __future__ import annotations

import json
from typing import Any

from utils.findings import Finding, InspectorResult, Severity
from utils.findings.documentation import Documentation
from utils.renderers.ignored_lines import suppressions
from utils.renderers.sarif import SCHEMA, driver, notification
from utils.renderers.sarif.identity import Fingerprints
from utils.renderers.sarif.places import uri_reference
from utils.renderers.sarif.rules import LEVELS, Rules, message
from utils.report.linted import LintRun
from utils.tool import NAME

INSPECTOR = "ModelScriptInspector"  # which documents what is found

Entry = dict[str, Any]


def render(run: LintRun, documentation: Documentation) -> str:
    """The run as JSON text; its rules are what the inspector of model scripts documents."""
    docs = tuple(doc for doc in documentation.inspectors if doc.name == INSPECTOR)
    rules = Rules(Documentation(docs), [InspectorResult(INSPECTOR, tuple(run.findings()))])
    fingerprints = Fingerprints()
    results = [
        _result(finding, index, rules) | fingerprints.of(finding)
        for index, script in enumerate(run.scripts)
        for finding in script.findings
    ]
    if run.ignored:
        suppressed = [
            _result(each.finding, index, rules) | suppressions(each)
            for index, script in enumerate(run.scripts)
            for each in script.ignored
        ]
        results = [*(result | {"suppressions": []} for result in results), *suppressed]
    failures = run.all_failures()
    entry = {
        "tool": {"driver": driver(rules)},
        "automationDetails": {"id": f"{NAME}/model-scripts/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not failures,
                "toolExecutionNotifications": [
                    notification("not-whole", Severity.ERROR, failure) for failure in failures
                ],
            }
        ],
        "results": results,
        "artifacts": [
            {"location": {"uri": uri_reference(script.path)}, "roles": ["analysisTarget"]}
            for script in run.scripts
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [entry]}
    return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _result(finding: Finding, index: int, rules: Rules) -> Entry:
    place = finding.location
    line, column = (place.line, place.column) if place else (1, 1)
    path = place.path if place else ""
    return {
        "ruleId": finding.id,
        "ruleIndex": rules.index(finding.id),
        "level": LEVELS[finding.severity.label],
        "message": message(finding.message),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri_reference(path), "index": index},
                    "region": {"startLine": line, "startColumn": column},
                }
            }
        ],
        "properties": {"inspector": INSPECTOR},
    }
