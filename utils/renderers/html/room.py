"""How much of the page texts of one kind may take, however long archives make them."""

from __future__ import annotations

from markupsafe import escape

from utils.wording import printable, short

LEAST = 160  # characters of a text for which there is no room


class Room:
    """Characters of the page that are left, with all that escaping adds."""

    def __init__(self, characters: int) -> None:
        """Start with so many."""
        self._left = characters

    def holds(self, text: str) -> bool:
        """Whether the text fits as a whole; if so, it takes its place."""
        if len(text) > self._left:
            return False
        size = len(escape(printable(text)))
        fits = size <= self._left
        self._left -= size if fits else 0
        return fits

    def fitted(self, text: str, limit: int) -> str:
        """The text up to a limit, or less of it where no room is left."""
        shown = short(text, limit)
        return shown if self.holds(shown) else short(shown, LEAST)
