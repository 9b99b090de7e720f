"""The files that a fleet leaves: table, page, and reports for CI."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from diagnosis.fleet.judging import ARCHIVES, JUNIT, SARIF, UNFINISHED
from diagnosis.output_files import write_file
from utils.errors import DiagnosticError, UsageError
from utils.fleet.history import Trends, add_to_history, trends
from utils.fleet.rows import Fleet
from utils.options.fleet_options import FleetOptions
from utils.renderers.fleet import json, junit, sarif
from utils.terminal.logger import LOGGER

LEFT_SECONDS = 24 * 3600
TABLE, PAGE = "fleet.json", "fleet.html"
# In a folder that is not empty, one of these says that it is one of results.
OWN = (TABLE, ARCHIVES, "slices", "fleet.log")


def results_folder(plan: str, given: str | None) -> str:
    """Absolute path of the folder of results, which is made where it does not exist.

    Raises
    ------
    UsageError : it cannot be made, or holds something else.
    """
    # A pattern has no place of its own.
    beside = f"{os.path.splitext(plan)[0]}-results" if os.path.isfile(plan) else "fleet-results"
    folder = os.path.abspath(given or beside)
    try:
        os.makedirs(folder, exist_ok=True)
        found = os.listdir(folder)
    except OSError as error:
        raise UsageError(
            f"the folder of results {folder} cannot be used: {error.strerror}; name another one "
            "with --results"
        ) from error
    if found and not set(found) & set(OWN):
        raise UsageError(f"{folder} holds something else; name another folder with --results")
    return folder


def remove_leftovers(results: str) -> None:
    """Remove what workers that were killed have left unfinished, a day ago or longer."""
    begun = time.time() - LEFT_SECONDS
    for top in (results, os.path.join(results, ARCHIVES)):
        with suppress(OSError):
            for entry in list(os.scandir(top)):
                is_unfinished = entry.name.startswith(UNFINISHED) and entry.is_dir()
                if is_unfinished and entry.stat().st_mtime < begun:
                    shutil.rmtree(entry.path, ignore_errors=True)


class FleetFiles:
    """Writes the files of a fleet; what cannot be written is a failure of it."""

    def __init__(self, options: FleetOptions, results: str) -> None:
        """Take the folder of results, which exists."""
        self._options = options
        self._results = results
        self._failures: list[str] = []

    def write(self, fleet: Fleet) -> Fleet:
        """Write everything; the fleet that is handed back says what could not be written."""
        options, earlier = self._options, self._history(fleet)
        self._write(
            options.junit,
            "the JUnit report",
            lambda _: junit.render(fleet, self._of_each(fleet, JUNIT)),
        )
        self._write(
            options.sarif,
            "the SARIF report",
            lambda _: sarif.render(fleet, self._of_each(fleet, SARIF)),
        )
        for path in (os.path.join(self._results, PAGE), options.html):
            self._write(path, "the page", lambda path: self._page(fleet, path, earlier))
        fleet = replace(fleet, failures=(*fleet.failures, *self._failures))
        for path in (os.path.join(self._results, TABLE), options.json):
            self._write(path, "the table", lambda _: json.render(fleet))
        return replace(fleet, failures=tuple(dict.fromkeys((*fleet.failures, *self._failures))))

    def _write(self, path: str | None, what: str, render: Callable[[str], str]) -> None:
        if not path:
            return
        try:
            is_own = os.path.dirname(os.path.abspath(path)) == self._results
            written = write_file(path, render(path).encode(), lambda _: is_own)
            LOGGER.info("Wrote %s: %s", what, written)
        except (DiagnosticError, OSError) as error:
            LOGGER.error("%s", error)
            self._failures.append(str(error))

    def _history(self, fleet: Fleet) -> Trends:
        folder = self._options.history
        if not folder:
            return {}
        if fleet.is_interrupted and not any(row.folder for row in fleet.rows):
            return trends(folder)  # of no archive there is a number
        try:
            LOGGER.info("Wrote the history: %s", add_to_history(folder, fleet))
        except UsageError as error:
            LOGGER.error("%s", error)
            self._failures.append(str(error))
        return trends(folder)

    def _page(self, fleet: Fleet, path: str, earlier: Trends) -> str:
        from utils.renderers.fleet import page  # its libraries take longer to import than --help

        here = os.path.dirname(os.path.abspath(path))
        base = os.path.relpath(self._results, here)
        return page.render(fleet, "" if base == os.curdir else f"{base}/", earlier)

    def _of_each(self, fleet: Fleet, name: str) -> dict[str, str]:
        """A file of every archive that has it, by the archive's name."""
        found = {}
        for row in fleet.rows:
            path = os.path.join(self._results, row.folder, name)
            if row.folder and os.path.isfile(path):
                with open(path, encoding="utf-8") as stream:
                    found[row.name] = stream.read()
        return found
