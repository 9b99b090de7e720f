"""Stand-in of DFC 5.3.0 for contract tests, not by Hailo: the runner's module."""

from tests.sdk_standin.definitions import InvalidArgumentsException
from tests.sdk_standin.flavours import V5_3
from tests.sdk_standin.runner import client_runner

__all__ = ["ClientRunner", "InvalidArgumentsException"]

IS_STAND_IN = True
ClientRunner = client_runner(V5_3)
