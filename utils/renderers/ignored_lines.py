"""What a configuration has ignored, the same in every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from utils.findings.ignored import Ignored
from utils.wording import plural, short

MAX_REASON = 400  # characters


def ignored_lines(ignored: Iterable[Ignored]) -> list[str]:
    """One line for each kind of finding: what, how often, and who said why."""
    counts = Counter((each.finding.id, each.finding.headline, each.rule) for each in ignored)
    return [
        f"{headline} [{finding_id}]{_times(count)}: {short(rule.described, MAX_REASON)}"
        for (finding_id, headline, rule), count in counts.items()
    ]


def _times(count: int) -> str:
    return f", {plural(count, 'finding')}" if count > 1 else ""


def counted(ignored: Sequence[Ignored]) -> str:
    """How many there are, as a clause; "" for none."""
    verb = "is" if len(ignored) == 1 else "are"
    return f"{plural(len(ignored), 'finding')} {verb} ignored" if ignored else ""


def ignored_entries(ignored: Iterable[Ignored]) -> list[dict[str, Any]]:
    """The same for JSON."""
    return [
        {
            "id": each.finding.id,
            "severity": each.finding.severity.label,
            "headline": each.finding.headline,
            "layers": list(each.finding.layers),
            "reason": each.rule.reason,
            "until": each.rule.until.isoformat() if each.rule.until else None,
        }
        for each in ignored
    ]


def suppressions(each: Ignored) -> dict[str, Any]:
    """The same for a result of SARIF."""
    text = short(each.rule.described, MAX_REASON)
    entry = {"kind": "external", "status": "accepted", "justification": text}
    return {"suppressions": [entry]}
