from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.house import package_versions
from tests.house.package_versions import lowest, moved

ROOT = Path(__file__).resolve().parents[2]
BEFORE = {"numpy": "1.23.5", "pillow": "9.0.0"}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE, []),
        ({**BEFORE, "jinja2": "3.0.0"}, []),
        ({**BEFORE, "numpy": "1.26.4"}, ["numpy 1.23.5 -> 1.26.4"]),
        ({**BEFORE, "numpy": "1.23"}, ["numpy 1.23.5 -> 1.23"]),
        ({"pillow": "9.0.0"}, ["numpy 1.23.5 -> gone"]),
        ({}, ["numpy 1.23.5 -> gone", "pillow 9.0.0 -> gone"]),
    ],
)
def test_only_what_was_there_can_move(after: dict[str, str], expected: list[str]) -> None:
    assert moved(BEFORE, after) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("# numpy>=1.0", []),
        ("", []),
        ("numpy>=1.23", []),
        ("Pillow>=9.0", []),
        ("pillow>=9.0  # pictures", []),
        ("Jinja2>=3.0", ["Jinja2==3.0"]),
        ("types-tqdm>=4.60.0.1  # of tqdm", ["types-tqdm==4.60.0.1"]),
    ],
)
def test_the_lowest_of_what_is_not_there_yet(line: str, expected: list[str]) -> None:
    assert lowest([line], BEFORE) == expected


def test_a_record_of_this_environment_holds_until_a_package_moves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "before.txt"
    package_versions.record(str(path))
    lines = path.read_text(encoding="utf-8")
    assert f"numpy=={version('numpy')}\n" in lines
    assert "packages kept their version; 0 are new" in package_versions.check(str(path))
    path.write_text(lines.replace(f"numpy=={version('numpy')}\n", "numpy==1.0\n"), "utf-8")
    with pytest.raises(SystemExit) as stop:
        package_versions.check(str(path))
    assert f"numpy 1.0 -> {version('numpy')}" in str(stop.value)


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line.split("  #")[0]) for line in lines if line[:1] not in ("", "#", "-")]


def test_the_oldest_environment_is_the_oldest_that_we_claim() -> None:
    claimed = {found.name: found.specifier for found in requirements("requirements.txt")}
    assert all(bound.operator == ">=" for bounds in claimed.values() for bound in bounds)
    oldest = [
        found
        for found in requirements("requirements-oldest.txt")
        if found.marker is None or found.marker.evaluate({"python_version": "3.10"})
    ]
    assert [found.name for found in oldest] == ["tensorflow", "numpy", "Pillow", "termcolor"]
    for found in oldest:
        (pin,), (bound,) = found.specifier, claimed[found.name]
        # numpy's is the one that TensorFlow 2.12.0 is used with; any 1.23 may stay.
        digits = 2 if found.name == "numpy" else 3
        assert Version(bound.version) == Version(".".join(pin.version.split(".")[:digits]))
