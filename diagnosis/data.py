"""The data given with -d: from the options to a job, and to what was measured."""

from __future__ import annotations

from diagnosis.inputs import Inputs
from utils.backends.bench import Bench, LocalBench
from utils.backends.process.engine import EngineProcess
from utils.backends.process.process_bench import ProcessBench
from utils.errors import DiagnosticError
from utils.findings import Severity
from utils.jobs.job import Job
from utils.jobs.measured import Measured
from utils.jobs.sdk_part import described
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.measurements.output_kind import WhatIsJudged
from utils.options.options import Options
from utils.outputs.kinds import settled_kinds
from utils.renderers import log
from utils.terminal.interruptions import interruptible
from utils.terminal.logger import LOGGER, show
from utils.terminal.shown import Text


def job_of(options: Options, inputs: Inputs, need: Need) -> Job | None:
    """What is to be measured; None where no data were given.

    Raises
    ------
    UsageError : the user names an output, or a kind of output, that does not exist.
    """
    if options.dataset is None:
        return None
    kinds = settled_kinds(inputs.model, inputs.script, inputs.nms_config, options.output_kinds)
    settings = Settings(
        options.activation_parameters,
        options.batch_size,
        options.hw_arch or "",
        options.target_snr,
        options.exact_sensitivity,
        options.quick,
        WhatIsJudged(kinds, options.score_threshold),
    )
    return Job(
        options.har,
        options.dataset,
        options.data_count,
        need,
        settings,
        options.backend,
        options.device,
        options.read_as,
        options.stages,
    )


def bench_for(
    options: Options, inputs: Inputs, need: Need, engine: EngineProcess | None = None
) -> Bench | None:
    """Who measures what is needed; None where no data were given.

    Parameters
    ----------
    engine : the process that is to run the networks; None for this one.

    Raises
    ------
    UsageError : the user names an output, or a kind of output, that does not exist.
    """
    job = job_of(options, inputs, need)
    if job is None:
        LOGGER.info("No data given (-d): only what the archive itself stores is judged")
        return None
    if engine is not None:
        return ProcessBench(engine, job)
    return LocalBench(job, inputs.model, inputs.script)


def tell_time(inputs: Inputs, measured: Measured, *, is_verbose: bool) -> None:
    """Say what the time went into: in the debug log, and with -v on the terminal."""
    if not measured.spent:
        return
    line = log.time_line((*inputs.spent, *measured.spent))
    LOGGER.debug("%s", line)
    if is_verbose:
        show([Text(line, Severity.INFO)])


def measured_by(bench: Bench | None) -> Measured:
    """Have the data measured, and say of them what is known before."""
    if bench is None:
        return Measured()
    try:
        with interruptible():
            facts = bench.open_data()
    except DiagnosticError:
        return _measured(bench)  # says it as a part of its answer
    for note in facts.notes:
        LOGGER.info("%s", note)
    LOGGER.info("%s", log.dataset_line(facts))
    measured = _measured(bench)
    if measured.measurements is not None:
        LOGGER.info("Emulated by %s", described(measured.backend, measured.sdk))
    return measured


def _measured(bench: Bench) -> Measured:
    with interruptible():
        return bench.measure()
