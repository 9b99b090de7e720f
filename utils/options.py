"""The command line."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from utils.findings import Severity
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.mixed_precision import DEFAULT_TARGET_DB
from utils.version import NAME, VERSION

KNOWN_CHIPS = ("hailo8", "hailo8r", "hailo8l", "hailo10h", "hailo15h", "hailo15m", "hailo15l")
DEFAULT_DATA_COUNT = 64  # what the compiler itself uses for calibration unless told otherwise
DEFAULT_LOG_PATH = "diagnostic_tool.log"
HIGHEST_TARGET_DB = 100.0  # the widest codes, of 15 bits, end at about 90 dB
# Options that take any number of values and would swallow the archive behind them.
_GREEDY_OPTIONS = ("--order", "--activation-parameter", "--lint-script")
# What --lint-script does not go with, as it reads nothing but scripts.
_OPTIONS_OF_A_DIAGNOSIS = (
    "dataset",
    "output_model_script",
    "order",
    "json",
    "dfc_log",
    "nms_config",
)


@dataclass(frozen=True)
class Options:
    """What the user asked for; see ``--help`` for the meaning of each."""

    har: str
    dataset: str | None
    data_count: int
    hw_arch: str | None
    log_path: str
    no_interactive: bool
    output_model_script: str | None
    order: tuple[str, ...]
    no_debug: bool
    batch_size: int | None
    json: str | None
    image_dir: str
    activation_parameters: dict[str, float]
    target_snr: float
    exact_sensitivity: bool
    fail_on: Severity | None
    dfc_logs: tuple[str, ...] = ()
    nms_config: str | None = None
    lint_scripts: tuple[str, ...] = ()


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Shows ``-d, --dataset DATASET`` on every Python; before 3.13 argparse wrote it otherwise."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        metavar = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {metavar}"


def parse_options(argv: Sequence[str], inspectors: Mapping[str, str]) -> Options:
    """Read the command line; ends the process with code 2 and usage if it is wrong.

    Parameters
    ----------
    argv : arguments without the program's name.
    inspectors : one-line summary by name, in the order in which they run, for the help.
    """
    parser = build_parser(inspectors)
    values = parser.parse_args(_archive_set_apart(list(argv)))
    _check_archive(parser, values)
    return Options(
        har=values.har or values.network_har or "",
        dataset=values.dataset,
        data_count=values.data_count,
        hw_arch=values.hw_arch,
        log_path=values.log_path,
        no_interactive=values.no_interactive,
        output_model_script=values.output_model_script,
        order=tuple(values.order or ()),
        no_debug=values.no_debug,
        batch_size=values.batch_size,
        json=values.json,
        image_dir=values.image_dir,
        activation_parameters=dict(values.activation_parameter or ()),
        target_snr=values.target_snr,
        exact_sensitivity=values.exact_sensitivity,
        fail_on=None if values.fail_on == "never" else Severity[values.fail_on.upper()],
        dfc_logs=tuple(values.dfc_log),
        nms_config=values.nms_config,
        lint_scripts=tuple(values.lint_script or ()),
    )


def _check_archive(parser: argparse.ArgumentParser, values: argparse.Namespace) -> None:
    """End with usage if the archive is missing, or does not belong here."""
    if not values.lint_script:
        if values.network_har:
            parser.error("--har goes with --lint-script; give the archive without an option")
        if not values.har:
            parser.error("the following arguments are required: har")
        return
    if values.har and values.network_har:
        parser.error("--lint-script takes one archive, here are two")
    for name in _OPTIONS_OF_A_DIAGNOSIS:
        if getattr(values, name):
            option = name.replace("_", "-")
            parser.error(f"--lint-script checks scripts only and does not go with --{option}")


def build_parser(inspectors: Mapping[str, str]) -> argparse.ArgumentParser:
    """The parser; the help text documents every inspector that was found."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="First aid for a network quantized for a Hailo chip: reads the quantized\n"
        "archive (HAR), emulates it over the calibration set and says what is wrong with it.",
        epilog=_inspector_help(inspectors),
        formatter_class=_HelpFormatter,
        allow_abbrev=False,  # the archive is looked for behind options by their full name
    )
    add = parser.add_argument
    add("har", nargs="?", help="quantized or compiled Hailo Archive")
    add("-d", "--dataset", help="calibration set: npy, or npz with one array per input")
    add(
        "-c",
        "--data-count",
        type=_positive,
        default=DEFAULT_DATA_COUNT,
        help="samples to use (default: %(default)s; more than there are means all)",
    )
    add("-a", "--hw_arch", "--hw-arch", choices=KNOWN_CHIPS, help="chip; default: the archive's")
    add("--log-path", default=DEFAULT_LOG_PATH, help="log file, appended to (default: %(default)s)")
    add("--no-interactive", action="store_true", help="never ask; every question takes its default")
    add("--output-model-script", metavar="PATH", help="write the recommended model script here")
    add(
        "--order",
        nargs="+",
        metavar="INSPECTOR",
        help="run these inspectors, in this order (default: all of them)",
    )
    add("--no-debug", action="store_true", help="write no hidden debug log beside the log")
    add("--json", metavar="PATH", help="write the full report here as JSON")
    add(
        "--dfc-log",
        action="append",
        default=[],
        metavar="FILE",
        help="log of the compiler, to be read for what it silently did; may be given repeatedly",
    )
    add("--nms-config", metavar="FILE", help="JSON file that the script's nms_postprocess names")
    add("--image-dir", metavar="DIR", default=".", help="folder for contact sheets (default: .)")
    _add_emulation_options(parser)
    _add_lint_options(parser)
    add(
        "--fail-on",
        choices=("never", "warning", "error"),
        default="never",
        help="exit with 1 if a finding is at least this bad (default: %(default)s)",
    )
    add("--version", action="version", version=f"{NAME} {VERSION}")
    return parser


def _add_lint_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lint-script",
        nargs="+",
        metavar="FILE",
        help="only check these model scripts, line by line; takes no archive and no data",
    )
    parser.add_argument(
        "--har",
        dest="network_har",
        metavar="HAR",
        help="with --lint-script: archive, of any state, whose layers the scripts may name",
    )


def _add_emulation_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--batch-size",
        type=_positive,
        metavar="N",
        help="samples emulated at once (default: what suits the network)",
    )
    add(
        "--activation-parameter",
        nargs="+",
        type=_assignment,
        action="extend",
        metavar="NAME=VALUE",
        help="number that the archive does not hold, e.g. leaky=0.01; names: "
        + ", ".join(ACTIVATION_PARAMETERS),
    )
    add(
        "--target-snr",
        type=_target_in_decibels,
        default=DEFAULT_TARGET_DB,
        metavar="DB",
        help="SNR in dB that the 16-bit plan has to reach at every output (default: %(default)g)",
    )
    add(
        "--exact-sensitivity",
        action="store_true",
        help="measure every layer's effect on the outputs by replay instead of estimating it",
    )


def _inspector_help(inspectors: Mapping[str, str]) -> str:
    lines = ["inspectors, in the order in which they run:"]
    # argparse takes %(prog)s in this text for its own.
    lines += [
        f"  {name:<29} {summary}".rstrip().replace("%(", "% (")
        for name, summary in inspectors.items()
    ]
    lines += [
        "",
        "exit codes:",
        "  0  the diagnosis ran",
        "  1  it ran and found something at or above --fail-on",
        "  2  it could not run, or not whole: see the message",
    ]
    return "\n".join(lines)


def _archive_set_apart(argv: list[str]) -> list[str]:
    # `--order A B model.har`: argparse would take the archive for an inspector.
    option = ""
    for index, word in enumerate(argv):
        if word.startswith("-"):
            option = word.partition("=")[0]
        elif option in _GREEDY_OPTIONS and _may_be_archive(word, option):
            return [word, *argv[:index], *argv[index + 1 :]]
    return argv


def _may_be_archive(word: str, option: str) -> bool:
    # The scripts to be checked are files as well.
    is_file = option != "--lint-script" and os.path.isfile(word)
    return word.lower().endswith(".har") or is_file


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")
    return value


def _target_in_decibels(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= HIGHEST_TARGET_DB:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of dB above 0 and up to {HIGHEST_TARGET_DB:g}"
        )
    return value


def _assignment(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not separator or not name or not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, as in leaky=0.01")
    return name, number
