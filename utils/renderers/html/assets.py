"""Style sheet and scripts of the page, and the policy that lets nothing else run."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
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
def style(names: tuple[str, ...] = STYLES) -> Markup:
    """The style sheet of a page, or parts of it."""
    return Markup("\n").join(map(_file, names))


@cache
def scripts() -> tuple[Markup, ...]:
    """The charting library with its plugins, then the page's own script."""
    # All of it is ours or the library's: no data are part of it.
    library = _SOURCE_MAP.sub("", Markup("\n").join(map(_file, LIBRARIES)))
    return Markup(library), Markup("\n").join(map(_file, SCRIPTS))


def content_security_policy(allowed: Iterable[str]) -> str:
    """Nothing is loaded from anywhere, and only some scripts run.

    Styles may stand inline: the lengths of bars do.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in allowed)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _file(name: str) -> Markup:
    return static(__package__, name)


def static(package: str, name: str) -> Markup:
    """A file that lies in ``static`` beside the modules of a package; all of it is ours."""
    return Markup((files(package) / "static" / name).read_text(encoding="utf-8"))


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
