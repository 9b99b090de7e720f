"""Stand-in of DFC 3.25.0 for contract tests, not by Hailo: the runner's module."""

from tests.sdk_standin.definitions import InvalidArgumentsException
from tests.sdk_standin.flavours import V3_25
from tests.sdk_standin.runner import client_runner

__all__ = ["ClientRunner", "InvalidArgumentsException"]

IS_STAND_IN = True
ClientRunner = client_runner(V3_25)
