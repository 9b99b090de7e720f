"""The libraries in the page are those that are named, unchanged, with their licences."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from utils.renderers.html import assets

STATIC = Path(assets.__file__).parent / "static"
VENDOR = STATIC / "vendor"
ROW = re.compile(r"\| (\S+\.js) \| (\S+) \| (\S+) \| MIT \| ([0-9a-f]{64}) \|")
MOST = 300_000  # bytes of all libraries together


def rows() -> dict[str, tuple[str, str, str]]:
    text = (VENDOR / "README.md").read_text(encoding="utf-8")
    return {
        name: (package, version, digest) for name, package, version, digest in ROW.findall(text)
    }


def test_every_library_is_named_with_its_version_and_its_checksum() -> None:
    assert {f"vendor/{name}" for name in rows()} == set(assets.LIBRARIES)
    for name, (_, version, digest) in rows().items():
        data = (VENDOR / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest, name
        assert f"v{version}".encode() in data[:200], name


def test_every_library_has_its_licence_beside_it() -> None:
    for package, _, _ in rows().values():
        licence = (VENDOR / f"{package}.LICENSE.md").read_text(encoding="utf-8")
        assert "MIT" in licence, package


def test_the_libraries_stay_small_and_ask_for_no_map() -> None:
    library, own = assets.scripts()
    assert len(library) < MOST
    assert "sourceMappingURL" not in library
    assert "</script" not in (library + own).lower()


def test_no_file_is_left_out_of_the_page() -> None:
    files = {str(p.relative_to(STATIC)) for p in STATIC.rglob("*") if p.suffix in (".js", ".css")}
    assert files == {*assets.LIBRARIES, *assets.SCRIPTS, *assets.STYLES}
