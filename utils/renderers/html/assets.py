"""Style sheet and scripts of the page, and the policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from markupsafe import Markup

STYLES = (
    "colours.css",
    "page.css",
    "overview.css",
    "findings.css",
    "charts.css",
    "tables.css",
    "print.css",
)
# In this order: later ones use what earlier ones define.
LIBRARIES = (
    "vendor/chart.umd.min.js",
    "vendor/chartjs-plugin-annotation.min.js",
    "vendor/chartjs-plugin-zoom.min.js",
)
SCRIPTS = (
    "theme.js",
    "draw.js",
    "snr_charts.js",
    "share_chart.js",
    "channel_charts.js",
    "histogram_chart.js",
    "input_charts.js",
    "comparison_chart.js",
    "scatter_chart.js",
    "scroll_hint.js",
    "table.js",
    "one_layer.js",
    "copy.js",
    "start.js",
)
# Beside the page there is no such map, and a browser would look for it.
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


@cache
def style() -> Markup:
    """The style sheet."""
    return Markup("\n").join(map(_file, STYLES))


@cache
def scripts() -> tuple[Markup, ...]:
    """The charting library with its plugins, then the page's own script."""
    # All of it is ours or the library's: no data are part of it.
    library = _SOURCE_MAP.sub("", Markup("\n").join(map(_file, LIBRARIES)))
    return Markup(library), Markup("\n").join(map(_file, SCRIPTS))


@cache
def content_security_policy() -> str:
    """Nothing is loaded from anywhere, and only these scripts run.

    Styles may stand inline: the lengths of bars do.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts())
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _file(name: str) -> Markup:
    text = (files(__package__) / "static" / name).read_text(encoding="utf-8")
    return Markup(text)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
