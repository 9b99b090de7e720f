"""Hailo's SDK as it is installed, imported without a sound."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from utils.backends.sdk.complaints import in_words
from utils.backends.sdk.containment import Containment
from utils.backends.sdk.differences import NEWEST_MAJOR, OLDEST
from utils.backends.sdk.presence import PACKAGE, is_installed
from utils.errors import SdkError

DISTRIBUTION = "hailo-dataflow-compiler"
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class Sdk:
    """The imported SDK.

    Parameters
    ----------
    client : the module ``hailo_sdk_client``.
    version : of the Dataflow Compiler, such as ``3.33.0``; "" if it does not say.
    containment : in which everything of it runs.
    """

    client: Any
    version: str
    containment: Containment

    @property
    def major_version(self) -> int:
        """First number of the version; 0 if it does not say."""
        match = _VERSION.match(self.version)
        return int(match[1]) if match else 0

    @property
    def doubt(self) -> str:
        """Why this version is not one that the adapter was written to; "" if it is."""
        match = _VERSION.match(self.version)
        known = f"known are {OLDEST[0]}.{OLDEST[1]} to {NEWEST_MAJOR}.x"
        if match is None:
            return f"the SDK does not say its version ({known})"
        number = (int(match[1]), int(match[2]))
        if number < OLDEST or number[0] > NEWEST_MAJOR:
            return f"version {self.version} of the SDK is not known to this tool ({known})"
        return ""

    @contextmanager
    def calling(self, what: str) -> Iterator[None]:
        """Run the block in containment.

        Parameters
        ----------
        what : what the SDK is asked to do, to follow "the SDK failed to".

        Raises
        ------
        SdkError : whatever the SDK raised, in one sentence.
        """
        with _failing_in_words(what), self.containment.held():
            yield


@contextmanager
def _failing_in_words(what: str) -> Iterator[None]:
    try:
        yield
    except SdkError as error:
        raise SdkError(f"the SDK failed to {what}: {error}") from error
    except (Exception, SystemExit) as error:  # it is foreign code, and may raise anything
        raise SdkError(f"the SDK failed to {what}: {in_words(error)}") from error


@contextmanager
def opened_sdk() -> Iterator[Sdk]:
    """Import the SDK; to be done before TensorFlow is, or it does not find the GPU.

    Raises
    ------
    SdkError : it is not installed, or its import fails.
    """
    if not is_installed():
        raise SdkError(
            f"the SDK is not installed for this Python (no {PACKAGE}); run the tool with the "
            "Python of the Dataflow Compiler"
        )
    with _failing_in_words("start"):
        containment = Containment()
    try:
        with _failing_in_words("start"), containment.held():
            client = importlib.import_module(PACKAGE)
        yield Sdk(client, _version(client), containment)
    finally:
        containment.close()


def imported_version() -> str:
    """Version of the SDK that this process has imported; "" if none, or it does not say."""
    return _version(sys.modules[PACKAGE]) if PACKAGE in sys.modules else ""


def _version(client: Any) -> str:
    version = getattr(client, "__version__", None)
    if isinstance(version, str):
        return version
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return ""
