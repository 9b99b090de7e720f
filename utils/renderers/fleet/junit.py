"""A fleet as JUnit XML: the suites of all archives, one after the other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from utils.fleet.rows import Fleet, Row
from utils.renderers.junit import WHOLE_RUN, add_text, add_verdict, in_seconds, name_of
from utils.tool import NAME


def render(fleet: Fleet, suites: Mapping[str, str]) -> str:
    """The fleet as XML text.

    Parameters
    ----------
    suites : JUnit report by name of the archive, of those that were diagnosed.
    """
    root = ET.Element("testsuites")
    for index, row in enumerate(fleet.rows):
        suite = ET.fromstring(suites[row.name]).find("testsuite") if row.name in suites else None
        suite = _failed(fleet, row) if suite is None else suite
        suite.set("id", str(index))
        suite.set("name", name_of(row.name))
        for case in suite.iterfind("testcase"):
            case.set("classname", f"{NAME}.{name_of(row.name)}")
        root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _failed(fleet: Fleet, row: Row) -> ET.Element:
    """The suite of an archive that has none of its own."""
    suite = ET.Element(
        "testsuite",
        {
            "name": name_of(row.name),
            "package": NAME,
            "id": "0",
            "timestamp": fleet.finished[:19],
            "hostname": "localhost",
            "time": in_seconds(row.seconds),
            "tests": "1",
            "failures": "0",
            "errors": "1",
            "skipped": "0",
        },
    )
    ET.SubElement(suite, "properties")
    attributes = {"name": WHOLE_RUN, "classname": NAME, "time": in_seconds(row.seconds)}
    case = ET.SubElement(suite, "testcase", attributes)
    add_verdict(case, "error", "not-whole", row.failure, [row.failure])
    add_text(suite, "system-out", [])
    add_text(suite, "system-err", [])
    return suite
