"""The script that comes out when all that is recommended is taken: it parses and lints clean."""

from __future__ import annotations

from pathlib import Path

import pytest

import main
from examples.shape_detector import NAME
from tests.command.test_real_archives import RANDOM, data_path
from tests.har.samples import QUANTIZED, sample_path
from utils.causes.offers import WITHHELD
from utils.har.model import load_model
from utils.model_script import parse_model_script
from utils.model_script.lint import lint_problems
from utils.terminal.prompts import Prompter

UNMEASURED = {"model_optimization_flavor"}  # commands that rest on what the compiler recorded


@pytest.fixture(autouse=True)
def everything_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prompter, "confirm", lambda self, question, default: True)


def script_for(archive: str, data: str, folder: Path) -> str:
    path = folder / "recommended.alls"
    arguments = ["-d", data, "--no-interactive", "--image-dir", str(folder)]
    arguments += ["--log-path", str(folder / "log"), "--output-model-script", str(path), archive]
    assert main.main(arguments) == 0
    return path.read_text(encoding="utf-8")


def problems_of(script: str, archive: str) -> list[str]:
    problems = lint_problems(script, load_model(archive).network)
    return [f"{problem.severity.label}: {problem.headline}" for problem in problems]


def test_all_that_is_recommended_for_the_demo_is_one_clean_script(
    demo: Path, tmp_path: Path
) -> None:
    archive = str(demo / f"{NAME}.har")
    script = script_for(archive, str(demo / "calibset.npy"), tmp_path)
    assert problems_of(script, archive) == []
    commands = {statement.command for statement in parse_model_script(script).statements}
    assert {"normalization", "quantization_param", "post_quantization_optimization"} <= commands


@pytest.mark.slow
@pytest.mark.parametrize("name", QUANTIZED)
def test_all_that_is_recommended_for_a_real_archive_is_one_clean_script(
    name: str, tmp_path: Path
) -> None:
    archive = sample_path(name)
    script = script_for(archive, data_path(name), tmp_path)
    assert problems_of(script, archive) == []
    commands = {statement.command for statement in parse_model_script(script).statements}
    if name in RANDOM:
        # Nothing that is measured after a calibration on random numbers says which line helps.
        assert commands <= UNMEASURED
    else:
        assert commands
        assert WITHHELD not in script
