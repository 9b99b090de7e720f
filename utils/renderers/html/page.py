"""The page as a whole: what goes into its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment

from utils.facts.optimize_command import stand_ins
from utils.findings.documentation import Documentation
from utils.jobs.sdk_part import described
from utils.renderers.html import assets
from utils.renderers.html.cards import cards
from utils.renderers.html.comparison import comparison_chart, comparison_view
from utils.renderers.html.float_and_chip import float_and_chip
from utils.renderers.html.grouping import Group, groups
from utils.renderers.html.inputs import input_charts, input_views
from utils.renderers.html.layer_charts import layer_charts
from utils.renderers.html.layer_table import layer_table
from utils.renderers.html.layers import NumberedLayers
from utils.renderers.html.noise_charts import noise_shares, shares_entry, snr_series
from utils.renderers.html.outputs import output_rows
from utils.renderers.html.overview import facts, marked_layers, overview
from utils.renderers.html.script import script_view
from utils.renderers.html.sdk import sdk_view
from utils.renderers.html.snr_class import LEGEND
from utils.renderers.html.telling import telling
from utils.renderers.html.templates_of import templates_of
from utils.renderers.html.unchecked import unchecked
from utils.renderers.ignored_lines import ignored_lines
from utils.renderers.log import dataset_line, model_line
from utils.renderers.verdict import verdict
from utils.report import Report
from utils.tool import NAME, VERSION
from utils.wording import printable, short

MAX_TITLE, MAX_LINE = 80, 400  # characters; what archives hold may be far longer
MAX_SENTENCE, MAX_FAILURES = 600, 50


@dataclass(frozen=True)
class Part:
    """A stretch of text, and whether it is code."""

    text: str
    is_code: bool


def render(report: Report, documentation: Documentation) -> str:
    """The report as one HTML page that needs nothing else.

    Parameters
    ----------
    report : what was found; measurements, script and baseline may be absent.
    documentation : why findings matter; those it does not know are shown without.
    """
    return _environment().get_template("page.html").render(_values(report, documentation))


@cache  # to compile the templates takes longer than to fill them
def _environment() -> Environment:
    environment = templates_of("utils.renderers.html")
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    environment.filters["parts"] = parts
    environment.filters["stand_ins"] = stand_ins
    environment.globals["zipped"] = zip
    return environment


def parts(text: str) -> list[Part]:
    """Text with code between backticks, apart; a last backtick without partner is text."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces[-2:] = ["`".join(pieces[-2:])]
    return [Part(piece, bool(i % 2)) for i, piece in enumerate(pieces) if piece]


def _values(report: Report, documentation: Documentation) -> dict[str, Any]:
    layers, found = NumberedLayers(report), groups(report)
    return {
        "title": short(report.model.name, MAX_TITLE),
        "facts": facts(layers),
        "model_line": short(model_line(report.model).removeprefix("Model "), MAX_LINE),
        "archive": report.model.archive,
        "dataset_line": _dataset_line(report),
        "backend_line": _backend_line(report),
        "tool": f"{NAME} {VERSION}",
        "verdict": verdict(report),
        "overview": overview(layers, found),
        "sdk": sdk_view(report),
        "failures": [short(text, MAX_SENTENCE) for text in report.shortfalls[:MAX_FAILURES]],
        "unchecked": unchecked(report),
        "ignored": ignored_lines(report.ignored),
        "cards": cards(layers, found, documentation),
        "pairs": float_and_chip(layers),
        "outputs": output_rows(layers),
        "shares": noise_shares(layers),
        "has_noise": report.noise is not None,
        "samples": report.measurements.samples if report.measurements else 0,
        "inputs": input_views(layers),
        "table": layer_table(layers),
        "script": script_view(report),
        "comparison": comparison_view(report.baseline, layers.names.within),
        "legend": LEGEND,
        "data": _data(layers, found),
        "style": assets.style(),
        "scripts": assets.scripts(),
        "policy": assets.content_security_policy(assets.scripts()),
    }


def _dataset_line(report: Report) -> str:
    return short(dataset_line(report.calibration), MAX_LINE) if report.calibration else ""


def _backend_line(report: Report) -> str:
    if report.measurements is None:
        return ""
    return short(f"Emulated by {described(report.backend, report.sdk)}", MAX_LINE)


def _data(layers: NumberedLayers, found: Sequence[Group]) -> dict[str, Any]:
    """What the page's script reads."""
    most_telling = telling(layers, found)
    return {
        "marked": marked_layers(layers, found),
        "telling": most_telling.layer.number if most_telling else None,
        "labels": [printable(each.label) for each in layers.all],
        "names": [each.name for each in layers.all],
        "snr": snr_series(layers),
        "outputs": [layers.by_name[name].label for name in layers.outputs],
        "shares": [shares_entry(shares) for shares in noise_shares(layers)],
        "pairs": [each.entry for each in float_and_chip(layers)],
        "layers": layer_charts(layers),
        "inputs": input_charts(layers),
        "comparison": comparison_chart(layers.report.baseline),
    }
