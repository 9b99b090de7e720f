"""The product knows nothing of the stand-in, and a process of it cannot import one."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sdk_standin.installation import PACKAGES, ROOT

PRODUCT = ("inspectors", "utils", "examples", "benchmarks", "docs", ".ci")
SHORT = ("main.py", "Makefile", "requirements.txt", "requirements-dev.txt")
WORDS = ("sdk_standin", "STANDIN_FAULTS", "IS_STAND_IN")


def product_files() -> list[Path]:
    found = [ROOT / name for name in SHORT]
    for folder in PRODUCT:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in found if path.suffix != ".pyc"]


def test_nothing_of_the_product_mentions_it() -> None:
    files = product_files()
    assert len(files) > 100
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [word for word in WORDS if word in text], path


def test_nothing_of_the_product_imports_from_the_tests() -> None:
    for path in product_files():
        if path.suffix == ".py" and ROOT / "docs" not in path.parents:
            lines = path.read_text(encoding="utf-8").splitlines()
            assert not [line for line in lines if line.startswith(("from tests", "import tests"))]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_process_of_the_project_has_no_sdk(name: str) -> None:
    if importlib.util.find_spec(name) is not None:
        pytest.skip(f"a real {name} is installed")
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "STANDIN_FAULTS")}
    code = f"import main, importlib.util; print(importlib.util.find_spec({name!r}))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, text=True
    )
    assert run.stdout.split() == ["None"], run.stderr
