"""One reason why a run of the compiler dies."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What to do where nothing better is known.
SEARCH = "Search for the quoted message word for word, in Hailo's community first."


@dataclass(frozen=True)
class RunFailure:
    """One reason why a run died.

    Parameters
    ----------
    name : kebab-case, to tell the reasons apart.
    pattern : how the compiler puts it.
    headline, why, remedy : as of a finding.
    source : where it was seen, and where the remedy is from.
    commands : lines for the model script that the remedy speaks of.
    otherwise : what to do where the script has these lines already.
    is_of_compilation : whether the archive was finished before.
    is_of_any_program : whether what runs behind the compiler dies of it as well.
    words : of which one stands in every such message; they are looked for first, where the pattern
        takes long. () leaves it to the pattern.
    """

    name: str
    pattern: re.Pattern[str]
    headline: str
    why: str
    remedy: str
    source: str
    commands: tuple[str, ...] = ()
    otherwise: str = SEARCH
    is_of_compilation: bool = False
    is_of_any_program: bool = False
    words: tuple[str, ...] = ()

    def match(self, text: str, begun: int) -> re.Match[str] | None:
        """How the compiler puts it in a text, from a place on; None where it does not say so."""
        if self.words and not any(word in text for word in self.words):
            return None
        return self.pattern.search(text, begun)
