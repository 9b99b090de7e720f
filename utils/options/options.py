"""The command line."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from utils.dataset.read_as import EXACT, RGB, UINT8, ReadAs
from utils.findings import Severity
from utils.findings.ignored import IgnoreRule
from utils.jobs.backend_names import AUTO, BOTH
from utils.measurements import device_names
from utils.measurements.output_kind import DEFAULT_SCORE_THRESHOLD
from utils.options.configured import configured
from utils.options.fail_on import NEVER, is_about_new, severity_of
from utils.options.groups import KNOWN_CHIPS, build_parser
from utils.options.misplaced import about_command, about_lint, about_the_rest
from utils.options.result_options import RESULTS, refuse_same_paths, with_standard_output
from utils.options.showing_options import GITHUB, with_quiet_level
from utils.options.stage_options import stage_request
from utils.stages import StageRequest
from utils.terminal.logger import Console
from utils.wording import listed

__all__ = ["KNOWN_CHIPS", "Options", "build_parser", "parse_options"]

# Options that take any number of values and would swallow the archive behind them.
_GREEDY_OPTIONS = ("--order", "--activation-parameter", "--lint-script")
# What --lint-script does not go with, as it reads nothing but scripts.
_OPTIONS_OF_A_DIAGNOSIS = (
    "dataset",
    "output_model_script",
    "order",
    "html",
    "baseline",
    "dfc_log",
    "nms_config",
)
# What has no effect without data.
_OPTIONS_ABOUT_DATA = (
    "data_count",
    "backend",
    "device",
    "batch_size",
    "activation_parameter",
    "target_snr",
    "output_kind",
    "score_threshold",
    "exact_sensitivity",
    "quick",
    "image_dir",
    "resize",
    "colour",
    "raw_shape",
    "raw_type",
    "save_dataset",
    "reference",
    "reference_normalization",
    "reference_colour",
    "device_outputs",
)


@dataclass(frozen=True)
class Options:
    """What the user asked for; see ``--help`` for the meaning of each.

    Parameters
    ----------
    without_effect : options that were given although what they are about was not.
    configuration : the file that options and `ignored` come from; "" for none.
    """

    har: str
    dataset: str | None
    data_count: int | None
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
    target_snr: float | None
    exact_sensitivity: bool
    quick: bool
    fail_on: Severity | None
    dfc_logs: tuple[str, ...] = ()
    nms_config: str | None = None
    lint_scripts: tuple[str, ...] = ()
    output_kinds: tuple[tuple[str, str], ...] = ()
    score_threshold: float = DEFAULT_SCORE_THRESHOLD
    backend: str = AUTO
    device: str = device_names.AUTO
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
    print_completion: str | None = None
    without_effect: tuple[str, ...] = ()
    read_as: ReadAs = field(default_factory=ReadAs)
    save_dataset: str | None = None
    stages: StageRequest = field(default_factory=StageRequest)
    inspector_folders: tuple[str, ...] = ()
    configuration: str = ""
    ignored: tuple[IgnoreRule, ...] = ()
    quiet: Severity | None = None
    is_for_github: bool = False

    @property
    def is_brief(self) -> bool:
        """Whether the console gets what matters at the end, and nothing before."""
        return self.quiet is not None or self.is_for_github

    @property
    def console(self) -> Console:
        """What the console gets of the sentences of a run."""
        least = max(Severity.WARNING, self.quiet or Severity.INFO)
        return Console(least if self.is_brief else Severity.INFO, self.is_for_github)


def parse_options(argv: Sequence[str], inspectors: Iterable[str]) -> Options:
    """Read the command line; ends the process with code 2 and usage if it is wrong.

    Parameters
    ----------
    argv : arguments without the program's name.
    inspectors : names that the help lists.
    """
    parser = build_parser(inspectors)
    configuration, ignored = configured(parser, argv)
    values = _parsed(parser, argv)
    _check_archive(parser, values)
    _check_combinations(parser, values)
    with_standard_output(parser, values)
    refuse_same_paths(parser, values, (*RESULTS, "log_path"))
    given_about_data = tuple(_given(parser, values, _OPTIONS_ABOUT_DATA))
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
        image_dir=_image_folder(values.image_dir, values.log_path),
        activation_parameters=dict(values.activation_parameter or ()),
        target_snr=values.target_snr,
        exact_sensitivity=values.exact_sensitivity,
        quick=values.quick,
        fail_on=severity_of(values.fail_on),
        dfc_logs=tuple(values.dfc_log),
        nms_config=values.nms_config,
        lint_scripts=tuple(values.lint_script or ()),
        output_kinds=tuple(values.output_kind),
        score_threshold=values.score_threshold or DEFAULT_SCORE_THRESHOLD,
        backend=values.backend,
        device=values.device,
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
        print_completion=values.print_completion,
        read_as=_reading(values),
        save_dataset=values.save_dataset,
        stages=stage_request(values),
        inspector_folders=tuple(values.inspectors),
        without_effect=() if values.dataset else given_about_data,
        configuration=configuration.path,
        ignored=ignored,
        quiet=Severity.labelled(values.quiet) if values.quiet else None,
        is_for_github=values.output_format == GITHUB,
    )


def _parsed(parser: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """What the words are taken for; ends with usage if one has no place."""
    if complaint := about_command(argv) or about_lint(argv):
        parser.error(complaint)
    words = _archive_set_apart(list(with_quiet_level(argv)))
    values, others = parser.parse_known_args(words)
    if others:
        parser.error(about_the_rest(parser, values, others))
    return values


def _check_combinations(parser: argparse.ArgumentParser, values: argparse.Namespace) -> None:
    """End with usage if options exclude one another, or one lacks another."""
    if values.backend == BOTH != parser.get_default("backend") and not values.dataset:
        parser.error("--backend both compares two engines on data; pass them with -d")
    _exclude(parser, values, "quick", "exact_sensitivity", "measures")
    _exclude(parser, values, "quiet", "verbose", "shows")
    if values.raw_type and not values.raw_shape:
        parser.error("--raw-type goes with --raw-shape, which says how large a sample is")
    if (values.reference_normalization or values.reference_colour) and not values.reference:
        parser.error("how a model is fed goes with --reference, which names it")
    if is_about_new(values.fail_on) and not values.baseline:
        parser.error("--fail-on new-... goes with --baseline REPORT")


def _exclude(
    parser: argparse.ArgumentParser, values: argparse.Namespace, less: str, more: str, does: str
) -> None:
    """End with usage if both of two options were given; one of a configuration gives way."""
    if not (getattr(values, less) and getattr(values, more)):
        return
    of_file = [name for name in (less, more) if parser.get_default(name)]
    if len(of_file) != 1:
        parser.error(f"--{less} leaves out what --{more.replace('_', '-')} {does}")
    is_flag = isinstance(getattr(values, of_file[0]), bool)
    setattr(values, of_file[0], False if is_flag else None)


def _reading(values: argparse.Namespace) -> ReadAs:
    return ReadAs(
        values.resize or EXACT,
        values.colour or RGB,
        values.raw_shape,
        values.raw_type or UINT8,
    )


def sentence_on(without_effect: Sequence[str]) -> str:
    """What to say of options that have no effect."""
    has = "has" if len(without_effect) == 1 else "have"
    names = listed(without_effect, len(without_effect))
    return f"{names} {has} no effect without data; pass the calibration set with -d"


def _given(
    parser: argparse.ArgumentParser, values: argparse.Namespace, names: Sequence[str]
) -> Iterator[str]:
    """Those of some options that were given, as they are written on the command line.

    What a configuration says is meant for all runs, so it is not given to this one.
    """
    for name in names:
        if getattr(values, name) not in (None, False, AUTO, [], parser.get_default(name)):
            yield f"--{name.replace('_', '-')}"


def _image_folder(image_dir: str | None, log_path: str) -> str:
    if image_dir is not None:
        return image_dir
    # A log that goes to a device, as to /dev/null, has no place for files beside it.
    is_device = os.path.exists(log_path) and not os.path.isfile(log_path)
    return "" if is_device else os.path.dirname(log_path)


def _check_archive(parser: argparse.ArgumentParser, values: argparse.Namespace) -> None:
    """End with usage if the archive is missing, or does not belong here."""
    if not values.lint_script:
        if values.network_har:
            parser.error("--har goes with --lint-script; give the archive without an option")
        if not (values.har or values.explain or values.list_all or values.print_completion):
            parser.error("no archive is given; pass the quantized archive (.har)")
        return
    if values.har and values.network_har:
        parser.error("--lint-script takes one archive, here are two")
    for option in _given(parser, values, (*_OPTIONS_OF_A_DIAGNOSIS, *_OPTIONS_ABOUT_DATA)):
        parser.error(f"--lint-script checks scripts only and does not go with {option}")


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
