"""Every recipe that can be printed is pasted into a shell, and gives the right array."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.recipes.examples import (
    ALONE,
    EXAMPLES,
    LEFT,
    PICTURE,
    RGB,
    RIGHT,
    Array,
    Example,
    layers,
)
from tests.inspectors.wording_rules import assert_well_worded
from utils.dataset.calibration_set import open_dataset
from utils.dataset.finite import finite_batches
from utils.dataset.recipes.commands import exchange_command
from utils.dataset.recipes.shell_line import literal
from utils.dataset.recipes.steps import Kind
from utils.errors import DatasetError
from utils.findings import Finding, Severity

HOSTILE = [
    "calib",
    "it's",
    '"; import os; x = "',
    "$(touch gone) `touch gone` \\",
    "two\nlines\t",
    "-c",
    "größe 😀",
    os.fsdecode(b"\xff\xfe"),
]


def read(path: Path, example: Example) -> dict[str, Array]:
    """All samples of a file, by input.

    Raises
    ------
    DatasetError : it is refused.
    """
    batches = list(finite_batches(open_dataset(str(path), layers(*example.inputs), 1000), 4))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def refusal(path: Path, example: Example) -> DatasetError:
    example.write(path)
    with pytest.raises(DatasetError) as caught:
        read(path, example)
    return caught.value


def finding(error: DatasetError) -> Finding:
    """What is shown of a refusal."""
    return Finding(
        error.finding_id,
        Severity.ERROR,
        error.headline,
        evidence=error.evidence,
        remedy=error.remedy,
        command=error.command,
    )


def pasted(command: str, folder: Path) -> set[Path]:
    """Run a line in a shell, and return the files that it made."""
    before = set(folder.iterdir())
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": tools}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(folder.iterdir()) - before


def kinds_in(remedy: str) -> set[Kind]:
    patterns = {kind: re.sub(r"\\\{\d\\\}", ".+", re.escape(kind.value)) for kind in Kind}
    return {kind for kind, pattern in patterns.items() if re.search(pattern, remedy, re.I)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_line_gives_the_right_array(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    error = refusal(tmp_path / f"calib{example.suffix}", example)
    assert kinds_in(error.remedy) == set(example.kinds)
    assert_well_worded(finding(error))
    (made,) = pasted(error.command, tmp_path)
    assert made.stem == "calib_fixed"
    mended = read(made, example)
    assert mended.keys() == example.expected.keys()
    for layer, array in example.expected.items():
        assert mended[layer].dtype == array.dtype
        np.testing.assert_allclose(mended[layer], array, rtol=1e-6)


def test_every_kind_of_step_has_an_example() -> None:
    assert {kind for example in EXAMPLES.values() for kind in example.kinds} == set(Kind)


def test_arrays_of_one_shape_are_exchanged(tmp_path: Path) -> None:
    example = EXAMPLES["stacked"]
    inputs = layers(*example.inputs)
    path = tmp_path / "calib.npz"
    np.savez(path, input_layer2=RGB, input_layer1=example.expected[RIGHT])
    facts = open_dataset(str(path), inputs, 64).facts
    (made,) = pasted(exchange_command(facts, inputs, (LEFT, RIGHT)), tmp_path)
    mended = read(made, example)
    for layer, array in example.expected.items():
        np.testing.assert_array_equal(mended[layer], array)


def test_nothing_is_exchanged_where_arrays_have_no_names(tmp_path: Path) -> None:
    np.save(tmp_path / "calib.npy", RGB)
    facts = open_dataset(str(tmp_path / "calib.npy"), layers(PICTURE), 64).facts
    assert exchange_command(facts, layers(PICTURE), (LEFT, LEFT)) == ""


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_files_are_only_names(name: str, tmp_path: Path) -> None:
    example = EXAMPLES["channels first"]
    error = refusal(tmp_path / f"{name}.npy", example)
    assert error.command.isprintable()
    (made,) = pasted(error.command, tmp_path)
    np.testing.assert_array_equal(np.load(made), RGB)


@pytest.mark.parametrize("name", ["it's", "$(touch gone)", '"]; 1/0; f["', "two\nlines"])
def test_names_of_arrays_are_only_names(name: str, tmp_path: Path) -> None:
    moved = RGB.transpose(0, 3, 1, 2)
    example = Example((), (PICTURE,), lambda path: np.savez(path, **{name: moved}), ALONE, ".npz")
    (made,) = pasted(refusal(tmp_path / "calib.npz", example).command, tmp_path)
    np.testing.assert_array_equal(np.load(made), RGB)


@given(st.text())
def test_a_literal_means_the_text_and_ends_nothing(text: str) -> None:
    spelled = literal(text)
    assert eval(spelled) == text
    assert spelled.isprintable()
    assert "'" not in spelled
    assert shlex.split(shlex.join(["-c", spelled])) == ["-c", spelled]


@pytest.mark.parametrize(
    ("array", "inputs", "said"),
    [
        (RGB.astype(complex), (PICTURE,), "Save the values as uint8 or float32."),
        (RGB[..., :2], (PICTURE,), "Save pictures of 40 x 56 with 3 channels."),
        (
            np.zeros((6, 79), np.float32),
            ((1, 1, 80),),
            "Save samples of 1 x 1 x 80, as the network was trained on.",
        ),
        (RGB, (PICTURE, (16, 24, 3)), "Save an npz file with this array as input_layer1 and"),
        (RGB, ((1, 1, 4), (1, 1, 5)), "Save an npz file with arrays named"),
    ],
)
def test_what_nothing_mends_has_no_line(
    array: Array, inputs: tuple[tuple[int, int, int], ...], said: str, tmp_path: Path
) -> None:
    example = Example((), inputs, lambda path: np.save(path, array), {})
    error = refusal(tmp_path / "calib.npy", example)
    assert error.command == ""
    assert error.remedy.startswith(said)
    assert_well_worded(finding(error))
