from __future__ import annotations

import shlex

import pytest

from inspectors.quantizing_again import quantize_again
from tests.fixtures.builders import build_context, build_model
from utils.facts.optimize_command import optimize_command, stand_ins

SCRIPT = "model_optimization_flavor(optimization_level=2)\n"


def test_what_nobody_knows_stands_in_capitals() -> None:
    assert optimize_command() == (
        "hailo optimize PARSED.har --hw-arch CHIP --calib-set-path CALIBSET.npy"
    )


def test_every_word_in_capitals_is_explained() -> None:
    assert stand_ins(optimize_command(script="SCRIPT.alls")) == (
        "PARSED.har is your archive as hailo parser saved it, CHIP is your chip, such as hailo8, "
        "CALIBSET.npy is your calibration set, SCRIPT.alls is your model script"
    )
    assert stand_ins(optimize_command("a.har", "x.npy", "hailo8")) == ""
    assert stand_ins("python3 -c 'x = \"PARSED.har\"'") == ""


def test_names_with_spaces_stay_one_word() -> None:
    line = optimize_command("my net.har", "$(rm x).npy", "hailo8", "a;b.alls")
    assert shlex.split(line) == [
        *("hailo", "optimize", "my net.har", "--hw-arch", "hailo8"),
        *("--calib-set-path", "$(rm x).npy", "--model-script", "a;b.alls"),
    ]


@pytest.mark.parametrize(
    ("script", "target", "ending"),
    [
        (None, "", "--hw-arch hailo15h --calib-set-path x.npy"),
        (" \n", "", "--hw-arch hailo15h --calib-set-path x.npy"),
        (SCRIPT, "", "--hw-arch hailo15h --calib-set-path x.npy --model-script SCRIPT.alls"),
        (None, "hailo8l", "--hw-arch hailo8l --calib-set-path x.npy"),
    ],
)
def test_what_the_archive_tells(script: str | None, target: str, ending: str) -> None:
    context = build_context(build_model(script=script, hw_arch="hailo15h"), target=target)
    assert quantize_again(context, "x.npy") == f"hailo optimize PARSED.har {ending}"


def test_an_archive_that_names_no_chip_and_a_path_that_breaks_the_line() -> None:
    context = build_context(build_model(hw_arch=""))
    line = quantize_again(context, "a\nb.npy")
    assert "--hw-arch CHIP " in line
    assert line.isprintable()
