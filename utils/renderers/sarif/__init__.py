"""The report as a SARIF 2.1.0 log, for code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html defines every key.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from utils.baseline import Change
from utils.findings import Finding, Severity
from utils.findings.documentation import Documentation
from utils.renderers.changes import changes
from utils.renderers.consequences import with_cause
from utils.renderers.decided import decided
from utils.renderers.ignored_lines import suppressions
from utils.renderers.json.agreement_entries import measure_entry
from utils.renderers.json.diagnosis_entries import next_entry
from utils.renderers.sarif.identity import Fingerprints
from utils.renderers.sarif.places import Places
from utils.renderers.sarif.rules import LEVELS, Rules, descriptor, message
from utils.renderers.standing import label
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.tool import NAME, VERSION
from utils.wording import short

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# Kinds of notification: what they are called, and what they say.
NOTIFICATIONS = {
    "not-whole": "The run is incomplete: something kept a part of it from being done.",
    "inspector-crashed": "An inspector crashed and did not finish.",
    "not-checked": "Something was not checked, with the reason.",
}
_KINDS = list(NOTIFICATIONS)
MAX_NAME = 200

Entry = dict[str, Any]


def render(report: Report, documentation: Documentation) -> str:
    """The report as JSON text.

    Every documented finding is a rule, whether it was made or not, so that rules stay the same
    from run to run. Without a documented severity a rule takes that of its first result.
    """
    rules = Rules(documentation, report.results)
    places = Places(report.model)
    fingerprints = Fingerprints()
    change_of = changes(report)
    results = [
        _result(report, inspector, finding, rules, places)
        | fingerprints.of(finding)
        | _baseline_state(change_of(finding))
        for inspector, finding in _in_order(report)
    ]
    results = _with_suppressed(report, results, rules, places)
    run = {
        "tool": {"driver": driver(rules)},
        "automationDetails": {"id": f"{NAME}/{short(report.model.name, MAX_NAME)}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, places)],
        "results": results,
        "artifacts": places.artifacts,
        "properties": _summary(report),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, allow_nan=False) + "\n"


def _in_order(report: Report) -> list[tuple[str, Finding]]:
    """Findings with their inspectors: each cause, what matters most first, before what it explains.

    What the diagnosis does not tell of keeps its place behind them.
    """
    causes = report.diagnosis.causes
    told = [id(each) for cause in causes for each in (cause.finding, *cause.explains)]
    place = {which: at for at, which in enumerate(told)}
    made = [(result.name, finding) for result in report.results for finding in result.findings]
    return sorted(made, key=lambda pair: place.get(id(pair[1]), len(place)))


def driver(rules: Rules) -> Entry:
    """The tool with what it can find."""
    notifications = [descriptor(kind, text, text) for kind, text in NOTIFICATIONS.items()]
    return {
        "name": NAME,
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": rules.entries,
        "notifications": notifications,
    }


def _result(
    report: Report, inspector: str, finding: Finding, rules: Rules, places: Places
) -> Entry:
    return {
        "ruleId": finding.id,
        "ruleIndex": rules.index(finding.id),
        "level": LEVELS[report.told(finding).label],
        "message": message(_told(report, finding)),
        "locations": [places.location(finding)],
        "properties": _properties(report, inspector, finding),
    }


def _with_suppressed(
    report: Report, results: list[Entry], rules: Rules, places: Places
) -> list[Entry]:
    """The results, and behind them what is ignored; where anything is, each result tells."""
    if not report.ignored:
        return results
    return [
        *(result | {"suppressions": []} for result in results),
        *(
            _result(report, each.inspector, each.finding, rules, places) | suppressions(each)
            for each in report.ignored
        ),
    ]


def _baseline_state(change: Change | None) -> Entry:
    # What was fixed is left out: code scanning knows no absent results and would show it as open.
    states = {"new": "new", "worse": "updated", "better": "updated", "unchanged": "unchanged"}
    return {"baselineState": states[change]} if change in states else {}


def _told(report: Report, finding: Finding) -> str:
    """The message behind what explains it, with what to type and what to add to the script."""
    lines = [f"Run: {finding.command}"] if finding.command else []
    lines += [f"{label(finding)}: {command}." for command in report.offered_commands(finding)]
    return " ".join([with_cause(report, finding).rstrip(), *lines])


def _properties(report: Report, inspector: str, finding: Finding) -> Entry:
    numbers = {
        short(name, MAX_NAME): value if math.isfinite(value) else None
        for name, value in finding.measured.items()
    }
    cause = report.diagnosis.cause_of(finding)
    return {
        "inspector": inspector,
        "measured": numbers,
        "commands": list(report.offered_commands(finding)),
        **({"explainedBy": cause.id} if cause else {}),
    }


def _invocation(report: Report, places: Places) -> Entry:
    return {
        "executionSuccessful": report.is_whole,
        "toolExecutionNotifications": list(_notifications(report, places)),
    }


def _notifications(report: Report, places: Places) -> Iterator[Entry]:
    for failure in report.all_failures:
        yield notification("not-whole", Severity.ERROR, failure)
    crashed = {result.name: result.crashed for result in report.results if result.crashed}
    for name, reason in crashed.items():
        yield notification("inspector-crashed", Severity.ERROR, f"{name} crashed: {reason}")
    for name, reason in report.not_checked():
        if name not in crashed or crashed[name] not in reason:
            said = f"{short(name, MAX_NAME)}: {reason}"
            yield notification("not-checked", Severity.INFO, said, places, name)


def notification(
    kind: str, severity: Severity, text: str, places: Places | None = None, layer: str = ""
) -> Entry:
    """Something about the run, and not about what it looked at."""
    entry: Entry = {
        "descriptor": {"id": kind, "index": _KINDS.index(kind)},
        "level": LEVELS[severity.label],
        "message": message(text),
    }
    if places and places.knows(layer):
        entry["locations"] = [{"logicalLocations": [places.logical(layer)]}]
    return entry


def _summary(report: Report) -> Entry:
    model = report.model
    return {
        "verdict": verdict(report),
        **next_entry(report.diagnosis.next),
        "backend": report.backend,
        "model": short(model.name, MAX_NAME),
        "state": model.state,
        "sdk_version": short(model.sdk_version, MAX_NAME),
        "hw_arch": short(model.hw_arch, MAX_NAME),
        **_agreement(report),
    }


def _agreement(report: Report) -> Entry:
    """How often outputs decide as in float, by output and measure; nothing where not counted."""
    found: Entry = {}
    for output, measure, counted in decided(report):
        numbers = {
            key: value if math.isfinite(value) else None
            for key, value in measure_entry(counted).items()
        }
        found.setdefault(short(output, MAX_NAME), {})[measure] = numbers
    return {"agreement": found} if found else {}
