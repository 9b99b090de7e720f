"""Where findings are, as a SARIF log says it: files, members of the archive, layers."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from utils.findings import Finding
from utils.har.model import Model
from utils.wording import printable, short, without_scope

ARCHIVE = 0  # its place in the list of artifacts
MAX_NAME = 200
# What inspectors call the archive's script where its metadata does not name it.
NAMELESS_SCRIPT = "model script"

Entry = dict[str, Any]


class Places:
    """Locations in the files of one run; collects these files as it meets them.

    A script inside the archive is an artifact nested in it, with its path inside the archive as
    the standard wants. Code scanning takes that for a path in the repository and shows line and
    column beside it; where a file of that name is checked in, it shows the lines themselves.
    """

    def __init__(self, model: Model) -> None:
        archive = model.archive
        self._layers = {**model.float_network.layers, **model.network.layers}
        names = [value for value in archive.metadata.values() if isinstance(value, str)]
        self._members = {printable(n) for n in (*names, *archive.nms_configs, NAMELESS_SCRIPT)}
        self._index = {archive.path: ARCHIVE}
        self._uris = [uri_reference(archive.path)]
        self.artifacts: list[Entry] = [
            {
                "location": {"uri": self._uris[ARCHIVE]},
                "roles": ["analysisTarget"],
                "hashes": {"sha-256": archive.sha256},
            }
        ]

    def location(self, finding: Finding) -> Entry:
        """Where a finding is: the place in a text if it has one, else the archive."""
        place = finding.location
        # Code scanning shows nothing without a line, not even of a file that has none.
        region: Entry = {"startLine": 1}
        index = ARCHIVE
        if place is not None:
            index = self._artifact(place.path)
            region = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
        entry: Entry = {
            "physicalLocation": {
                "artifactLocation": {"uri": self._uris[index], "index": index},
                "region": region,
            }
        }
        if finding.layers:
            entry["logicalLocations"] = [self.logical(name) for name in finding.layers]
        return entry

    def knows(self, layer: str) -> bool:
        """Whether the network has a layer of that name."""
        return layer in self._layers

    def logical(self, layer: str) -> Entry:
        """A layer, with its names in the original model where it has any."""
        shown = printable(layer)
        entry: Entry = {
            "name": short(without_scope(layer), MAX_NAME),
            "fullyQualifiedName": shown,
            "kind": "layer",
        }
        known = self._layers.get(layer)
        if known is not None:
            originals = [printable(name) for name in known.original_names]
            entry["properties"] = {"type": printable(known.type), "originalNames": originals}
        return entry

    def _artifact(self, path: str) -> int:
        if path not in self._index:
            self._index[path] = len(self.artifacts)
            self._uris.append(uri_reference(path))
            entry: Entry = {"location": {"uri": self._uris[-1]}}
            if printable(path) in self._members:
                entry["parentIndex"] = ARCHIVE
            self.artifacts.append(entry)
        return self._index[path]


def uri_reference(path: str) -> str:
    """A path as a URI, relative if it is; nothing of it is taken for a scheme or a query."""
    plain = PurePath(path)
    encoded = quote(plain.as_posix(), errors="replace")
    if not plain.is_absolute():
        return encoded
    # A drive letter needs a slash in front of it.
    return f"file://{encoded}" if encoded.startswith("/") else f"file:///{encoded}"
