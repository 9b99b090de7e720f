"""Lines that a person copies into a shell."""

from __future__ import annotations

import shlex

from utils.wording import printable


def typed(*words: str) -> str:
    """Words as one line for a shell, harmless whatever they hold."""
    return shlex.join([printable(word) for word in words])
