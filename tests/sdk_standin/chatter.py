"""Stand-in for contract tests: all the noise that the SDK makes beside its work.

Files in the working directory, lines on both streams of the process, from Python and from beneath
it, handlers of its own and on the root logger, changed filters of warnings. The product has to
keep all of it away from its user.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from tqdm import tqdm

IS_STAND_IN = True
LOGGERS = ("hailo_sdk.client", "hailo_sdk.core", "acceleras")
LOG_FILES = (
    "hailo_sdk.client.log",
    "hailo_sdk.core.log",
    "acceleras.log",
    "allocator.log",
    "hailort.log",
)
MARK = "stand-in noise"  # in every line, so that tests find any that escapes


def on_import() -> None:
    """What importing the SDK does to a process."""
    _beneath_python(1, f"[HailoRT] [info] {MARK}: scanning devices\n")
    _beneath_python(2, f"E external/cuda_dnn.cc:9261 {MARK}: unable to register cuDNN factory\n")
    print(f"[info] {MARK}: no GPU chosen", flush=True)  # noqa: T201
    print(f"[warning] {MARK}: reducing to CPU", file=sys.stderr, flush=True)  # noqa: T201
    _open_logs()
    root = logging.getLogger()
    root.addHandler(logging.StreamHandler(sys.stderr))
    root.setLevel(logging.INFO)
    warnings.warn(f"{MARK}: deprecated in NumPy", UserWarning, stacklevel=2)
    warnings.simplefilter("always")


def on_use(what: str) -> None:
    """What loading, entering a context or running a model does to a process."""
    _beneath_python(2, f"I tensorflow/compiler/xla/service.cc:168 {MARK}: {what}\n")
    print(f"[info] {MARK}: {what}", flush=True)  # noqa: T201
    for name in LOGGERS:
        logging.getLogger(name).warning("%s: %s", MARK, what)
    logging.getLogger().info("%s: %s", MARK, what)
    # Publicly reported: these go to the current directory, whatever the environment says.
    _append(Path("acceleras.log"), what)
    _append(_sdk_folder() / "allocator.log", what)
    _append(Path(os.environ.get("HAILORT_LOGGER_PATH") or ".") / "hailort.log", what)


def on_batch() -> None:
    """What every batch does while the graph runs."""
    _beneath_python(2, f"W tensorflow/core/framework/cpu_allocator: {MARK}: exceeds 10%\n")
    logging.getLogger("acceleras").warning("%s: a batch", MARK)


def bar(total: int) -> tqdm[Any]:
    """A progress bar that nothing but redirection silences."""
    return tqdm(total=total, desc=MARK, file=sys.stderr, disable=False)


def _open_logs() -> None:
    is_enabled = os.environ.get("HAILO_CLIENT_LOGS_ENABLED", "true").lower() != "false"
    files = {
        "hailo_sdk.client": _sdk_folder() / "hailo_sdk.client.log" if is_enabled else None,
        "hailo_sdk.core": _sdk_folder() / "hailo_sdk.core.log",
        "acceleras": Path("acceleras.log"),
    }
    for name, path in files.items():
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(logging.StreamHandler(sys.stdout))
        if path is not None:
            logger.addHandler(logging.FileHandler(path))


def _sdk_folder() -> Path:
    return Path(os.environ.get("HAILO_SDK_LOG_DIR") or ".")


def _append(path: Path, what: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"[info] {MARK}: {what}\n")


def _beneath_python(descriptor: int, text: str) -> None:
    with suppress(OSError):  # a process may have been started without it
        os.write(descriptor, text.encode())
