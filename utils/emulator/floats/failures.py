"""What TensorFlow raises while it runs, as one sentence with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf

from utils.errors import DiagnosticError


@contextmanager
def failures_in_words(samples: int) -> Iterator[None]:
    """Turn what TensorFlow raises while it runs a batch into one sentence.

    Raises
    ------
    DiagnosticError : the memory does not suffice for so many samples, or TensorFlow fails.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise DiagnosticError(
            f"the memory does not suffice for {samples} samples at once; try --batch-size 1"
        ) from error
    except tf.errors.OpError as error:
        reason = str(error.message).partition("\n")[0]
        raise DiagnosticError(
            f"TensorFlow failed to run the network ({reason}); try --batch-size 1, or leave out -d "
            "for the static checks"
        ) from error
