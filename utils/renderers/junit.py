"""The report as JUnit XML, as Jenkins, GitLab, GitHub actions and others read it.

One suite for the model, one test case for each inspector. It keeps to what the schemas of Apache
Ant and of Jenkins both allow: a test case has at most one verdict and no output of its own, so
what fails nothing stands in the output of the suite.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone

from utils.findings import Finding, InspectorResult, Severity
from utils.measurements.agreement.readings import Agreement
from utils.measurements.agreement.wording import figure, interval
from utils.renderers.consequences import with_cause, without_detour
from utils.renderers.decided import decided
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.next_lines import next_lines
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.tool import NAME, VERSION
from utils.wording import plural, printable, printable_lines, short, without_scope

WHOLE_RUN = "the run is whole"  # the test case that fails where the diagnosis could not be made
MAX_MESSAGE = 300  # characters of what is shown beside a test case's name
MAX_NAME = 120

Fails = Callable[[Finding], bool]


def render(
    report: Report,
    fail_on: Severity | None = None,
    *,
    only_new: bool = False,
    finished: datetime | None = None,
) -> str:
    """The report as XML text.

    An inspector fails if it made a finding that is told at the severity `fail_on` or a worse one.
    Without one, errors fail, since they say what is most likely wrong, and warnings do not, since
    they may be fine. An inspector that crashed is an error, one that had nothing to judge is
    skipped with its reason. What kept the run from being whole is the error of a test case of its
    own.

    Parameters
    ----------
    fail_on : severity of ``--fail-on``; None where it was not given.
    only_new : whether only what is new or became worse since an earlier run fails, or may have,
        where it could not be compared; without an earlier run to compare with everything counts.
    finished : when the run ended, with its time zone; None takes the present time.
    """
    fails = report.failing(Severity.ERROR if fail_on is None else fail_on, only_new=only_new)
    cases = [_case(report, result, fails) for result in report.results]
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", _suite(report, finished))
    _add_properties(suite, report)
    suite.extend([*cases, _whole_run(report)])
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{kind}"))))
    suite.set("tests", str(len(cases) + 1))
    add_text(suite, "system-out", _other_lines(report, fails))
    add_text(suite, "system-err", [])
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(report: Report, finished: datetime | None) -> dict[str, str]:
    when = finished or datetime.now(timezone.utc)
    return {
        "name": name_of(report.model.name),
        "package": NAME,
        "id": "0",
        # The schema wants no time zone; UTC is what readers then expect.
        "timestamp": when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": "localhost",
        "time": in_seconds(sum(result.seconds for result in report.results)),
    }


def _add_properties(suite: ET.Element, report: Report) -> None:
    model = report.model
    values = {
        "model": model.archive.path,
        "sha256": model.archive.sha256,
        "state": model.state,
        "hw_arch": model.hw_arch,
        "sdk_version": model.sdk_version,
        "backend": report.backend,
        "tool": f"{NAME} {VERSION}",
        **{
            f"{short(without_scope(output), MAX_NAME)} {measure}": _with_interval(measure, found)
            for output, measure, found in decided(report)
        },
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=printable(value))


def _with_interval(measure: str, found: Agreement) -> str:
    within = interval(measure, found)
    return f"{figure(measure, found)}{f' ({within})' if within else ''}"


def _case(report: Report, result: InspectorResult, fails: Fails) -> ET.Element:
    case = _test_case(report, result.name, result.seconds)
    failing = list(filter(fails, result.findings))
    if result.crashed:
        opening = f"It crashed and did not finish: {result.crashed}"
        said = [opening, *_all_lines(report, result.findings)]
        add_verdict(case, "error", "crashed", result.crashed, said)
    elif result.skipped:
        ET.SubElement(case, "skipped", message=short(str(result.skipped), MAX_MESSAGE))
    elif failing:
        worst = max(failing, key=report.told)
        others = f" (and {plural(len(failing) - 1, 'more finding')})" if len(failing) > 1 else ""
        message = f"{short(with_cause(report, worst), MAX_MESSAGE)}{others}"
        add_verdict(case, "failure", worst.id, message, _all_lines(report, failing))
    return case


def _whole_run(report: Report) -> ET.Element:
    case = _test_case(report, WHOLE_RUN, 0.0)
    if failures := report.all_failures:
        add_verdict(case, "error", "not-whole", failures[0], failures)
    return case


def _test_case(report: Report, name: str, seconds: float) -> ET.Element:
    classname = f"{NAME}.{name_of(report.model.name)}"
    return ET.Element("testcase", name=name_of(name), classname=classname, time=in_seconds(seconds))


def add_verdict(case: ET.Element, kind: str, type: str, message: str, text: Iterable[str]) -> None:
    """Let a test case fail, or be an error."""
    attributes = {"type": type, "message": short(message, 2 * MAX_MESSAGE)}
    element = ET.SubElement(case, kind, attributes)
    element.text = joined(text)


def add_text(parent: ET.Element, tag: str, text: Iterable[str]) -> None:
    """Add an element that holds lines."""
    ET.SubElement(parent, tag).text = joined(text)


def joined(text: Iterable[str]) -> str:
    """Lines as the text of an element."""
    # XML has no way to hold control characters, not even escaped ones.
    return "\n".join(line for part in text for line in printable_lines(part))


def _all_lines(report: Report, findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        told = report.told(finding).label
        cause = report.diagnosis.cause_of(finding)
        explained = f" (explained by {cause.id})" if cause else ""
        said = printable(without_detour(report, finding))
        yield f"{told}: {said} [{finding.id}]{explained}"
        if finding.location:
            yield f"    at {printable(str(finding.location))}"
        if finding.command:
            yield f"    run: {printable(finding.command)}"
        for command in report.offered_commands(finding):
            yield f"    recommended: {printable(command)}"


def _other_lines(report: Report, fails: Fails) -> Iterator[str]:
    """The verdict and the next step, what was found and fails nothing, and what was not checked."""
    yield f"Verdict: {verdict(report)}"
    yield from map(printable, next_lines(report))
    for result in report.results:
        rest = [f for f in result.findings if not fails(f) and not result.crashed]
        yield from (f"{result.name}: {line}" for line in _all_lines(report, rest))
    yield from (f"ignored: {printable(line)}" for line in ignored_lines(report.ignored))
    for name, reason in report.not_checked():
        yield f"not checked: {printable(name)}: {printable(reason)}"


def name_of(text: str) -> str:
    """A text as a name of a suite or a test case."""
    # The schema takes runs of blanks for one, and no name may be empty then.
    return short(" ".join(text.split()), MAX_NAME) or NAME


def in_seconds(seconds: float) -> str:
    """A time as the schema wants it."""
    return f"{seconds:.3f}"
