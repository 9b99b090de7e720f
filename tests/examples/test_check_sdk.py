from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.archive import write_archive
from benchmarks.float_graph import FloatGraph
from examples import check_sdk
from tests.sdk_standin.installation import environment, installed
from utils.backends.sdk.presence import is_installed
from utils.har.model import load_model
from utils.har.network import Network


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """An archive of three layers with weights, and data for it."""
    random = np.random.default_rng(3)
    net = FloatGraph("private_name", random)
    last = net.add("input_layer1", "input_layer", (), (8, 8, 3))
    last = net.add_conv("conv1", last, 3, 8)
    last = net.add_conv("conv2", last, 3, 8)
    last = net.add_conv("conv3", last, 3, 8, activation="linear")
    net.add("output_layer1", "output_layer", (last,), (8, 8, 8))
    data = random.normal(size=(8, 8, 8, 3)).astype(np.float32)
    folder = tmp_path_factory.mktemp("archive")
    har, calibset = folder / "model.har", folder / "calibset.npy"
    write_archive(net, har, data)
    np.save(calibset, data)
    return str(har), str(calibset)


def printed(
    archive: tuple[str, str], capsys: pytest.CaptureFixture[str], **wrong: bool | str
) -> tuple[int, str]:
    with installed("3.33", **wrong):
        code = check_sdk.main([*archive, "--samples", "4"])
    return code, capsys.readouterr().out


def test_an_sdk_that_computes_the_same_passes(
    archive: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = printed(archive, capsys)
    assert code == 0
    assert text.endswith("Result: passed\n")
    assert "FAILED" not in text
    assert "- SDK: 3.33" in text
    assert "captured by: `compile(save_interlayer=...)" in text
    assert "float values agree at all" in text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"differs_at": "private_name/conv3"}, ["they part at conv3", "integers part at conv3"]),
        ({"float_differs_at": "private_name/conv3"}, ["they part at conv3"]),
        ({"load": True}, ["the SDK: FAILED", "load the archive"]),
        ({"licence": True}, ["the SDK: FAILED", "licence"]),
        (
            {"layer_renamed": "private_name/conv3"},
            ["conv3 not measured", "gives no tensor for it"],
        ),
    ],
    ids=str,
)
def test_what_does_not_work_is_told(
    archive: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    wrong: dict[str, bool | str],
    words: list[str],
) -> None:
    code, text = printed(archive, capsys, **wrong)
    assert all(word in text for word in words), text
    assert code == ("layer_renamed" not in wrong)
    assert text.endswith("Result: passed\n") == (code == 0)


def test_nothing_private_is_printed(
    archive: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = printed(archive, capsys, differs_at="private_name/conv3")
    assert archive[0] not in text
    assert "private_name" not in text
    assert str(Path(archive[0]).parent) not in text


PRIVATE = ("/home/me", "secret", "private_name", "Gemm_7", "\x1b")


@pytest.mark.parametrize(
    "said",
    [
        "cannot read '/home/me/my secret files/net.har' for private_name",
        "cannot read /home/me/secret/net.har",
        "no such file: secret.onnx, nor C:\\home\\secret.npz",
        "private_name/conv1 (made of secret.onnx) is \x1b[31m wrong",
        "conv1 was Gemm_7 (Gemm_7)",
    ],
)
@pytest.mark.parametrize("place", ["failure", pytest.param("doubt", marks=pytest.mark.slow)])
def test_what_the_sdk_says_is_printed_without_what_is_private(
    said: str,
    place: str,
    archive: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> object:
        raise RuntimeError(said)

    def doubts(*_: object) -> list[str]:
        return [said]

    model = load_model(archive[0])
    conv1 = replace(model.network["private_name/conv1"], original_names=("Gemm_7",))
    layers = {**model.network.layers, conv1.name: conv1}
    named = replace(model, network=Network(model.network.name, list(layers.values())))
    monkeypatch.setattr(check_sdk, "load_model", lambda path: named)
    if place == "failure":
        monkeypatch.setattr("utils.backends.sdk.contexts.loaded_runner", fails)
    else:
        monkeypatch.setattr("utils.backends.sdk.data_pass.disagreements", doubts)
    code, text = printed(archive, capsys)
    assert code == 1
    assert [word for word in PRIVATE if word in text] == []
    assert "FAILED" in text


def test_a_wrong_path_is_not_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with installed("3.33"):
        assert check_sdk.main([str(tmp_path / "secret"), "x.npy"]) == 1
    text = capsys.readouterr().out
    assert str(tmp_path) not in text
    assert "secret" not in text
    assert "model.har" in text


def test_files_that_are_left_are_counted_not_named(
    archive: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check_sdk, "_run", lambda *_: Path("secret.log").touch())
    assert check_sdk.main([*archive]) == 1
    text = capsys.readouterr().out
    assert "the SDK left 1 file\n" in text
    assert "secret" not in text


@pytest.mark.parametrize("samples", ["0", "-1", "x", "1.5"])
def test_samples_are_a_positive_number(samples: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check_sdk.main(["x.har", "x.npy", "--samples", samples])
    assert ended.value.code == 2
    assert "is not a positive whole number" in capsys.readouterr().err


@pytest.mark.slow
def test_it_runs_as_the_page_says_and_leaves_the_folder_clean(
    archive: tuple[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "examples.check_sdk", *archive, "--samples", "4"],
        cwd=tmp_path,
        env=environment("3.25"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("### hailo-first-aid")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(is_installed(), reason="the SDK is installed here")
def test_without_an_sdk_it_says_so(
    archive: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check_sdk.main([*archive]) == 1
    assert "hailo_sdk_client is not installed" in capsys.readouterr().out
    assert "hailo_sdk_client" not in sys.modules
    assert os.getcwd()
