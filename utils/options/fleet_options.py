"""The command line of ``fleet``: many archives, on one machine or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from utils.options.fail_on import CHOICES
from utils.options.misplaced import about_unknown
from utils.options.parser import HelpFormatter, Parser
from utils.options.result_options import refuse_same_paths
from utils.options.values import positive
from utils.tool import COMMAND, FLEET
from utils.wording import plural

WORD = FLEET
USAGE = """\
%(prog)s PLAN [options]
       %(prog)s 'PATTERN.har' --data PATH [options]
       %(prog)s --init FOLDER"""
DESCRIPTION = """\
Diagnoses many archives: cuts their data into slices, runs these on all cores of
this machine, or on a cluster of Dask, and judges every archive as the command
for a single one does."""
EPILOG = """\
examples:
  a plan of what lies in a folder, then all of it on this machine:
    %(prog)s --init nets/
    %(prog)s nets/fleet.yaml
  on a cluster that exists, with trends over the last runs:
    %(prog)s nets/fleet.yaml --scheduler tcp://10.0.0.1:8786 --history runs/

exit codes:
  0  all archives were diagnosed
  1  they were, and some of them fail by --fail-on
  2  some could not be diagnosed, or not to their end
  130  it was interrupted (Ctrl-C, SIGTERM, SIGHUP); run again, it goes on where it was"""


@dataclass(frozen=True)
class FleetOptions:
    """What the user asked for; see ``fleet --help`` for the meaning of each.

    Parameters
    ----------
    plan : a plan, or a pattern of archives; "" with `init`.
    fail_on : None leaves it to the plan.
    """

    plan: str
    init: str | None = None
    data: str | None = None
    scheduler: str = ""
    workers: int | None = None
    dashboard: bool = False
    resume: bool = True
    results: str | None = None
    history: str | None = None
    baseline: str | None = None
    fail_on: str | None = None
    html: str | None = None
    json: str | None = None
    junit: str | None = None
    sarif: str | None = None


def parse_fleet_options(argv: Sequence[str]) -> FleetOptions:
    """Read the command line; ends the process with code 2 and usage if it is wrong.

    Parameters
    ----------
    argv : arguments behind the word ``fleet``.
    """
    parser = build_fleet_parser()
    values, others = parser.parse_known_args(list(argv))
    if values.plan and others and not any(each.startswith("-") for each in others):
        parser.error(
            f"{plural(len(others) + 1, 'path')} instead of one; put a pattern into quotes, as in "
            "'nets/*.har', so that the shell does not expand it"
        )
    if others:
        parser.error(about_unknown(parser, others) or f"unrecognized arguments: {' '.join(others)}")
    if bool(values.plan) == bool(values.init):
        parser.error("give a plan or a quoted pattern of archives, or --init FOLDER, and only one")
    if values.scheduler and (values.workers or values.dashboard):
        parser.error("--workers and --dashboard are about a cluster that is made, not --scheduler")
    refuse_same_paths(parser, values, ("html", "json", "junit", "sarif"))
    return FleetOptions(**{**vars(values), "plan": values.plan or ""})


def build_fleet_parser() -> Parser:
    """The parser."""
    parser = Parser(
        prog=f"{COMMAND} {WORD}",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("plan", nargs="?", help="plan (YAML or TOML), or a quoted pattern of archives")
    add("--init", metavar="FOLDER", help="write a plan of the archives and data that lie there")
    add("--data", metavar="PATH", help="with a pattern: the calibration set of all archives")
    add(
        "--results",
        metavar="FOLDER",
        help="what is measured, and the reports; workers need it under the same path (default: "
        "PLAN-results beside the plan)",
    )
    add(
        "--resume",
        action="store_true",
        default=True,
        help="use what an earlier run left in the folder of results (default)",
    )
    add("--no-resume", dest="resume", action="store_false", help="measure everything anew")
    _add_cluster_options(parser)
    _add_report_options(parser)
    return parser


def _add_cluster_options(parser: Parser) -> None:
    group = parser.add_argument_group("machines")
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        default="",
        help="of a cluster that exists, such as tcp://10.0.0.1:8786 (default: processes on this "
        "machine, which nobody else can reach)",
    )
    group.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="processes on this machine (default: one a core, as far as the memory goes)",
    )
    group.add_argument(
        "--dashboard", action="store_true", help="show Dask's dashboard on this machine, too"
    )


def _add_report_options(parser: Parser) -> None:
    group = parser.add_argument_group(
        "results", "fleet.json and fleet.html are always written into the folder of results."
    )
    group.add_argument("--html", metavar="PATH", help="write the page here, too")
    group.add_argument("--json", metavar="PATH", help="write the table here as JSON, too")
    group.add_argument(
        "--junit", metavar="PATH", help="write a JUnit XML report, a suite for each archive"
    )
    group.add_argument("--sarif", metavar="PATH", help="write SARIF 2.1.0, a run for each archive")
    group.add_argument(
        "--history",
        metavar="FOLDER",
        help="keep each run here; the page then shows SNR and agreement over the last runs",
    )
    group.add_argument(
        "--baseline",
        metavar="FOLDER",
        help="results of an earlier fleet to compare with (default: the plan's)",
    )
    group.add_argument(
        "--fail-on",
        choices=CHOICES,
        help="exit with 1 if a finding of any archive is at least this bad (default: the plan's, "
        "else never)",
    )
