"""What ``--help`` says besides the options themselves."""

from __future__ import annotations

from collections.abc import Mapping

Group = tuple[str, str | None]

USAGE = """\
%(prog)s [-d FILE] [options] model.har
       %(prog)s --lint-script FILE... [--har model.har]
       %(prog)s --explain ID | --list | --print-completion SHELL | --version | --help"""

DESCRIPTION = """\
First aid for a network quantized for a Hailo chip: reads the quantized archive (HAR),
emulates it over the calibration set and says what is wrong with it, and what to do."""

# Groups of options, in the order in which they are shown: title and what is to be known of all.
INPUT: Group = ("input", None)
MEASURING: Group = ("what is measured", None)
RESULTS: Group = (
    "results",
    "PATH may be /dev/stdout; then the terminal's lines go to standard error. A file that exists\n"
    "is not overwritten without a yes; without a terminal the next free name is taken.",
)
JUDGING: Group = ("what counts", None)
SHOWING: Group = ("what is shown, and logged", None)
OTHER: Group = (
    "instead of a diagnosis",
    "None of these reads data; only --lint-script reads archives.",
)

EXAMPLES = """\
examples:
  main.py model.har                         static checks only, below a second
  main.py -d calibset.npy model.har         with data: everything
  main.py -v -d calibset.npy model.har      with reasons, and what to do about each
  main.py -d calibset.npy --output-model-script better.alls model.har
  main.py -d calibset.npy --target-snr 30 model.har       16-bit layers for 30 dB
  main.py -d calibset.npy --json before.json model_16bit.har
  main.py -d calibset.npy --baseline before.json model_8bit.har
  main.py -d calibset.npy --no-interactive --fail-on error --junit report.xml model.har
  main.py --dfc-log hailo_sdk.client.log model.har        what the compiler did silently
  main.py --lint-script model.alls --har model.har        a model script alone
  main.py --explain low-snr                               what a finding means"""

EXIT_CODES = """\
exit codes:
  0  the diagnosis ran
  1  it ran and found something at or above --fail-on
  2  it could not run, or not whole: see the message"""

ENVIRONMENT = """\
environment:
  COLUMNS       width to break lines at; default: the terminal's, and none in pipes and files
  NO_COLOR      if not empty, no colours even on a terminal
  FORCE_COLOR   if not empty, colours even where there is no terminal; NO_COLOR wins
  TERM          dumb means no colours"""

FILES = """\
files:
  diagnostic_tool.log          every run, in whole sentences, is appended to it (--log-path)
  .diagnostic_tool_debug.log   the same with times and tracebacks, to report bugs (--no-debug)
  standard.jpg, inverse.jpg    the first samples, if they are images (--image-dir)"""


def epilog(inspectors: Mapping[str, str]) -> str:
    """What follows the options.

    Parameters
    ----------
    inspectors : one-line summary by name, in the order in which they run.
    """
    return "\n\n".join((EXAMPLES, EXIT_CODES, ENVIRONMENT, FILES, _inspector_list(inspectors)))


def _inspector_list(inspectors: Mapping[str, str]) -> str:
    lines = ["inspectors, in the order in which they run:"]
    # argparse takes %(prog)s in this text for its own.
    lines += [
        f"  {name:<29} {summary}".rstrip().replace("%(", "% (")
        for name, summary in inspectors.items()
    ]
    return "\n".join(lines)
