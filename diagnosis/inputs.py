"""Everything that a run reads, but the data."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspectors import BrokenModule
from utils.baseline.earlier_report import read_earlier_report
from utils.baseline.run_facts import RunFacts
from utils.errors import ScriptError, UsageError
from utils.facts.optimize_command import DATASET
from utils.files.wanted import Wanted
from utils.files.ways_on import refuse_foreign
from utils.har.activation_parameters import check_activation_parameters
from utils.har.model import Model, load_model
from utils.model_script import ModelScript, parse_model_script
from utils.options.options import Options
from utils.side_files.dfc_log import DfcLog, read_dfc_log
from utils.side_files.nms_config import NmsConfig, read_nms_config
from utils.terminal.phases import Spent, timed
from utils.wording import printable


@dataclass(frozen=True)
class Inputs:
    """What was read.

    Parameters
    ----------
    model : the archive.
    script : its own model script; None if there is none, or it cannot be parsed.
    earlier : the report of an earlier run; None where none was given.
    dfc_logs, nms_config : files beside the archive, as far as they were given.
    failures : sentences on what could not be read, and does not end the run.
    spent : what reading took.
    """

    model: Model
    script: ModelScript | None = None
    earlier: RunFacts | None = None
    dfc_logs: tuple[DfcLog, ...] = ()
    nms_config: NmsConfig | None = None
    failures: tuple[str, ...] = ()
    spent: tuple[Spent, ...] = ()


def read_inputs(
    options: Options, broken: Sequence[BrokenModule] = (), known: Model | None = None
) -> Inputs:
    """Read the archive and the files beside it.

    Parameters
    ----------
    broken : modules of inspectors that cannot be imported; they are failures, too.
    known : the archive, where it was read before.

    Raises
    ------
    DiagnosticError : a file cannot be used.
    """
    check_activation_parameters(options.activation_parameters)
    for path, wanted in _named(options):
        refuse_foreign(path, wanted, UsageError)
    for path in (*options.stages.references, *options.stages.device_outputs):
        if not os.path.exists(path):
            raise UsageError(f"{printable(path)} does not exist; check the path")
    earlier = read_earlier_report(options.baseline) if options.baseline else None
    logs = tuple(map(read_dfc_log, options.dfc_logs))
    nms_config = read_nms_config(options.nms_config) if options.nms_config else None
    start = time.perf_counter()
    with timed("reading the archive"):
        may_be_unquantized = bool(options.stages.references and options.dataset)
        model = known or load_model(
            options.har,
            may_be_unquantized=may_be_unquantized,
            dataset=_for_compiler(options.dataset),
        )
    reading = Spent("reading the archive", time.perf_counter() - start)
    script, failures = _parsed_script(model)
    failures += [f"{b.path} cannot be imported: {b.reason}" for b in broken]
    return Inputs(model, script, earlier, logs, nms_config, tuple(failures), (reading,))


def _named(options: Options) -> Iterator[tuple[str, Wanted]]:
    """Files beside the archive, each with what it is taken for."""
    if options.baseline:
        yield options.baseline, Wanted.REPORT
    if options.nms_config:
        yield options.nms_config, Wanted.NMS_CONFIG
    yield from ((path, Wanted.LOG) for path in options.dfc_logs)
    yield from ((path, Wanted.REFERENCE) for path in options.stages.references)
    yield from ((path, Wanted.DEVICE_OUTPUTS) for path in options.stages.device_outputs)


def _for_compiler(dataset: str | None) -> str:
    """The data given, where the compiler takes files of that kind; else a placeholder."""
    is_taken = dataset is not None and dataset.endswith((".npy", ".npz"))
    return printable(dataset) if dataset and is_taken else DATASET


def _parsed_script(model: Model) -> tuple[ModelScript | None, list[str]]:
    if model.script_text is None:
        return None, []
    try:
        return parse_model_script(model.script_text), []
    except ScriptError as error:
        return None, [f"The archive's own model script was not checked: {error}"]
