"""The report of an earlier run, as ``--json`` wrote it; nobody vouches for the file."""

from __future__ import annotations

from utils.baseline.checked_json import CheckedJson, JsonError, parse_json
from utils.baseline.run_facts import RunFacts, run_facts
from utils.errors import UsageError
from utils.side_files.input_files import read_bounded
from utils.tool import NAME
from utils.wording import listed, printable

# A layer takes 2 to 3 kB; networks have hundreds of layers, the largest some thousands.
MAX_REPORT_BYTES = 64 << 20
# Each is compared with all of its id; runs make some dozens, at most one of an id for every layer.
MAX_FINDINGS = 5_000
LONGEST_REASON = 300  # characters; it may hold names out of the file
SCHEMA_VERSIONS = (1, 2)  # findings of the first have no parts, only a message


def read_earlier_report(path: str) -> RunFacts:
    """Read what is needed for a comparison.

    Raises
    ------
    UsageError : the file cannot be read, or is no report of this tool and version of the schema.
    """
    data = read_bounded(path, MAX_REPORT_BYTES, "report of an earlier run")
    try:
        report = parse_json(data)
        _check_origin(report)
        facts = run_facts(report, path)
        if sum(len(inspector.findings) for inspector in facts.inspectors.values()) > MAX_FINDINGS:
            raise JsonError(f"it holds more than {MAX_FINDINGS:,} findings")
        return facts
    except JsonError as error:
        reason = printable(str(error)[:LONGEST_REASON])
        raise UsageError(
            f"{path} cannot be compared with: {reason}; pass to --baseline what an "
            f"earlier run of {NAME} wrote with --json"
        ) from error


def _check_origin(report: CheckedJson) -> None:
    if not isinstance(report.value, dict) or "schema_version" not in report or "tool" not in report:
        raise JsonError(f"it is not a report of {NAME}")
    name = report["tool"]["name"].text()
    if name != NAME:
        raise JsonError(f"it is a report of {name[:80]!r}")
    version = report["schema_version"].integer()
    if version not in SCHEMA_VERSIONS:
        known = listed([str(number) for number in SCHEMA_VERSIONS])
        raise JsonError(f"its schema_version is {version}, and {known} are known here")
