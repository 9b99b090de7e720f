"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: the top level."""

from tests.sdk_standin import importing
from tests.sdk_standin.definitions import (
    InvalidArgumentsException,
    JoinAction,
    States,
    inference_context,
)
from tests.sdk_standin.flavours import V3_25
from tests.sdk_standin.hn_graph import HailoNN
from tests.sdk_standin.runner import client_runner

__all__ = [
    "ClientRunner",
    "HailoNN",
    "InferenceContext",
    "InvalidArgumentsException",
    "JoinAction",
    "States",
]

IS_STAND_IN = True
__version__ = V3_25.version

importing.on_import()
ClientRunner = client_runner(V3_25)
InferenceContext = inference_context(V3_25.contexts)
