"""The image: what can be checked of its recipe anywhere, and itself where docker is at work."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.har.archives import write_small
from tests.installed.environments import run
from utils.tool import NAME, ROOT

RECIPE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
IGNORE = (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def copied() -> Iterator[str]:
    """What is copied from the checkout; the last word is where it goes."""
    for words in re.findall(r"^COPY (?!--from)(.+)$", RECIPE, re.MULTILINE):
        yield from words.split()[:-1]


def test_what_it_copies_exists_and_is_not_left_out() -> None:
    allowed = [line[1:] for line in IGNORE if line.startswith("!")]
    names = list(copied())
    assert names
    for name in names:
        assert (ROOT / name).exists(), name
        assert any(fnmatch(name, pattern) for pattern in allowed), name


def test_it_copies_all_that_the_wheel_is_made_of() -> None:
    named = re.findall(r'"([\w./-]+\.(?:txt|md|1))"|"(LICENSE)"', _build_files())
    needed = {first or second for first, second in named}
    assert needed >= {"requirements.txt", "README.md", "LICENSE", "docs/hailo-first-aid.1"}
    assert needed <= set(copied())


def _build_files() -> str:
    project = (ROOT / "pyproject.toml").read_text("utf-8").partition("[tool.ruff]")[0]
    return project + (ROOT / "setup.py").read_text("utf-8")


def test_it_runs_the_command_as_nobody_special() -> None:
    assert f'ENTRYPOINT ["{NAME}"]' in RECIPE
    assert re.search(r"^USER (?!root)\w+$", RECIPE, re.MULTILINE)
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'{NAME} = "hailo_first_aid.__main__:run"' in project


@pytest.mark.slow
def test_the_image_diagnoses(tmp_path: Path) -> None:
    if shutil.which("docker") is None or run("docker", "info").returncode:
        pytest.skip("no docker is at work here")
    built = run("docker", "build", "-q", ROOT)
    assert built.returncode == 0, built.stderr
    har = Path(write_small(tmp_path / "model.har"))
    tmp_path.chmod(0o777)  # the command runs as somebody else there
    command = (built.stdout.strip(), "--no-interactive", har.name)
    done = run("docker", "run", "--rm", "-v", f"{tmp_path}:/work", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Verdict: " in done.stdout
