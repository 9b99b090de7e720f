"""What came of asking Hailo's SDK, for the top of the page."""

from __future__ import annotations

from dataclasses import dataclass

from utils.findings import Severity
from utils.renderers.comparison_lines import comparison_lines
from utils.report import Report
from utils.wording import short

MAX_SENTENCE = 600  # characters
MAX_DOUBTS = 50


@dataclass(frozen=True)
class SdkView:
    """Sentences, each with how bad it is."""

    lines: tuple[tuple[Severity, str], ...]


def sdk_view(report: Report) -> SdkView | None:
    """None where there is nothing to say of the SDK."""
    if report.sdk is None:
        return None
    said: list[tuple[Severity, str]] = []
    if report.sdk.failure:
        instead = f"The embedded engine ran in place of Hailo's SDK: {report.sdk.failure}"
        said.append((Severity.WARNING, instead))
    said += [(Severity.WARNING, doubt) for doubt in report.sdk.doubts[:MAX_DOUBTS]]
    if report.sdk.comparison is not None:
        said += comparison_lines(report.sdk.comparison, report.model.float_network)
    lines = tuple((severity, short(text, MAX_SENTENCE)) for severity, text in said)
    return SdkView(lines) if lines else None
