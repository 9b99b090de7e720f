"""What ``--help`` says besides the options themselves."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable

Group = tuple[str, str | None]
NARROWEST = 40  # columns; names are longer than half of that

USAGE = """\
%(prog)s [-d PATH] [options] model.har
       %(prog)s --lint-script FILE... [--har model.har]
       %(prog)s --explain ID | --list | --print-completion SHELL | --version | --help
       %(prog)s fleet PLAN | --help"""

DESCRIPTION = """\
First aid for a network quantized for a Hailo chip: reads the quantized archive
(HAR), emulates it over the calibration set and says what is wrong with it, and
what to do."""

# Groups of options, in the order in which they are shown: title and what is to be known of all.
INPUT: Group = ("input", None)
STAGES: Group = ("where accuracy is lost", None)
MEASURING: Group = ("what is measured", None)
RESULTS: Group = (
    "results",
    "PATH may be - for standard output, once; then the lines of the terminal go to\n"
    "standard error. A file that exists is not overwritten without a yes; without a\n"
    "terminal the next free name is taken. Contact sheets replace those of an earlier\n"
    "run, and nothing else. Where their folder cannot be written, they and the log go\n"
    "to a temporary one, which is named.",
)
JUDGING: Group = ("what counts", None)
SHOWING: Group = ("what is shown, and logged", None)
OTHER: Group = (
    "instead of a diagnosis",
    "None of these reads data; only --lint-script reads archives.",
)

EXAMPLES = """\
examples:
  static checks only, about a second:
    %(prog)s model.har
  with a folder of pictures, scaled as detectors want them; kept for the compiler:
    %(prog)s -d pictures/ --resize letterbox --save-dataset calibset.npy model.har
  with data, everything; with whole names and what to do about infos:
    %(prog)s -v -d calibset.npy model.har
  what to put into the model script, and 16-bit layers for 30 dB:
    %(prog)s -d calibset.npy --target-snr 30 --output-model-script better.alls model.har
  a page to look at:
    %(prog)s -d calibset.npy --html report.html model.har
  in CI: a report for the server, and a failure only for what became worse:
    %(prog)s -d calibset.npy --json before.json model.har
    %(prog)s -d calibset.npy --baseline before.json --fail-on new-error \\
        --junit report.xml --no-interactive model.har
  whether accuracy was lost before quantization, or on the chip:
    %(prog)s -d calibset.npy --reference model.onnx model.har
    %(prog)s -d calibset.npy --device-outputs outputs.npz model.har
  what the compiler did silently; a model script alone; what a finding means:
    %(prog)s --dfc-log hailo_sdk.client.log model.har
    %(prog)s --lint-script model.alls --har model.har
    %(prog)s --explain low-snr"""

EXIT_CODES = """\
exit codes:
  0  the diagnosis ran
  1  it ran and found something at or above --fail-on
  2  it could not run, or not to its end: see the message
  130  it was interrupted (Ctrl-C, SIGTERM, SIGHUP); what was measured before is reported"""

ENVIRONMENT = """\
environment:
  COLUMNS       width to break lines at (default: the terminal's; none in pipes)
  NO_COLOR      if not empty, no colours even on a terminal
  FORCE_COLOR   if not empty, colours even without a terminal; NO_COLOR wins
  TERM          dumb means no colours
  FIRST_AID_IN_PROCESS
                if not empty, the networks run in the command's own process"""

FILES = """\
files:
  diagnostic_tool.log          every run, in whole sentences (--log-path)
  .diagnostic_tool_debug.log   the same with times and tracebacks (--no-debug)
  standard.jpg, inverse.jpg    some samples, if they are images (--image-dir)
  resize.jpg                   what --resize does to pictures that do not fit (--image-dir)"""


def epilog(inspectors: Iterable[str]) -> str:
    """What follows the options.

    Parameters
    ----------
    inspectors : names in any order.
    """
    # argparse leaves two columns free; what it does not fill we fill alike.
    width = max(shutil.get_terminal_size().columns - 2, NARROWEST)
    fixed = (EXAMPLES, EXIT_CODES, ENVIRONMENT, FILES)
    return "\n\n".join((*fixed, _inspector_list(inspectors, width)))


def _inspector_list(inspectors: Iterable[str], width: int) -> str:
    names = ", ".join(sorted(inspectors))
    lines = textwrap.wrap(names, width, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(["inspectors (--list says what each of them asks):", *lines])
