"""Where a file of another kind leads."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

import main
from tests.files.made import FILES, LOG, NMS, REPORT, SCRIPT
from tests.har.archives import write_small
from utils.errors import UsageError
from utils.files.wanted import Wanted
from utils.files.ways_on import refuse_foreign, way_on


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(name: str, path: str = "") -> str:
    Path(path or name).write_bytes(FILES[name][0])
    return path or name


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("har", Wanted.ARCHIVE),
        ("script", Wanted.SCRIPT),
        ("text", Wanted.SCRIPT),
        ("empty", Wanted.SCRIPT),
        ("nms", Wanted.NMS_CONFIG),
        ("json", Wanted.NMS_CONFIG),
        ("report", Wanted.REPORT),
        ("log", Wanted.LOG),
        ("text", Wanted.LOG),
        ("page", Wanted.LOG),
        ("json", Wanted.LOG),
        ("onnx", Wanted.REFERENCE),
        ("tflite", Wanted.REFERENCE),
        ("unknown", Wanted.DEVICE_OUTPUTS),
        ("text", Wanted.DEVICE_OUTPUTS),
        ("unknown", Wanted.ARCHIVE),
        ("cut har", Wanted.ARCHIVE),
    ],
)
def test_what_may_be_meant_is_not_refused(name: str, wanted: Wanted) -> None:
    assert way_on(made(name), wanted) is None
    refuse_foreign(name, wanted, UsageError)


@pytest.mark.parametrize(
    ("name", "path", "commands"),
    [
        (
            "onnx",
            "my net.bin",
            (
                "hailo parser onnx 'my net.bin' --hw-arch CHIP",
                "hailo optimize 'my net.har' --hw-arch CHIP --calib-set-path CALIBSET.npy",
                "./main.py -d CALIBSET.npy 'my net_optimized.har'",
            ),
        ),
        ("tflite", "net.har", ("hailo parser tf net.har --hw-arch CHIP",)),
        ("hef", "net.hef", ("./main.py MODEL.har",)),
        (
            "pytorch",
            "best.pt",
            (
                "yolo export model=best.pt format=onnx opset=11",
                "hailo parser onnx best.onnx --hw-arch CHIP",
            ),
        ),
        ("old pytorch", "net.pth", ("hailo parser onnx net.onnx --hw-arch CHIP",)),
        ("lfs", "net.har", ("git lfs pull --include net.har",)),
        ("lfs", "./net.har", ("git -C . lfs pull --include net.har",)),
        ("tar of har", "all.tar", ("tar -xf all.tar", "./main.py a/net.har")),
        ("zip of har", "all.zip", ("unzip all.zip", "./main.py net.HAR")),
        ("tar.gz of har", "all.tgz", ("tar -xf all.tgz", "./main.py MODEL.har")),
        ("gz", "net.har.gz", ("gunzip -k net.har.gz", "./main.py MODEL.har")),
        ("gz of har", "net.har.gz", ("gunzip -k net.har.gz", "./main.py net.har")),
        (
            "gz of har",
            "net.har",
            ("mv net.har net.har.gz && gunzip -k net.har.gz", "./main.py net.har"),
        ),
        ("xz of har", "net.har.xz", ("unxz -k net.har.xz", "./main.py net.har")),
        ("xz of har", "net.har", ("mv net.har net.har.xz && unxz -k net.har.xz",)),
        ("bz2 of har", "net.har.bz2", ("bunzip2 -k net.har.bz2", "./main.py net.har")),
        ("tar.xz of har", "all.txz", ("tar -xf all.txz", "./main.py MODEL.har")),
        ("zst", "net.har.zst", ("unzstd net.har.zst", "./main.py net.har")),
        ("zst", "nets.tar.zst", ("tar -xf nets.tar.zst", "./main.py MODEL.har")),
        ("npy", "calib.npy", ("./main.py -d calib.npy MODEL.har",)),
        (
            "zip of pictures",
            "my calib.zip",
            (
                "python3 -m zipfile -e 'my calib.zip' 'my calib'",
                "./main.py -d 'my calib' MODEL.har",
            ),
        ),
        ("tar of pictures", "a.tar", ("python3 -m tarfile -e a.tar a", "./main.py -d a MODEL.har")),
        ("pickle", "calib.pkl", ("./main.py -d CALIBSET.npy MODEL.har",)),
        ("script", "net.alls", ("./main.py --lint-script net.alls",)),
        ("nms", "nms.json", ("./main.py --nms-config nms.json MODEL.har",)),
        ("report", "r.json", ("./main.py --baseline r.json MODEL.har",)),
        ("log", "a.log", ("./main.py --dfc-log a.log MODEL.har",)),
        ("page", "net.har", ()),
    ],
)
def test_every_kind_leads_on(name: str, path: str, commands: tuple[str, ...]) -> None:
    found = way_on(made(name, path), Wanted.ARCHIVE)
    assert found is not None
    assert found.fact.endswith(", not a Hailo Archive (HAR)")
    assert found.commands[: len(commands)] == commands
    assert bool(found.commands) is bool(commands)


@pytest.mark.parametrize(
    ("name", "path", "wanted", "commands"),
    [
        ("gz", "b.json.gz", Wanted.REPORT, ("gunzip -k b.json.gz", "--baseline b.json MODEL.har")),
        ("xz", "c.log.xz", Wanted.LOG, ("unxz -k c.log.xz", "--dfc-log c.log MODEL.har")),
        ("zip", "n.zip", Wanted.NMS_CONFIG, ("unzip n.zip", "--nms-config NMS.json MODEL.har")),
        ("gz of har", "a.har.gz", Wanted.LOG, ("gunzip -k a.har.gz", "--dfc-log a.har MODEL.har")),
    ],
)
def test_what_was_packed_is_passed_by_its_option(
    name: str, path: str, wanted: Wanted, commands: tuple[str, str]
) -> None:
    found = way_on(made(name, path), wanted)
    assert found is not None
    assert found.commands == (commands[0], f"./main.py {commands[1]}")


@pytest.mark.parametrize("name", FILES)
def test_what_is_to_be_typed_can_be_typed(name: str) -> None:
    for wanted in Wanted:
        found = way_on(made(name), wanted)
        if found is not None:
            assert found.remedy.endswith(".")
            assert found.remedy[0].isupper()
            assert all(shlex.split(command) for command in found.commands)


@pytest.mark.parametrize(
    ("name", "wanted", "fact"),
    [
        ("har", Wanted.REFERENCE, "not an ONNX, TFLite or Keras model"),
        ("log", Wanted.REFERENCE, "not an ONNX, TFLite or Keras model"),
        ("onnx", Wanted.DEVICE_OUTPUTS, "not outputs of the chip"),
        ("hef", Wanted.DEVICE_OUTPUTS, "not outputs of the chip"),
    ],
)
def test_stages_of_another_kind_are_refused(name: str, wanted: Wanted, fact: str) -> None:
    found = way_on(made(name), wanted)
    assert found is not None
    assert found.fact.endswith(fact)


@pytest.mark.parametrize("name", ["h5", "pytorch"])
def test_outputs_in_a_file_for_weights_are_not_to_be_parsed(name: str) -> None:
    found = way_on(made(name), Wanted.DEVICE_OUTPUTS)
    assert found is not None and "np.savez" in found.remedy and not found.commands
    other = way_on(made(name), Wanted.ARCHIVE)
    assert other is not None and "parse that" in other.remedy and "np.savez" not in other.remedy


def test_a_hef_leads_to_the_archive_beside_it() -> None:
    Path("net.har").write_bytes(b"x")
    found = way_on(made("hef", "net.hef"), Wanted.ARCHIVE)
    assert found is not None
    assert found.commands == ("./main.py net.har",)


def test_a_folder_leads_to_the_archives_in_it() -> None:
    Path("nets").mkdir()
    found = way_on("nets", Wanted.ARCHIVE)
    assert found is not None
    assert found.commands == ("./main.py nets/MODEL.har",)
    Path("nets/b.har").touch()
    Path("nets/a.har").touch()
    found = way_on("nets", Wanted.ARCHIVE)
    assert found is not None
    assert found.commands == ("./main.py nets/a.har", "./main.py nets/b.har")


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (Wanted.SCRIPT, "./main.py --lint-script nets/SCRIPT.alls"),
        (Wanted.NMS_CONFIG, "./main.py --nms-config nets/NMS.json MODEL.har"),
        (Wanted.REPORT, "./main.py --baseline nets/REPORT.json MODEL.har"),
        (Wanted.LOG, "./main.py --dfc-log nets/COMPILER.log MODEL.har"),
        (Wanted.REFERENCE, "./main.py -d CALIBSET.npy --reference nets/MODEL.onnx MODEL.har"),
    ],
)
def test_a_folder_leads_to_what_was_asked_for(wanted: Wanted, command: str) -> None:
    Path("nets").mkdir()
    found = way_on("nets", wanted)
    assert found is not None
    assert found.commands == (command,)
    assert ("saved_model.pb" in found.remedy) is (wanted is Wanted.REFERENCE)


def test_a_folder_leads_to_the_scripts_in_it() -> None:
    Path("nets").mkdir()
    Path("nets/a.alls").touch()
    Path("nets/b.har").touch()
    found = way_on("nets", Wanted.SCRIPT)
    assert found is not None
    assert found.commands == ("./main.py --lint-script nets/a.alls",)


def test_keras_and_saved_models_are_converted_first() -> None:
    files = ("h5", "net.h5"), ("keras h5", "net.h5"), ("keras", "net.keras")
    for name, path in files:
        made(name, path)
        found = way_on(path, Wanted.ARCHIVE)
        assert found is not None
        assert "from_keras_model" in found.commands[0]
        compile(shlex.split(found.commands[0])[2], "command", "exec")
        assert found.commands[1] == "hailo parser tf net.tflite --hw-arch CHIP"


# On the command line.


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    code = main.main(["--no-interactive", *argv])
    return code, capsys.readouterr().out.splitlines()


def test_after_a_failure_next_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, lines = run(capsys, made("onnx", "net.har"))
    assert code == 2
    assert lines[0].startswith("[error] net.har is an ONNX model, not a Hailo Archive")
    assert lines[1].startswith("Next: Parse it, quantize")
    assert lines[2] == "    hailo parser onnx net.har --hw-arch CHIP"
    assert "Next: Parse it, quantize" in Path("diagnostic_tool.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "name", "content", "said"),
    [
        ("--nms-config", "net.alls", SCRIPT, "is a model script"),
        ("--nms-config", "r.json", REPORT, "is a report of this tool"),
        ("--baseline", "n.json", NMS, "is a configuration of the NMS"),
        ("--baseline", "a.log", LOG, "is a log"),
        ("--dfc-log", "net.alls", SCRIPT, "is a model script"),
        ("--dfc-log", "nms.json", NMS, "is a configuration of the NMS"),
    ],
)
def test_files_beside_the_archive(
    option: str, name: str, content: object, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_small(Path("net.har"))
    Path(name).write_text(content if isinstance(content, str) else json.dumps(content))
    code, lines = run(capsys, option, name, "net.har")
    assert code == 2
    assert f"{name} {said}" in lines[0]
    assert lines[1].startswith("Next: ")


def test_scripts_of_another_kind(capsys: pytest.CaptureFixture[str]) -> None:
    write_small(Path("net.har"))
    Path("nms.json").write_text('{"bbox_decoders": []}')
    code, lines = run(capsys, "--lint-script", "nms.json", "--har", "net.har")
    assert code == 2
    assert lines[0] == ("[error] nms.json is a configuration of the NMS, not a model script")
    assert lines[1:3] == [
        "Next: Pass it beside the archive.",
        "    ./main.py --nms-config nms.json MODEL.har",
    ]
