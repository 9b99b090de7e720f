"""Folders and patterns of which nothing is left but links that lead nowhere."""

from __future__ import annotations

import os

from utils.dataset.sources.listing import links_nowhere
from utils.dataset.sources.refusals import unreadable
from utils.files.absent import absent_below
from utils.wording import plural, printable


def refuse_links_nowhere(place: str) -> None:
    """Refuse data of which links alone are there, as before they were fetched.

    Raises
    ------
    DatasetError : there are some.
    """
    links = links_nowhere(place)
    folder = place if os.path.isdir(place) else os.path.dirname(place) or "."
    found = absent_below(folder, links[0]) if links else None
    if found is None:
        return
    raise unreadable(
        "The files of the calibration set are links that lead nowhere",
        place,
        found.remedy,
        f"{plural(len(links), 'link')}; {printable(links[0])} {found.fact}",
        found.command,
    )
