from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import inspectors
from utils.options.inspector_names import inspector_names
from utils.tool import ROOT


def test_the_names_are_those_of_the_inspectors_that_are_found() -> None:
    assert inspector_names() == sorted(cls.name() for cls in inspectors.discover()[0])


def test_names_are_read_from_any_text(tmp_path: Path) -> None:
    (tmp_path / "wide.py").write_text(
        "class WideInspector(BaseInspector):\n    pass\n\n\n"
        "class StrictInspector(wide.WideInspector, Mixin):\n    pass\n\n\n"
        "class Limits(NamedTuple):\n    pass\n"
    )
    (tmp_path / "broken.py").write_bytes(b"class BrokenInspector(BaseInspector):\n  (\xff\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("class OwnInspector(\n    BaseInspector\n):\n")
    (tmp_path / "own" / "part.py").write_text("class PartInspector(BaseInspector):\n")
    assert inspector_names(tmp_path) == [
        "BrokenInspector",
        "OwnInspector",
        "StrictInspector",
        "WideInspector",
    ]
    assert inspector_names(tmp_path / "nowhere") == []


def imported_by(*argv: str) -> set[str]:
    """Packages that a run of the command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "main.py"), *argv],
        capture_output=True,
        text=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_help_and_wrong_command_lines_do_not_wait_for_inspectors() -> None:
    for argv in (["--help"], ["--version"], ["--no-such-option"]):
        packages = imported_by(*argv)
        assert "utils" in packages
        assert not packages & {"inspectors", "diagnosis", "tensorflow", "PIL"}
