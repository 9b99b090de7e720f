"""Stand-in for contract tests: ClientRunner, as far as loading and emulating go."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar

from tests.sdk_standin import chatter, faults
from tests.sdk_standin.archive_parameters import parameters_by_layer
from tests.sdk_standin.definitions import InvalidArgumentsException, States, inference_context
from tests.sdk_standin.flavours import Flavour
from tests.sdk_standin.hn_graph import HailoNN
from tests.sdk_standin.inner_model import run_over
from tests.sdk_standin.keras_models import Model3, Model5
from tests.sdk_standin.networks import Networks
from utils.errors import DiagnosticError
from utils.har.archive import Archive, open_archive

IS_STAND_IN = True
_UNKNOWN_STATE = SimpleNamespace(name="FOLDED_MODEL", value="folded_model")
# Members that callers use before there is an archive to look at, or after; none emulates.
_ELSEWHERE = (
    "translate_onnx_model translate_tf_model load_model_script optimize optimize_full_precision "
    "compile analyze_noise profile join set_hn load_params save_params model_summary"
).split()


class ClientRunner:
    """Loads an archive and lets its networks be run."""

    flavour: ClassVar[Flavour]

    def __init__(self, hw_arch: str | None = None, har: str | None = None) -> None:
        self._logger = logging.getLogger("hailo_sdk.client")
        self._given = hw_arch
        self._archive: Archive | None = None
        if hw_arch is None:
            self._logger.warning("%s: hw_arch defaults to %s", chatter.MARK, self.flavour.chips[0])
        elif hw_arch not in self.flavour.chips:
            raise InvalidArgumentsException(f"hw_arch {hw_arch} is not supported")
        self.hw_arch = hw_arch or self.flavour.chips[0]
        if faults.is_on("no_get_keras_model"):
            self._hidden: frozenset[str] = frozenset({"get_keras_model"})
        if har is not None:
            self.load_har(har=har)

    def __getattribute__(self, name: str) -> Any:
        hidden = object.__getattribute__(self, "__dict__").get("_hidden", ())
        if name in hidden:
            raise AttributeError(f"'ClientRunner' object has no attribute '{name}'")
        return object.__getattribute__(self, name)

    def load_har(self, har: str) -> None:
        chatter.on_use(f"loading {har}")
        if faults.is_on("licence"):
            raise RuntimeError("no license file was found, run the installer again")
        if faults.is_on("load"):
            raise RuntimeError("the archive holds parameters of an unexpected kind")
        try:
            archive = open_archive(str(har))
        except DiagnosticError as error:
            raise RuntimeError(f"this is no archive: {error}") from None
        self._set_chip(str(archive.metadata.get("hw_arch") or self.hw_arch))
        self._archive, self._path = archive, str(har)
        self._networks = Networks(self._path)

    def _set_chip(self, stored: str) -> None:
        if stored not in self.flavour.chips or faults.is_on("chip_unknown"):
            raise InvalidArgumentsException(f"the archive was made for {stored}, unknown hw_arch")
        if self._given is None:
            self.hw_arch = stored
        elif self._given != stored:
            # The line that public logs show; whether it stays with that depends on the chips.
            text = (
                f"hw_arch from HAR is {stored} but client runner was initialized with {self._given}"
            )
            self._logger.warning("%s (%s)", text, chatter.MARK)
            if self._given[:6] != stored[:6]:  # hailo8... and hailo1...: the families
                raise InvalidArgumentsException(text)

    def save_har(self, path: str) -> None:
        shutil.copyfile(self._path, path)

    @property
    def _loaded(self) -> Archive:
        if self._archive is None:
            raise InvalidArgumentsException("no archive was loaded")
        return self._archive

    @property
    def state(self) -> Any:
        if faults.is_on("state_unknown"):
            return _UNKNOWN_STATE
        if faults.is_on("state_unquantized"):
            return States.FP_OPTIMIZED_MODEL
        return States.UNINITIALIZED if self._archive is None else States(self._metadata("state"))

    @property
    def model_name(self) -> str:
        return str(self._metadata("model_name"))

    @property
    def model_script(self) -> str | None:
        return self._loaded.texts.get("model_script")

    @property
    def hef(self) -> None:
        """Compiled networks are of no concern here."""

    @property
    def modifications_meta_data(self) -> None:
        """Likewise what a script changed in the network."""

    @property
    def _original_model_meta(self) -> Any:
        return self._loaded.json.get("original_model_meta")

    @property
    def _sdk_backend(self) -> Any:
        flavor = self._metadata("mo_flavor") or {}
        return SimpleNamespace(mo_flavor=SimpleNamespace(**flavor))

    def _metadata(self, key: str) -> Any:
        return self._loaded.metadata.get(key)

    def get_hn(self) -> Any:
        return json.dumps(self.get_hn_dict()) if self.flavour.hn_as_text else self.get_hn_dict()

    def get_hn_dict(self) -> Any:
        return self._loaded.json["hn"]

    def get_hn_model(self) -> HailoNN:
        return HailoNN(self.get_hn_dict())

    def get_native_hn_model(self) -> HailoNN:
        return HailoNN(self._loaded.json["native_hn"])

    def get_params(self) -> Mapping[str, Mapping[str, Any]]:
        return self._parameters("params")

    def get_params_translated(self) -> Mapping[str, Mapping[str, Any]]:
        return self._parameters("params_translated")

    def get_params_fp_optimized(self) -> Mapping[str, Mapping[str, Any]]:
        return self._parameters("params_fp_opt")

    def get_params_statistics(self) -> Mapping[str, Mapping[str, Any]]:
        return self._parameters("params_statistics")

    def _parameters(self, key: str) -> Mapping[str, Mapping[str, Any]]:
        return parameters_by_layer(self._loaded, key, self.flavour)

    @contextmanager
    def infer_context(self, context_kind: Any, **options: Any) -> Iterator[Any]:
        for name in options:
            if name not in self.flavour.infer_options:
                raise TypeError(f"infer_context() got an unexpected keyword argument '{name}'")
        kind = self._kind_of(context_kind)
        if faults.is_on(f"{kind}_context_raises"):
            raise RuntimeError(f"{chatter.MARK}: no {kind} context today")
        chatter.on_use(f"entering {context_kind.name}")
        context = SimpleNamespace(kind=kind, is_open=True, owner=self)
        try:
            yield context
        finally:
            context.is_open = False

    def _kind_of(self, context_kind: Any) -> str:
        contexts = inference_context(self.flavour.contexts)
        if not isinstance(context_kind, contexts):
            raise InvalidArgumentsException(f"{context_kind!r} is no inference context")
        kinds = {contexts.SDK_FP_OPTIMIZED: "float", contexts.SDK_QUANTIZED: "quantized"}
        if context_kind not in kinds:
            raise NotImplementedError(f"the stand-in has no {context_kind.name}")
        needed = (States.QUANTIZED_MODEL, States.COMPILED_MODEL)
        if self.state not in needed and not faults.is_on("state_unknown"):
            raise InvalidArgumentsException(f"the model is in state {self.state.name}")
        return kinds[context_kind]

    def get_keras_model(self, context: Any) -> Any:
        self._check(context)
        kind = Model3 if self.flavour.interlayer_tensors else Model5
        return kind(self._networks, context.kind, self.flavour, lambda: context.is_open)

    def infer(
        self, context: Any, dataset: Any, batch_size: int = 8, data_count: int | None = None
    ) -> Any:
        self._check(context)
        kind = Model3 if self.flavour.interlayer_tensors else Model5
        model = kind(self._networks, context.kind, self.flavour, lambda: context.is_open)
        return run_over(model, dataset, batch_size, data_count)

    def _check(self, context: Any) -> None:
        if getattr(context, "owner", None) is not self or not context.is_open:
            raise RuntimeError("the context does not belong to this runner, or it was left")


def _elsewhere(name: str) -> Any:
    def refuse(self: ClientRunner, *arguments: Any, **options: Any) -> Any:
        raise NotImplementedError(f"the stand-in loads and emulates; it does not {name}")

    return refuse


for _name in _ELSEWHERE:
    setattr(ClientRunner, _name, _elsewhere(_name))


@cache
def client_runner(flavour: Flavour) -> type[ClientRunner]:
    """The runner of one version."""
    return type("ClientRunner", (ClientRunner,), {"flavour": flavour})
