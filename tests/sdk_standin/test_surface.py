"""Which names each version of the stand-in has, and which it has not."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from tests.sdk_standin.archives import small_archive
from tests.sdk_standin.installation import FLAVOURS, PACKAGES, installed, standin_path
from tests.sdk_standin.public_calls import sdk

CLIENT = "hailo_sdk_client"
ACCELERAS = "hailo_model_optimization.acceleras"
EVERYWHERE = {
    CLIENT: "ClientRunner HailoNN InferenceContext InvalidArgumentsException States",
    f"{CLIENT}.runner.client_runner": "ClientRunner InvalidArgumentsException",
    f"{CLIENT}.exposed_definitions": "InferenceContext States JoinAction JoinOutputLayersOrder "
    "Dims SUPPORTED_HW_ARCHS DistributionStrategy",
    f"{CLIENT}.hailo_archive.hailo_archive": "ParamsKinds",
    "hailo_sdk_common.hailo_nn.hn_definitions": "LayerType EWAddPolicy",
    "hailo_sdk_common.logger.logger": "create_custom_logger",
    f"{ACCELERAS}.utils.acceleras_definitions": "PrecisionMode",
    f"{ACCELERAS}.utils.dataset_util": "data_to_dataset",
    f"{ACCELERAS}.hailo_layers.base_hailo_layer": "BaseHailoLayer",
    f"{ACCELERAS}.hailo_layers.base_hailo_conv": "BaseHailoConv",
}
VERSIONS = {"3.25": "3.25.0", "3.33": "3.33.1", "5.3": "5.3.0"}
ENUMS = {
    "3.25": "ActivationType ActivationTypes",
    "3.33": "ActivationTypes",
    "5.3": "ActivationType",
}
CHIPS = {
    "3.25": "hailo8 hailo8l hailo8r hailo15h",
    "3.33": "hailo8 hailo8l hailo8r hailo15h hailo15m hailo15l",
    "5.3": "hailo10h hailo15h hailo15m hailo15l",
}
pytestmark = pytest.mark.filterwarnings("ignore:stand-in noise")
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS)


@every_flavour
def test_every_version_has_these_names_and_no_others(flavour: str) -> None:
    with installed(flavour):
        for name, expected in EVERYWHERE.items():
            names = set(expected.split())
            if name.endswith("hn_definitions"):
                names |= set(ENUMS[flavour].split())
            if name.endswith("exposed_definitions") and flavour == "3.33":
                names.add("ContextInfo")
            module = importlib.import_module(name)
            offered = set(module.__all__) - ({"JoinAction"} if name == CLIENT else set())
            assert offered == names, name
            assert all(hasattr(module, each) for each in names), name


@every_flavour
def test_every_version_says_what_it_is(flavour: str) -> None:
    with installed(flavour):
        assert sdk().__version__ == VERSIONS[flavour]
        definitions = importlib.import_module(f"{CLIENT}.exposed_definitions")
        assert CHIPS[flavour].split() == definitions.SUPPORTED_HW_ARCHS
        runner = importlib.import_module(f"{CLIENT}.runner.client_runner").ClientRunner
        assert runner is sdk().ClientRunner
        assert definitions.InferenceContext is sdk().InferenceContext


@every_flavour
def test_every_module_admits_to_be_a_stand_in(flavour: str) -> None:
    shared = [*Path(__file__).parent.glob("*.py"), *standin_path(flavour).rglob("*.py")]
    sources = [
        path for path in shared if not path.name.startswith(("test_", "conftest", "public_"))
    ]
    assert len(sources) > 20
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert "tand-in" in text.partition("\n")[0], path
        assert "IS_STAND_IN = True" in text, path


@every_flavour
def test_nothing_stays_behind(flavour: str) -> None:
    before = list(sys.path)
    with installed(flavour):
        assert sdk().IS_STAND_IN
    assert sys.path == before
    assert not [name for name in sys.modules if name.partition(".")[0] in PACKAGES]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(CLIENT)


@pytest.mark.parametrize(
    ("flavour", "is_text", "key", "other", "has_input"),
    [
        ("3.25", True, "kernel:0", "kernel", False),
        ("3.33", False, "kernel:0", "kernel", True),
        ("5.3", False, "kernel", "kernel:0", True),
    ],
)
def test_graph_and_parameters_have_the_form_of_the_version(
    flavour: str, is_text: bool, key: str, other: str, has_input: bool, tmp_path: Path
) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(har=small_archive(flavour, tmp_path))
        assert isinstance(runner.get_hn(), str) is is_text
        assert "net/conv1" in runner.get_hn_dict()["layers"]
        for parameters in (runner.get_params_translated(), runner.get_params_fp_optimized()):
            assert parameters["net/conv1"][key].shape == (3, 3, 3, 4)
            assert key in list(parameters["net/conv1"])
            assert other not in parameters["net/conv1"]
            assert ("net/input_layer1" in parameters) is has_input


@every_flavour
def test_the_graph_can_be_walked(flavour: str, tmp_path: Path) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(har=small_archive(flavour, tmp_path))
        graph = runner.get_hn_model()
        definitions = importlib.import_module("hailo_sdk_common.hailo_nn.hn_definitions")
        activations = getattr(definitions, ENUMS[flavour].split()[0])
        layers = list(graph.stable_toposort())
        assert [layer.name_without_scope for layer in layers] == (
            "input_layer1 conv1 maxpool1 conv2 fc1 fc2 output_layer1".split()
        )
        dense = graph.get_layer_by_name("net/fc2")
        assert dense.op is definitions.LayerType.dense
        assert dense.activation is activations.sigmoid
        assert dense.precision_config.precision_mode.value == "a8_w8_a8"
        assert [layer.name for layer in graph.get_real_output_layer(layers[-1])] == ["net/fc2"]
        assert graph.get_input_shapes() == [[-1, 8, 8, 3]]
        assert runner.state is sdk().States.QUANTIZED_MODEL
        assert runner.model_name == "net"
        assert runner._sdk_backend.mo_flavor.optimization_level == 0


@pytest.mark.parametrize(
    ("flavour", "option", "is_known"),
    [
        ("3.25", "nms_score_threshold", False),
        ("3.33", "nms_score_threshold", True),
        ("3.25", "device_ids", True),
        ("5.3", "custom_infer_config", True),
        ("5.3", "gpu", False),
    ],
)
def test_contexts_take_the_options_of_their_version(
    flavour: str, option: str, is_known: bool, tmp_path: Path
) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(har=small_archive(flavour, tmp_path))
        context = runner.infer_context(sdk().InferenceContext.SDK_FP_OPTIMIZED, **{option: None})
        if is_known:
            with context:
                return
        with pytest.raises(TypeError), context:
            pass


@every_flavour
def test_a_context_ends_with_its_block(flavour: str, tmp_path: Path) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(har=small_archive(flavour, tmp_path))
        with runner.infer_context(sdk().InferenceContext.SDK_QUANTIZED) as context:
            runner.get_keras_model(context)
        with pytest.raises(RuntimeError):
            runner.get_keras_model(context)
        with pytest.raises(RuntimeError):
            runner.infer(context, {})


def test_an_internal_model_has_to_be_built(tmp_path: Path) -> None:
    with installed("5.3"):
        runner = sdk().ClientRunner(har=small_archive("5.3", tmp_path))
        with runner.infer_context(sdk().InferenceContext.SDK_QUANTIZED) as context:
            model = runner.get_keras_model(context)
            with pytest.raises(AttributeError):
                _ = model.model


@every_flavour
def test_what_does_not_emulate_is_refused(flavour: str, tmp_path: Path) -> None:
    with installed(flavour):
        runner = sdk().ClientRunner(har=small_archive(flavour, tmp_path))
        with pytest.raises(NotImplementedError):
            runner.optimize({})
