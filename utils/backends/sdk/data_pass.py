"""A calibration set through the SDK's networks."""

from __future__ import annotations

from contextlib import ExitStack, closing

from utils.backends.comparison import ComparedRun
from utils.backends.emulation import DataPassed
from utils.backends.networks import QUANTIZED_NEEDS, Networks
from utils.backends.sdk.contexts import FLOAT, QUANTIZED, SdkContext
from utils.backends.sdk.graph_check import disagreements
from utils.backends.sdk.installation import Sdk
from utils.backends.sdk.networks import SdkFloats, SdkQuantized
from utils.backends.workload import data_pass_work, expected_work, measuring
from utils.dataset.calibration_set import sample_count
from utils.emulator.measuring.data_pass import DataPass
from utils.errors import SdkError
from utils.har.model import Model
from utils.jobs.backend_names import BOTH, SDK
from utils.jobs.sdk_part import SdkPart
from utils.measurements import Need

# All layers of both networks are alive at a time, where the embedded engine keeps few.
SMALLER_BATCHES = 4


def sdk_data_pass(networks: Networks, sdk: Sdk, *, compares: bool) -> DataPassed:
    """Run the data through the SDK's networks.

    Parameters
    ----------
    compares : whether the embedded engine runs beside the SDK.

    Raises
    ------
    SdkError : the SDK does not load the archive, or fails to emulate it.
    DatasetError : samples are not finite, or the file is damaged.
    DiagnosticError : the memory does not suffice, or TensorFlow fails.
    """
    model, need = networks.model, networks.job.need
    if not networks.settings.batch_size:
        networks.batch_size = max(networks.batch_size // SMALLER_BATCHES, 1)
    with ExitStack() as stack:
        float_context = stack.enter_context(closing(SdkContext(sdk, model, FLOAT)))
        doubts = _doubts(float_context, sdk, model)
        wants_preactivation = Need.PREACTIVATION_STATISTICS in need
        floats = SdkFloats(model.float_network, float_context, wants_preactivation)
        quantized = None
        if need & QUANTIZED_NEEDS or compares:
            context = stack.enter_context(closing(SdkContext(sdk, model, QUANTIZED)))
            doubts += _doubts(context, sdk, model)
            quantized = SdkQuantized(networks.quantized, context)
        data_pass = DataPass(
            floats,
            need,
            model.calibrated_ranges(),
            quantized,
            judged=networks.settings.judged,
            indices=networks.job.calibration.indices,
        )
        compared = None
        if compares:
            compared = ComparedRun(networks.floats, floats, networks.data_pass(Need.NOISE))
        _run(networks, data_pass, quantized, compared)
        way = float_context.way
    measured = data_pass.measured()
    part = SdkPart(
        sdk.version,
        "",
        tuple(dict.fromkeys(doubts)),
        compared.compared(measured) if compared else None,
        way,
    )
    agreement = compared.embedded().agreement if compared else None
    return DataPassed(measured, BOTH if compares else SDK, agreement, part)


def _run(
    networks: Networks,
    data_pass: DataPass,
    quantized: SdkQuantized | None,
    compared: ComparedRun | None,
) -> None:
    phases = networks.job.phases
    each = data_pass_work(networks) / networks.job.calibration.used
    phases.expect(expected_work(networks))
    with phases.phase(measuring(networks)):
        for batch in networks.first_read(networks.batch_size):
            data_pass.add(batch)
            if compared is not None:
                compared.add(batch, quantized)
            phases.advance(each * sample_count(batch))


def _doubts(context: SdkContext, sdk: Sdk, model: Model) -> list[str]:
    """What the SDK says that does not fit the archive, or is not known."""
    doubts = list(context.doubts)
    try:
        with sdk.calling("describe the network"):
            doubts += disagreements(context.runner, model)
    except SdkError as error:  # measuring does not depend on it
        doubts.append(str(error))
    return doubts
