"""What makes two findings of different runs the same one, for a SARIF log."""

from __future__ import annotations

import hashlib
from collections import Counter

from utils.findings import Finding


class Fingerprints:
    """Fingerprints of the findings of one run, which have to be asked for in their order.

    Id, layers and file decide, but neither numbers nor lines, which change from run to run
    although the problem stays; of findings that are alike in all that, the n-th are the same.
    """

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, finding: Finding) -> dict[str, dict[str, str]]:
        """Partial fingerprints of the next finding, under the key of a result."""
        path = finding.location.path if finding.location else ""
        parts = (finding.id, path, *sorted(finding.layers))
        text = "\0".join(parts).encode("utf-8", errors="backslashreplace")
        digest = hashlib.sha256(text).hexdigest()[:32]
        self._seen[digest] += 1
        value = f"{digest}:{self._seen[digest]}"
        # Code scanning reads the first key only, and would hash lines of the archive without it.
        return {
            "partialFingerprints": {
                "primaryLocationLineHash": value,
                "findingAndLayers/v1": value,
            }
        }
