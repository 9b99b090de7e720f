from __future__ import annotations

import os
from pathlib import Path

import pytest

from utils.dataset.read_as import ReadAs
from utils.findings import Severity
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB
from utils.options.options import KNOWN_CHIPS, Options, build_parser, parse_options, sentence_on
from utils.stages import StageRequest

REFERENCE = ("m.har", "--reference", "a.onnx")
INSPECTORS = ("AInspector", "BInspector")


def parse(*argv: str) -> Options:
    return parse_options(argv, INSPECTORS)


def test_defaults() -> None:
    options = parse("model.har")
    assert options.har == "model.har"
    assert (options.dataset, options.data_count, options.hw_arch) == (None, None, None)
    assert options.log_path == "diagnostic_tool.log"
    assert (options.order, options.activation_parameters) == ((), {})
    assert (options.json, options.output_model_script, options.image_dir) == (None, None, "")
    assert (options.no_interactive, options.no_debug, options.batch_size) == (False, False, None)
    assert (options.target_snr, options.exact_sensitivity) == (None, False)
    assert options.fail_on is None


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        (["-d", "x.npy", "m.har"], "dataset", "x.npy"),
        (["-c", "7", "m.har"], "data_count", 7),
        (["m.har", "--batch-size", "3"], "batch_size", 3),
        (["--target-snr", "12.5", "m.har"], "target_snr", 12.5),
        (["--target-snr", "100", "m.har"], "target_snr", 100.0),
        (["m.har", "--exact-sensitivity"], "exact_sensitivity", True),
        (["m.har", "--quick"], "quick", True),
        (["m.har", "--score-threshold", "0.3"], "score_threshold", 0.3),
        (["m.har"], "score_threshold", 0.5),
        (
            ["m.har", "--output-kind", "a/b=classes", "--output-kind", "x=y=z"],
            "output_kinds",
            (("a/b", "classes"), ("x=y", "z")),
        ),
        (["m.har"], "read_as", ReadAs("exact", "rgb", None, "uint8")),
        (["m.har", "--resize", "crop"], "read_as", ReadAs(resize="crop")),
        (["m.har", "--colour", "bgr"], "read_as", ReadAs(colour="bgr")),
        (
            ["m.har", "--raw-shape", "4,5,3", "--raw-type", "int16"],
            "read_as",
            ReadAs(raw_shape=(4, 5, 3), raw_type="int16"),
        ),
        (["m.har", "--save-dataset", "x.npy"], "save_dataset", "x.npy"),
        (["m.har"], "stages", StageRequest()),
        (
            ["m.har", "--reference", "a.onnx", "--reference", "b.onnx"],
            "stages",
            StageRequest(references=("a.onnx", "b.onnx")),
        ),
        (
            [*REFERENCE, "--reference-normalization", "as-script", "--reference-colour", "bgr"],
            "stages",
            StageRequest(("a.onnx",), "as-script", "bgr"),
        ),
        (
            [*REFERENCE, "--reference-normalization", "mean=1,2, 3,std=4"],
            "stages",
            StageRequest(("a.onnx",), "mean=1,2,3,std=4"),
        ),
        (
            ["m.har", "--device-outputs", "out.npz"],
            "stages",
            StageRequest(device_outputs=("out.npz",)),
        ),
        (["--exact-sensitivity", "m.har"], "exact_sensitivity", True),
        (["--fail-on", "warning", "m.har"], "fail_on", Severity.WARNING),
        (["--fail-on", "error", "m.har"], "fail_on", Severity.ERROR),
        (["--fail-on", "never", "m.har"], "fail_on", None),
        (["m.har", "--order", "A", "B"], "order", ("A", "B")),
        # The archive behind an option that takes any number of values is still the archive.
        (["--order", "A", "B", "m.har"], "order", ("A", "B")),
        (["--order", "A", "m.har", "--no-debug"], "order", ("A",)),
        (["--order", "A", "m.HAR"], "order", ("A",)),
        (["--order", "A", "-c", "3", "m.har"], "order", ("A",)),
        (["--activation-parameter", "leaky=0.1", "m.har"], "activation_parameters", {"leaky": 0.1}),
        (
            ["m.har", "--activation-parameter", "a=1", "b=-2e-1", "--activation-parameter", "c=3"],
            "activation_parameters",
            {"a": 1.0, "b": -0.2, "c": 3.0},
        ),
        *((["-a", chip, "m.har"], "hw_arch", chip) for chip in KNOWN_CHIPS),
    ],
)
def test_values(argv: list[str], name: str, value: object) -> None:
    options = parse(*argv)
    assert getattr(options, name) == value
    assert options.har.lower() == "m.har"


@pytest.mark.parametrize(
    ("argv", "scripts", "har"),
    [
        (["--lint-script", "a.alls"], ("a.alls",), ""),
        (["--lint-script", "a.alls", "b.txt"], ("a.alls", "b.txt"), ""),
        (["--lint-script", "a.alls", "b.alls", "--har", "m.har"], ("a.alls", "b.alls"), "m.har"),
        (["--har", "m.har", "--lint-script", "a.alls"], ("a.alls",), "m.har"),
        (["m.har", "--lint-script", "a.alls"], ("a.alls",), "m.har"),
        (["--lint-script", "a.alls", "m.har"], ("a.alls",), "m.har"),
        (["--lint-script", "a.alls", "--fail-on", "error"], ("a.alls",), ""),
    ],
)
def test_scripts_to_be_checked(argv: list[str], scripts: tuple[str, ...], har: str) -> None:
    options = parse(*argv)
    assert (options.lint_scripts, options.har) == (scripts, har)


def test_a_script_that_exists_is_not_taken_for_the_archive(tmp_path: Path) -> None:
    scripts = [tmp_path / "a.alls", tmp_path / "b"]
    for script in scripts:
        script.touch()
    options = parse("--lint-script", *map(str, scripts))
    assert (options.lint_scripts, options.har) == (tuple(map(str, scripts)), "")


def test_an_archive_of_any_name_is_found_behind_options_that_take_many_values(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "archive"
    archive.touch()
    assert parse("--order", "A", str(archive)).har == str(archive)


def test_an_archive_may_have_the_name_of_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list").touch()
    assert parse("list").har == "list"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "har"),
        (["-c", "0", "m.har"], "not a positive whole number"),
        (["-c", "many", "m.har"], "not a positive whole number"),
        (["--batch-size", "-1", "m.har"], "not a positive whole number"),
        *(
            (["m.har", f"--target-snr={value}"], "not a number of dB above 0 and up to 100")
            for value in ("0", "-3", "100.1", "nan", "inf", "-inf", "high", "")
        ),
        (["m.har", "--exact-sensitivity=yes"], "--exact-sensitivity"),
        (["-a", "hailo9", "m.har"], "hailo15l"),
        (["--fail-on", "info", "m.har"], "never"),
        (["m.har", "--activation-parameter", "leaky"], "NAME=NUMBER"),
        (["m.har", "--activation-parameter", "leaky=nan"], "NAME=NUMBER"),
        (["m.har", "--activation-parameter", "=1"], "NAME=NUMBER"),
        (["m.har", "--xyzzy"], "unknown option --xyzzy\n"),
        (["m.har", "--nonsense"], "unknown option --nonsense\n"),
        (["explain", "low-snr"], "explain is an option: ./main.py --explain low-snr\n"),
        (
            ["lint", "a.alls", "--har", "m.har"],
            "option: ./main.py --lint-script a.alls --har m.har\n",
        ),
        (["list"], "list is an option: ./main.py --list\n"),
        (["--dta-count", "3", "m.har"], "unknown option --dta-count; did you mean --data-count?"),
        (
            ["--calib-set-path", "x.npy", "m.har"],
            "unknown option --calib-set-path; data are passed",
        ),
        (["--model-script=a.alls", "m.har"], "--lint-script FILE checks another"),
        (["--output", "x.html", "m.har"], "reports are written by --html, --json"),
        (["--quik", "--pat=3", "m.har"], "did you mean --quick?; unknown option --pat"),
        (["m.har", "c.npy"], "data are passed with -d: ./main.py -d c.npy m.har"),
        (["c.npy", "m.har"], "data are passed with -d: ./main.py -d c.npy m.har"),
        (["m.har", "n.har"], "2 archives instead of one"),
        (["m.har", "words"], "unrecognized arguments: words"),
        (["-d", "p/a.png", "p/b.png", "p/c.png", "m.har"], "quote the pattern: -d 'p/*.png'"),
        (["-d", "p/a.png", "p/b.png", "m.har", "--quick"], "quote the pattern: -d 'p/*.png'"),
        (["--lint-script", "m.har"], "m.har is an archive, whose script is checked in every run"),
        (["--lint-script", "m.har", "--json", "x"], "m.har is an archive"),
        (["m.har", "--json", "x", "--html", "./x"], "--html and --json name the same file, x"),
        (["m.har", "--log-path", "x", "--output-model-script", "x"], "name the same file, x"),
        (["m.har", "--sarif", "diagnostic_tool.log"], "--sarif and --log-path name the same file"),
        (["--har", "m.har"], "--har goes with --lint-script"),
        (["m.har", "--har", "n.har"], "--har goes with --lint-script"),
        (["--lint-script"], "--lint-script"),
        (["m.har", "--lint-script", "a", "--har", "n.har"], "takes one archive, here are two"),
        (["--lint-script", "a", "-d", "x.npy"], "does not go with --dataset"),
        (["--lint-script", "a", "--html", "x"], "does not go with --html"),
        (["--lint-script", "a", "--output-model-script", "x"], "with --output-model-script"),
        (["--lint-script", "a", "--order", "A"], "does not go with --order"),
        (["--lint-script", "a", "--dfc-log", "x"], "does not go with --dfc-log"),
        (["--lint-script", "a", "--nms-config", "x"], "does not go with --nms-config"),
        (["--lint-script", "a", "-c", "3"], "does not go with --data-count"),
        (["--lint-script", "a", "--target-snr", "3"], "does not go with --target-snr"),
        (["--lint-script", "a", "--output-kind", "b=c"], "does not go with --output-kind"),
        (["m.har", "--output-kind", "classes"], "'classes' is not LAYER=KIND"),
        (["m.har", "--output-kind", "=classes"], "is not LAYER=KIND, as in output_layer1=classes"),
        (["m.har", "--score-threshold", "1"], "'1' is not a probability above 0 and below 1"),
        (["m.har", "--score-threshold", "x"], "'x' is not a probability"),
        (["m.har", "--ord", "A"], "--ord"),
        (["m.har", "--quick", "--exact-sensitivity"], "--quick leaves out what"),
        (["m.har", "--resize", "squeeze"], "letterbox"),
        (["m.har", "--raw-type", "int16"], "--raw-type goes with --raw-shape"),
        *(
            (["m.har", "--raw-shape", shape], "is not HEIGHT,WIDTH,CHANNELS, as in 224,224,3")
            for shape in ("4,5", "4,5,0", "4,5,-3", "a,b,c", "4,5,3,1", "", "9999999,1,1")
        ),
        (["--lint-script", "a", "--resize", "crop"], "does not go with --resize"),
        (["--lint-script", "a", "--save-dataset", "x"], "does not go with --save-dataset"),
        (["--lint-script", "a", "--reference", "x"], "does not go with --reference"),
        (["m.har", "--reference-colour", "bgr"], "goes with --reference"),
        ([*REFERENCE, "--reference-colour", "grey"], "bgr"),
        *(
            ([*REFERENCE, "--reference-normalization", how], "as in mean=123.7,116.3,103.5,std=")
            for how in ("imagenet", "mean=1", "mean=1,std=0", "mean=x,std=1", "mean=1,2,std=1,2,3")
        ),
    ],
)
def test_wrong_command_lines_end_with_code_2_and_say_why(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(*argv)
    assert stop.value.code == 2
    usage, mark, complaint = capsys.readouterr().err.partition("\n[error] ")
    assert usage.startswith("usage: main.py")
    assert mark
    assert said in complaint


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ([], ()),
        (["--backend", "auto"], ()),
        (["-c", "7"], ("--data-count",)),
        (["--backend", "embedded"], ("--backend",)),
        (["--batch-size", "2"], ("--batch-size",)),
        (["--activation-parameter", "leaky=0.1"], ("--activation-parameter",)),
        (["--image-dir", "."], ("--image-dir",)),
        (["--reference", "a.onnx"], ("--reference",)),
        (["--device-outputs", "a.npz"], ("--device-outputs",)),
        (
            ["--target-snr", "20", "--exact-sensitivity", "-c", "64"],
            ("--data-count", "--target-snr", "--exact-sensitivity"),
        ),
    ],
)
def test_options_about_data_are_idle_without_any(argv: list[str], named: tuple[str, ...]) -> None:
    assert parse(*argv, "m.har").without_effect == named
    assert parse(*argv, "-d", "x.npy", "m.har").without_effect == ()


def test_one_sentence_names_all_options_without_effect() -> None:
    assert sentence_on(["--data-count"]).startswith("--data-count has no effect without data; ")
    assert sentence_on(["--a", "--b"]).startswith("--a and --b have no effect without data; ")


@pytest.mark.parametrize(
    ("argv", "folder"),
    [
        ([], ""),
        (["--log-path", "my.log"], ""),
        (["--log-path", "logs/my.log"], "logs"),
        (["--log-path", "logs/my.log", "--image-dir", "sheets"], "sheets"),
        (["--log-path", "logs/my.log", "--image-dir", "."], "."),
        (["--log-path", os.devnull], ""),
    ],
)
def test_images_go_beside_the_log_unless_told_otherwise(argv: list[str], folder: str) -> None:
    assert parse(*argv, "m.har").image_dir == folder


def test_help_says_which_target_holds_unless_told_otherwise() -> None:
    words = " ".join(build_parser(INSPECTORS).format_help().split())
    assert "--target-snr DB SNR in dB that the 16-bit plan has to reach" in words
    assert f"(default: {DEFAULT_TARGET_DB:g} where" in words


def test_help_names_every_inspector_and_the_exit_codes() -> None:
    text = build_parser(INSPECTORS).format_help()
    assert "AInspector, BInspector" in text
    assert "exit codes:" in text
