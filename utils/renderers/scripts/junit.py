"""Checked model scripts as JUnit XML: one test case for each script."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from utils.findings import Finding, Severity
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.junit import MAX_MESSAGE, add_text, add_verdict, in_seconds, name_of
from utils.renderers.scripts.wording import counted
from utils.report.linted import LintedScript, LintRun
from utils.tool import NAME, VERSION
from utils.wording import plural, printable, short

SUITE = "model scripts"


def render(run: LintRun, fail_on: Severity | None = None, finished: datetime | None = None) -> str:
    """The run as XML text.

    Parameters
    ----------
    fail_on : severity of ``--fail-on``; without one, errors fail a script.
    finished : when the run ended, with its time zone; None takes the present time.
    """
    least = Severity.ERROR if fail_on is None else fail_on
    when = (finished or datetime.now(timezone.utc)).astimezone(timezone.utc)
    attributes = {
        "name": SUITE,
        "package": NAME,
        "id": "0",
        "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": "localhost",
        "time": in_seconds(0.0),
    }
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", attributes)
    properties = ET.SubElement(suite, "properties")
    for name, value in (("network", run.network), ("tool", f"{NAME} {VERSION}")):
        ET.SubElement(properties, "property", name=name, value=printable(value))
    suite.extend([_case(script, least) for script in run.scripts])
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(run.scripts)))
    add_text(suite, "system-out", _others(run, least))
    add_text(suite, "system-err", run.failures)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(script: LintedScript, least: Severity) -> ET.Element:
    attributes = {"classname": f"{NAME}.{SUITE}", "time": in_seconds(0.0)}
    case = ET.Element("testcase", {"name": name_of(script.path), **attributes})
    failing = [finding for finding in script.findings if finding.severity >= least]
    if script.failure:
        add_verdict(case, "error", "not-read", script.failure, [script.failure])
    elif failing:
        worst = max(failing, key=lambda finding: finding.severity)
        others = f" (and {plural(len(failing) - 1, 'more finding')})" if len(failing) > 1 else ""
        message = f"{short(worst.message, MAX_MESSAGE)}{others}"
        add_verdict(case, "failure", worst.id, message, _lines(failing))
    return case


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        label, said = finding.severity.label, printable(finding.message)
        yield f"{printable(str(finding.location))}: {label}: {said} [{finding.id}]"


def _others(run: LintRun, least: Severity) -> Iterator[str]:
    """What was found and fails nothing."""
    yield f"Summary: {counted(run)}"
    yield from _lines(finding for finding in run.findings() if finding.severity < least)
    yield from (f"ignored: {printable(line)}" for line in ignored_lines(run.ignored))
