"""An archive in one of the SDK's inference contexts, from which inner layers are captured."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

from utils.backends.sdk.captures import Capture, Preactivations, capture_of, quantize_now
from utils.backends.sdk.differences import (
    InputTensors,
    inference_contexts,
    known_chips,
    loaded_runner,
)
from utils.backends.sdk.installation import Sdk
from utils.errors import SdkError
from utils.facts.chips import COMPILER_LINES
from utils.har.model import Model
from utils.har.states import QUANTIZED_STATES, UNQUANTIZED_STATES
from utils.terminal.logger import LOGGER
from utils.wording import listed, printable

FLOAT = "SDK_FP_OPTIMIZED"
QUANTIZED = "SDK_QUANTIZED"
_STATES_BEFORE = (*UNQUANTIZED_STATES, "uninitialized", "original_model")

T = TypeVar("T")


class SdkContext:
    """One ClientRunner with one open inference context.

    Two contexts take two runners: whether one runner can hold both at once is not known.

    Attributes
    ----------
    runner : Hailo's ClientRunner.
    doubts : sentences on what the SDK says that is not known to this tool.
    """

    def __init__(self, sdk: Sdk, model: Model, context: str) -> None:
        """Load the archive and open the context.

        Parameters
        ----------
        context : `FLOAT` or `QUANTIZED`.

        Raises
        ------
        SdkError : the SDK does not load the archive, or does not emulate it.
        """
        self._sdk = sdk
        self._network = model.float_network if context == FLOAT else model.network
        self.doubts: list[str] = []
        self._capture: Capture | None = None
        self._preactivations: Preactivations | None = None
        path = os.path.abspath(model.archive.path)  # the SDK works in another folder
        self.runner = _loaded(sdk, path, model.hw_arch)
        self._check_state()
        with sdk.calling(f"emulate ({context})"), ExitStack() as stack:
            kind = getattr(inference_contexts(sdk.client), context, None)
            if kind is None:
                raise SdkError(f"it has no {context}")
            opened = stack.enter_context(self.runner.infer_context(kind))
            self._keras_model = self.runner.get_keras_model(opened)
            self._open = stack.pop_all()

    @property
    def way(self) -> str:
        """How inner layers are captured; "" before the first run."""
        return self._capture.way.place if self._capture else ""

    def run(self, batch: InputTensors) -> dict[str, list[Any]]:
        """Tensors of all inner layers, one for each of their outputs, by scoped name.

        Raises
        ------
        SdkError : the SDK fails.
        """
        with self._sdk.calling("emulate the data"):
            return self._scoped(self._capturing(batch).run(batch))

    def watch_preactivations(self, batch: InputTensors, names: Sequence[str]) -> str:
        """Have the SDK keep what enters the activation of these layers; "" or why it cannot."""
        try:
            with self._sdk.calling("keep values before the activation"):
                layers = self._scoped(self._capturing(batch).layers())
                chosen = {name: layers[name] for name in names if name in layers}
                self._preactivations = Preactivations(chosen)
        except SdkError as error:
            return str(error)
        return ""

    def preactivation(self, name: str) -> Any:
        """What entered the activation of a layer in the last run.

        Raises
        ------
        SdkError : the SDK does not tell.
        """
        if self._preactivations is None:
            raise SdkError("the SDK was not asked for it")
        with self._sdk.calling("tell what precedes the activation"):
            return self._preactivations.of(name)

    def quantize_now(self) -> None:
        """Have the model of a quantized context really quantize, where it does not by itself."""
        with self._sdk.calling("switch to quantized arithmetic"):
            quantize_now(self._keras_model)
        self._capture = None  # the inner model is of the arithmetic that it was built for

    def close(self) -> None:
        """Leave the context; what it raises by then does not matter any more."""
        with suppress(SdkError), self._sdk.calling("end the emulation"):
            self._open.close()

    def _scoped(self, by_name: Mapping[str, T]) -> dict[str, T]:
        """The same by the names that the archive has; the SDK may leave out the scope."""
        return {self._network.resolve(name) or name: found for name, found in by_name.items()}

    def _capturing(self, batch: InputTensors) -> Capture:
        if self._capture is None:
            self._capture = capture_of(self._keras_model, batch, self._sdk.major_version)
        return self._capture

    def _check_state(self) -> None:
        with self._sdk.calling("tell the state of the archive"):
            state = getattr(self.runner, "state", None)
        name = str(getattr(state, "name", state)).rpartition(".")[2].lower()
        if name in _STATES_BEFORE:
            raise SdkError(
                f"the SDK holds the archive in state {name}, that is before quantization; optimize "
                "the network with it and save the archive anew"
            )
        if name not in QUANTIZED_STATES:
            self.doubts.append(
                f"the SDK holds the archive in a state unknown to this tool: {printable(name)}"
            )


def _loaded(sdk: Sdk, path: str, chip: str) -> Any:
    try:
        with sdk.calling("load the archive"):
            return loaded_runner(sdk.client, path, chip)
    except SdkError as error:
        if unserved := _unserved(sdk, chip):
            LOGGER.debug("%s", error)
            raise SdkError(f"the SDK failed to load the archive: {unserved}") from error
        raise


def _unserved(sdk: Sdk, chip: str) -> str:
    """That the SDK does not serve the chip of the archive; "" if it does, or does not say."""
    with sdk.calling("name its chips"):
        chips = known_chips(sdk.client)
    if not chip or not chips or chip in chips:
        return ""
    line = COMPILER_LINES.get(chip)
    served = f"; for that chip Hailo keeps up the Dataflow Compiler {line}" if line else ""
    return (
        f"the archive was made for {printable(chip)}, and this SDK serves "
        f"{listed([printable(name) for name in chips])}{served}"
    )
