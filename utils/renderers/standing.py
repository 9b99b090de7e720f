"""How much stands behind lines of a model script, in words that all reports share."""

from __future__ import annotations

from utils.findings import Finding, Recommendation

LABELS = {
    "proven by a trial": "Helped in emulation",
    "recommended": "Recommended",
    "worth a try": "To try",
    "not proven by a trial": "Not proven by a trial",
}


def standing(recommendation: Recommendation) -> str:
    """How much stands behind lines of a model script, in a few words."""
    if recommendation.ranges:
        return "not proven by a trial"
    if recommendation.proven:
        return "proven by a trial"
    return "recommended" if recommendation.default else "worth a try"


def label(finding: Finding) -> str:
    """What to write in front of the lines of a finding; "" where it has none."""
    return LABELS[standing(finding.recommendation)] if finding.recommendation else ""
