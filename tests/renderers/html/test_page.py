"""The page as text, read by a parser: what is in it before any script runs."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from tests.fixtures.builders import build_layer, build_model, build_noise, build_noise_measurements
from tests.fixtures.outcomes import build_plan, outcomes
from tests.renderers.hostile import NAMES, hostile_baseline
from tests.renderers.html.reports import (
    CHART_MARKUP,
    diagnosis_added,
    some_measurements,
    some_statistics,
    told_report,
)
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.findings import (
    Artifact,
    Finding,
    InspectorResult,
    NotChecked,
    Recommendation,
    Severity,
)
from utils.findings.documentation import Documentation
from utils.jobs.sdk_part import SdkPart
from utils.recommendations import RecommendedScript
from utils.renderers.html import render
from utils.renderers.html.page import parts
from utils.report import Report

EMPTY = Report(build_model(), "embedded", None, None, ())
LIMIT = 4_000_000  # bytes
WITHOUT_END = {"meta", "link", "img", "input", "br"}


class Parsed(HTMLParser):
    """Elements with their attributes, text by element; checks that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def scripts(self) -> list[str]:
        return [text for tag, text in self.texts if tag == "script"]


def parsed(report: Report) -> Parsed:
    return Parsed(render(report, Documentation()))


def test_a_report_without_anything_gives_a_page() -> None:
    page = parsed(EMPTY)
    said = " ".join(text.strip() for tag, text in page.texts if tag not in ("script", "style"))
    assert "Nothing was found." in said
    assert "without data the noise was not measured" in said
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {"findings", "one-layer", "layers"} <= ids
    assert not {"noise", "comparison", "script", "inputs"} & ids


@pytest.mark.parametrize("name", [*NAMES, CHART_MARKUP, "".join(NAMES)])
def test_names_change_nothing_but_the_text(name: str) -> None:
    quiet = parsed(told_report("conv9", baseline=hostile_baseline("conv9")))
    page = parsed(told_report(name, baseline=hostile_baseline(name)))
    kinds = Counter(tag for tag, _ in page.elements)
    assert set(kinds) <= {tag for tag, _ in quiet.elements}
    assert kinds["script"] == 3
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    render(told_report(name), Documentation()).encode("utf-8")


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    page = parsed(told_report("conv9", baseline=hostile_baseline("conv9")))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {a.get("href") for tag, a in page.elements if tag == "a"}
    assert {target for target in targets if target} <= {f"#{id}" for id in ids}


def test_data_are_json_whatever_they_hold() -> None:
    noise = build_noise({"conv1": math.nan, "output_layer1": math.inf}, sensitivity={"conv1": 3.0})
    page = parsed(replace(EMPTY, measurements=build_noise_measurements(noise)))
    data = json.loads(page.scripts()[0])
    assert data["snr"]["at"] == [None, None, "inf"]
    assert data["labels"] == ["input_layer1", "conv1", "output_layer1"]


def test_the_policy_names_the_scripts_that_are_there() -> None:
    page = parsed(EMPTY)
    (policy,) = (
        attributes["content"] or ""
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in page.scripts()[1:]
    }
    assert set(re.findall(r"'sha256-\S+'", policy)) == digests
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("plain", []),
        ("use `x(1)` here", ["x(1)"]),
        ("`a` and `b`", ["a", "b"]),
        ("a lone ` backtick", []),
        ("`a` then a lone ` one", ["a"]),
    ],
)
def test_code_between_backticks(text: str, code: list[str]) -> None:
    found = parts(text)
    assert [part.text for part in found if part.is_code] == code
    joined = "".join(f"`{part.text}`" if part.is_code else part.text for part in found)
    assert joined == text


def shown_text(report: Report) -> str:
    hidden = ("script", "style")
    return " ".join(text.strip() for tag, text in parsed(report).texts if tag not in hidden)


def test_who_ran_the_networks_is_said_where_they_ran() -> None:
    assert "Emulated by" not in shown_text(EMPTY)
    measured = replace(EMPTY, measurements=build_noise_measurements(build_noise({"conv1": 9.0})))
    assert "Emulated by the embedded engine" in shown_text(measured)
    by_sdk = replace(measured, backend="sdk", sdk=SdkPart("3.33.0", doubts=("It is odd",)))
    assert "Emulated by Hailo's SDK 3.33.0" in shown_text(by_sdk)
    assert "warning: It is odd" in shown_text(by_sdk)


def test_the_first_screen_says_what_is_wrong_and_what_to_do() -> None:
    assert "next-step" not in {a.get("class") for _, a in parsed(EMPTY).elements}
    finding = Finding(
        "a-problem", Severity.ERROR, "It is bad", remedy="Use `x(1)`.", command="x -y"
    )
    report = diagnosis_added(replace(EMPTY, results=(InspectorResult("A", (finding,)),) * 2))
    page = parsed(report)
    links = [a.get("href") for tag, a in page.elements if tag == "a"]
    assert "#finding-a-problem" in links
    assert ("code", "x(1)") in page.texts
    said = shown_text(report)
    assert said.index("It is bad") < said.index("Use") < said.index("x -y")
    assert said.index("x -y") < said.index("Findings", said.index("x -y"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("outputs", "named"), [(1, 0), (2, 2)])
def test_outputs_of_a_plan_have_names_where_there_are_several(outputs: int, named: int) -> None:
    names = [f"net/output_layer{at}" for at in range(1, outputs + 1)]
    layers = [build_layer(name.partition("/")[2], "output_layer") for name in names]
    plan = build_plan(
        {"net/input_layer1": "a16_w16"},
        before=outcomes(dict.fromkeys(names, 12.5)),
        after=outcomes(dict.fromkeys(names, 24.0)),
    )
    measured = replace(build_noise_measurements(build_noise({})), plan=plan)
    model = build_model([build_layer("input_layer1"), *layers])
    page = parsed(replace(EMPTY, model=model, measurements=measured))
    classes = [attributes.get("class") for _, attributes in page.elements]
    assert classes.count("bar-of") == named
    assert classes.count("bar-row") == 2 * outputs


def huge_report() -> Report:
    layers = [build_layer(f"conv{i}", shape=(7, 7, 512)) for i in range(1500)]
    model = build_model([build_layer("input_layer1"), *layers, build_layer("output_layer1")])
    rng = np.random.default_rng(1)
    statistics = {layer.name: some_statistics(layer, rng) for layer in model.network}
    measurements = some_measurements(model.network, statistics)
    return replace(EMPTY, model=model, measurements=measurements)


def test_the_page_of_a_huge_network_stays_small() -> None:
    size = len(render(huge_report(), Documentation()).encode())
    assert size < LIMIT


@pytest.mark.slow
def test_long_texts_and_large_baselines_do_not_make_it_large() -> None:
    report, long = huge_report(), '<&"' * 3000
    names = tuple(layer.name for layer in report.model.network)
    found = Finding(
        "a-problem",
        Severity.ERROR,
        long,
        names,
        dict.fromkeys(names, 0.5),
        Recommendation((long,) * 200),
        (Artifact("a.png", b"\x89PNG" + bytes(640_000)),),
    )
    parts: dict[str, Any] = dict.fromkeys(
        ("evidence", "why", "remedy", "quotation", "command"), long
    )
    many = [replace(found, id=f"a-problem-{i % 9}", **parts) for i in range(100)]
    changed = ChangedFinding("a-problem", "new", "error", None, "A", long)
    snr = tuple(SnrChange(name, 1.0, 2.125) for name in names)
    baseline = BaselineComparison(
        long,
        (changed,) * 5000,
        snr,
        snr,
        changes=(long,) * 500,
        not_compared=(long,) * 500,
        script_added=(long,) * 500,
        script_removed=(long,) * 500,
    )
    full = replace(
        report,
        results=(InspectorResult("A", tuple(many), not_checked=(NotChecked(long),) * 500),),
        failures=(long,) * 500,
        baseline=baseline,
        script=RecommendedScript(f"{long}\n" * 500, (), ((long, long),) * 500),
    )
    size = len(render(diagnosis_added(full), Documentation()).encode())
    assert size < LIMIT
