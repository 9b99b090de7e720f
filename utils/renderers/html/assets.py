"""Style sheet and scripts of the page, and the policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from markupsafe import Markup
from plotly.offline import get_plotlyjs

STYLES = ("colours.css", "page.css", "findings.css", "charts.css", "tables.css", "print.css")
# In this order: later ones use what earlier ones define.
SCRIPTS = (
    "theme.js",
    "draw.js",
    "noise_charts.js",
    "layer_charts.js",
    "input_charts.js",
    "comparison_chart.js",
    "table.js",
    "copy.js",
    "start.js",
)


@cache
def style() -> Markup:
    """The style sheet."""
    return Markup("\n").join(map(_own, STYLES))


@cache
def scripts() -> tuple[Markup, ...]:
    """The charting library, then the page's own script."""
    # Both are ours or the library's: no data are part of them.
    own = Markup("\n").join(map(_own, SCRIPTS))
    return Markup(get_plotlyjs().replace("\r\n", "\n")), own


@cache
def content_security_policy() -> str:
    """Nothing is loaded from anywhere, and only these scripts run.

    Styles may stand inline, since the charting library writes them.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts())
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _own(name: str) -> Markup:
    text = (files(__package__) / "static" / name).read_text(encoding="utf-8")
    return Markup(text)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
