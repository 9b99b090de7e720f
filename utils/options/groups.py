"""The options of the command line, in the groups in which ``--help`` shows them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from utils.dataset.facts import DEFAULT_DATA_COUNT, LARGEST_WHOLE_FILE
from utils.har.activation_parameters import ACTIVATION_PARAMETERS
from utils.jobs.backend_names import AUTO, CHOICES
from utils.measurements import device_names
from utils.measurements.mixed_precision import DEFAULT_TARGET_DB
from utils.measurements.output_kind import DEFAULT_SCORE_THRESHOLD, KNOWN_KINDS
from utils.options import help_text
from utils.options.fail_on import CHOICES as FAIL_ON
from utils.options.fail_on import NEVER
from utils.options.parser import HelpFormatter, Parser
from utils.options.reading_options import add_reading_options
from utils.options.result_options import add_result_options
from utils.options.showing_options import add_showing_options
from utils.options.stage_options import add_stage_options
from utils.options.values import (
    assignment,
    layer_and_kind,
    positive,
    probability,
    target_in_decibels,
)
from utils.tool import COMMAND, NAME, VERSION

KNOWN_CHIPS = ("hailo8", "hailo8r", "hailo8l", "hailo10h", "hailo15h", "hailo15m", "hailo15l")
SHELLS = ("bash", "zsh", "tcsh", "fish")  # for which completion scripts can be written

_Group = argparse._ArgumentGroup


def build_parser(inspectors: Iterable[str]) -> argparse.ArgumentParser:
    """The parser.

    Parameters
    ----------
    inspectors : names that the help lists.
    """
    parser = Parser(
        prog=COMMAND,
        usage=help_text.USAGE,
        description=help_text.DESCRIPTION,
        epilog=help_text.epilog(inspectors),
        formatter_class=HelpFormatter,
        allow_abbrev=False,  # the archive is looked for behind options by their full name
        add_help=False,  # it stands with what is done instead of a diagnosis
    )
    _add_input_options(parser.add_argument_group(*help_text.INPUT))
    add_stage_options(parser.add_argument_group(*help_text.STAGES))
    measuring = parser.add_argument_group(*help_text.MEASURING)
    _add_emulation_options(measuring)
    _add_judged_options(measuring)
    add_result_options(parser.add_argument_group(*help_text.RESULTS))
    _add_judging_options(parser.add_argument_group(*help_text.JUDGING))
    add_showing_options(parser.add_argument_group(*help_text.SHOWING))
    _add_other_options(parser.add_argument_group(*help_text.OTHER))
    return parser


def _add_input_options(group: _Group) -> None:
    add = group.add_argument
    add("har", nargs="?", help="quantized or compiled Hailo Archive")
    add(
        "-d",
        "--dataset",
        metavar="PATH",
        help="calibration set: npy, or npz with one array per input; a folder or a quoted pattern "
        "of pictures, npy or raw files, with a folder for each of several inputs; a TFRecord of "
        "pictures",
    )
    add(
        "-c",
        "--data-count",
        type=positive,
        metavar="N",
        help="samples to use, evenly spread over the file; all if it holds fewer (default: all of "
        f"up to {LARGEST_WHOLE_FILE} where that takes seconds, else {DEFAULT_DATA_COUNT})",
    )
    add_reading_options(group)
    add(
        "--dfc-log",
        action="append",
        default=[],
        metavar="FILE",
        help="log of the compiler, to be read for what it silently did; may be given repeatedly",
    )
    add("--nms-config", metavar="FILE", help="JSON file that the script's nms_postprocess names")


def _add_judging_options(group: _Group) -> None:
    add = group.add_argument
    add(
        "--order",
        nargs="+",
        metavar="INSPECTOR",
        help="run these inspectors, in this order (default: all of them)",
    )
    add(
        "--inspectors",
        action="append",
        default=[],
        metavar="DIR",
        help="run the inspectors of this folder, too: Python files of your own, whose code is run; "
        "may be given repeatedly",
    )
    add(
        "-a",
        "--hw_arch",
        "--hw-arch",
        choices=KNOWN_CHIPS,
        metavar="CHIP",
        help=f"chip to judge for (default: the archive's): {', '.join(KNOWN_CHIPS)}",
    )
    add(
        "--baseline",
        metavar="REPORT",
        help="JSON report of an earlier run (--json) to compare with: what is new, fixed, worse, "
        "better, and what was changed",
    )
    add(
        "--fail-on",
        choices=FAIL_ON,
        default=NEVER,
        help="exit with 1 if a finding is at least this bad; with new-, only findings that are new "
        "or became worse since --baseline count (default: %(default)s)",
    )
    add(
        "--config",
        metavar="FILE",
        help="TOML file with options and findings to ignore (default: hailo-first-aid.toml, or the "
        "table [tool.hailo-first-aid] of pyproject.toml, in the current folder)",
    )


def _add_other_options(group: _Group) -> None:
    add = group.add_argument
    add(
        "--lint-script",
        nargs="+",
        metavar="FILE",
        help="only check these model scripts, line by line; --fail-on, --json, --junit, --sarif "
        "and --markdown work as in a diagnosis",
    )
    add(
        "--har",
        dest="network_har",
        metavar="HAR",
        help="with --lint-script: archive, of any state, whose layers the scripts may name",
    )
    add(
        "--explain",
        metavar="ID",
        help="print what is documented of a finding or an inspector",
    )
    add(
        "--list",
        action="store_true",
        dest="list_all",
        help="list all inspectors, in the order in which they run, and their findings",
    )
    add(
        "--print-completion",
        choices=SHELLS,
        metavar="SHELL",
        help=f"print what makes a shell complete these options: {', '.join(SHELLS)}",
    )
    add("--version", action="version", version=f"{NAME} {VERSION}", help="show the version")
    add("-h", "--help", action="help", help="show this text")


def _add_emulation_options(group: _Group) -> None:
    add = group.add_argument
    add(
        "--backend",
        choices=CHOICES,
        default=AUTO,
        help="what runs the networks: Hailo's SDK (sdk), the engine of this tool (embedded), both "
        "to compare them (both), or the SDK where it is installed (auto) (default: %(default)s)",
    )
    add(
        "--device",
        choices=device_names.CHOICES,
        default=device_names.AUTO,
        help="where the networks run: on the CPU (cpu), on a GPU and nowhere else (gpu), or on a "
        "GPU "
        "if TensorFlow sees one whose memory suffices, else on the CPU (auto) (default: "
        "%(default)s)",
    )
    add(
        "--batch-size",
        type=positive,
        metavar="N",
        help="samples emulated at once (default: what suits the network)",
    )
    add(
        "--activation-parameter",
        nargs="+",
        type=assignment,
        action="extend",
        metavar="NAME=VALUE",
        help="number that the archive does not hold, e.g. leaky=0.01; names: "
        + ", ".join(ACTIVATION_PARAMETERS),
    )


def _add_judged_options(group: _Group) -> None:
    add = group.add_argument
    add(
        "--target-snr",
        type=target_in_decibels,
        metavar="DB",
        help="SNR in dB that the 16-bit plan has to reach at every output (default: "
        f"{DEFAULT_TARGET_DB:g} where decisions are not counted)",
    )
    add(
        "--output-kind",
        type=layer_and_kind,
        action="append",
        default=[],
        metavar="LAYER=KIND",
        help="what an output stands for, where graph and names do not tell; may be given "
        f"repeatedly; kinds: {', '.join(KNOWN_KINDS)}",
    )
    add(
        "--score-threshold",
        type=probability,
        metavar="P",
        help="probability above which a score, or a cell of a detector, fires (default: "
        f"{DEFAULT_SCORE_THRESHOLD:g})",
    )
    add(
        "--exact-sensitivity",
        action="store_true",
        help="search for guilty layers and 16-bit plans however long it takes and however clean "
        "the "
        "outputs are; by default the search takes at most as long as measuring the data",
    )
    add(
        "--quick",
        action="store_true",
        help="only measure the data: do not search for guilty layers and 16-bit plans",
    )
