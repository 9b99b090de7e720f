"""Stand-in for contract tests: what happens while a version of the SDK is imported."""

from __future__ import annotations

import tensorflow as tf  # noqa: F401  (as the SDK does)

from tests.sdk_standin import chatter, faults

IS_STAND_IN = True


def on_import() -> None:
    """Make noise, then fail if this is wanted."""
    chatter.on_import()
    if faults.is_on("import_fails"):
        raise ImportError("cannot import name 'dtensor' from 'tensorflow.compat.v2.experimental'")
    if faults.is_on("dependency_missing"):
        raise ModuleNotFoundError("No module named 'pygraphviz'", name="pygraphviz")
    if faults.is_on("library_missing"):
        raise OSError("libcudart.so.11.0: cannot open shared object file")
    if faults.is_on("import_exits"):
        raise SystemExit("this processor is not supported")
