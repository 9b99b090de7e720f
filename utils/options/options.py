"""The command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from utils.findings import Severity
from utils.measurements.backend_names import AUTO, BOTH
from utils.options.fail_on import NEVER, is_about_new, severity_of
from utils.options.groups import KNOWN_CHIPS, build_parser

__all__ = ["KNOWN_CHIPS", "Options", "build_parser", "parse_options"]

# Options that take any number of values and would swallow the archive behind them.
_GREEDY_OPTIONS = ("--order", "--activation-parameter", "--lint-script")
# What --lint-script does not go with, as it reads nothing but scripts.
_OPTIONS_OF_A_DIAGNOSIS = (
    "dataset",
    "output_model_script",
    "order",
    "html",
    "json",
    "junit",
    "sarif",
    "markdown",
    "baseline",
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
    backend: str = AUTO
    verbose: bool = False
    html: str | None = None
    junit: str | None = None
    sarif: str | None = None
    markdown: str | None = None
    baseline: str | None = None
    fail_on_new: bool = False
    fail_on_choice: str = NEVER
    explain: str | None = None
    list_all: bool = False


def parse_options(
    argv: Sequence[str], inspectors: Mapping[str, str], finding_ids: Sequence[str] = ()
) -> Options:
    """Read the command line; ends the process with code 2 and usage if it is wrong.

    Parameters
    ----------
    argv : arguments without the program's name.
    inspectors : one-line summary by name, in the order in which they run, for the help.
    finding_ids : words that a shell may complete behind ``--explain``.
    """
    parser = build_parser(inspectors, finding_ids)
    values = parser.parse_args(_archive_set_apart(list(argv)))
    _check_archive(parser, values)
    if values.backend == BOTH and not values.dataset:
        parser.error("--backend both compares two engines on data; pass them with -d")
    if is_about_new(values.fail_on) and not values.baseline:
        parser.error("--fail-on new-... goes with --baseline")
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
        fail_on=severity_of(values.fail_on),
        dfc_logs=tuple(values.dfc_log),
        nms_config=values.nms_config,
        lint_scripts=tuple(values.lint_script or ()),
        backend=values.backend,
        verbose=values.verbose,
        html=values.html,
        junit=values.junit,
        sarif=values.sarif,
        markdown=values.markdown,
        baseline=values.baseline,
        fail_on_new=is_about_new(values.fail_on),
        fail_on_choice=values.fail_on,
        explain=values.explain,
        list_all=values.list_all,
    )


def _check_archive(parser: argparse.ArgumentParser, values: argparse.Namespace) -> None:
    """End with usage if the archive is missing, or does not belong here."""
    if not values.lint_script:
        if values.network_har:
            parser.error("--har goes with --lint-script; give the archive without an option")
        if not values.har and not values.explain and not values.list_all:
            parser.error("the following arguments are required: har")
        return
    if values.har and values.network_har:
        parser.error("--lint-script takes one archive, here are two")
    for name in _OPTIONS_OF_A_DIAGNOSIS:
        if getattr(values, name):
            option = name.replace("_", "-")
            parser.error(f"--lint-script checks scripts only and does not go with --{option}")


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
