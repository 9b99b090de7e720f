"""The whole command on archives that nobody could mend: it has to keep quiet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pytest

import inspectors
from tests.fixtures.clean_archives import ARCHIVES, SIXTEEN_BIT, clean_archive
from tests.fixtures.clean_networks import CLASSES
from tests.fixtures.noise_reports import findings, layers_of, reported
from utils.emulator.floats.engine import FloatEmulator
from utils.har.model import load_model

Report = Callable[[str, bool], dict[str, Any]]
# With images, the other two take as long as a tenth of all fast tests.
WITH_IMAGES = [
    pytest.param(kind, marks=[] if kind == "cnn" else pytest.mark.slow) for kind in ARCHIVES
]
# What there is to know of each of them, healthy as it is; no warning is among it.
ALWAYS = {
    "cnn": {"runtime-pair"},
    "transformer": {"runtime-pair", "expected-loss"},
    "detector": {"runtime-pair", "expected-loss", "silu-activation"},
}
WITHOUT_DATA = {"noise-not-analysed"}
# 64 images are no 1,024, and where few values were seen, the range cannot be judged.
WITH_DATA = {"calibration-too-few", "images-saved", "unused-range"}
# The table of SiLU runs a little below the lowest value of the function, where no codes are.
WITH_DATA_BY_KIND = {"detector": {"range-saturates"}}
# Who has nothing to judge, and what the reason says that would mend it.
GIVE_DATA = dict.fromkeys(
    (
        "ActivationTableInspector",
        "NoiseInspector",
        "ClippingInspector",
        "AgreementInspector",
        "FewSamplesInspector",
        "ImageInspector",
        "DatasetIdentityInspector",
        "ChannelBalanceInspector",
        "IdleWeightsInspector",
        "ChannelOrderInspector",
        "RecalibrationInspector",
    ),
    "with -d",
)
GIVE_FILES = {"DfcLogInspector": "--dfc-log", "NmsInspector": "--nms-config"}
# Both graphs are the same but for the normalization, so neither has to be run for that.
GIVE_STAGES = {
    "ModificationInspector": "",
    "ReferenceInspector": "--reference",
    "DeviceInspector": "--device-outputs",
}
NOTHING_LEFT_OUT = {
    "WideRangeInspector": "no line of the model script",
    "FinetuningInspector": "no weights that differ from the trained ones",
    "BiasCorrectionInspector": "does not show that bias correction was left out",
}
NO_SUCH_GRAPH: dict[str, dict[str, str]] = {
    "cnn": {"TransformerInspector": "", "FamilyInspector": "", **NOTHING_LEFT_OUT},
    "transformer": NOTHING_LEFT_OUT,
    "detector": {"TransformerInspector": "", "SqueezeExciteInspector": "", **NOTHING_LEFT_OUT},
}
# What could not be checked although the inspector ran.
PARTLY: dict[tuple[str, bool], dict[str, str]] = {
    ("cnn", False): {"CalibrationInspector": "-d"},
    ("transformer", False): {"CalibrationInspector": "-d"},
    ("detector", False): {"CalibrationInspector": "-d"},
    ("detector", True): {"ChannelOrderInspector": ""},
}


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, str]]:
    """Archive and images by kind."""

    return partial(clean_archive, tmp_path_factory)


@pytest.fixture(scope="module")
def report(
    paths: Callable[[str], tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """Report by kind, with the images that the archive was calibrated with or without any."""

    @cache
    def made(kind: str, with_data: bool) -> dict[str, Any]:
        har, data = paths(kind)
        folder = tmp_path_factory.mktemp("report")
        script = str(folder / "script.alls")
        argv = ["--output-model-script", script, *(["--exact-sensitivity"] if with_data else [])]
        return reported(folder, har, data if with_data else "", *argv)

    return made


def assert_reasons(said: Mapping[str, str], expected: Mapping[str, str]) -> None:
    assert said.keys() == expected.keys()
    assert all(words in said[name] for name, words in expected.items()), said


def assert_skipped(report: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    entries = report["inspectors"]
    assert_reasons({e["name"]: e["skipped"] for e in entries if e["skipped"]}, expected)


@pytest.mark.parametrize("kind", ARCHIVES)
def test_without_data_nothing_is_wrong(kind: str, report: Report) -> None:
    found = findings(report(kind, False))
    assert [f["message"] for f in found if f["severity"] != "info"] == []
    assert {f["id"] for f in found} == ALWAYS[kind] | WITHOUT_DATA
    assert_skipped(report(kind, False), GIVE_DATA | GIVE_FILES | GIVE_STAGES | NO_SUCH_GRAPH[kind])


@pytest.mark.parametrize("kind", WITH_IMAGES)
def test_with_its_own_images_nothing_is_wrong(kind: str, report: Report) -> None:
    found = findings(report(kind, True))
    assert [f["message"] for f in found if f["severity"] != "info"] == []
    expected = ALWAYS[kind] | WITH_DATA | WITH_DATA_BY_KIND.get(kind, set())
    assert {f["id"] for f in found} == expected
    assert_skipped(report(kind, True), GIVE_FILES | GIVE_STAGES | NO_SUCH_GRAPH[kind])


@pytest.mark.parametrize("kind", ARCHIVES)
def test_without_data_every_inspector_ran_to_its_end(kind: str, report: Report) -> None:
    assert_all_ran(kind, report(kind, False), with_data=False)


@pytest.mark.parametrize("kind", WITH_IMAGES)
def test_with_data_every_inspector_ran_to_its_end(kind: str, report: Report) -> None:
    made = report(kind, True)
    assert_all_ran(kind, made, with_data=True)
    unmeasured = {name for name, layer in made["layers"].items() if layer["not_measured"]}
    assert all("/precision_change" in name for name in unmeasured)


def assert_all_ran(kind: str, made: Mapping[str, Any], with_data: bool) -> None:
    assert made["failures"] == []
    assert {entry["name"] for entry in made["inspectors"]} == {
        cls.name() for cls in inspectors.discover()[0]
    }
    assert [entry for entry in made["inspectors"] if "crashed" in entry] == []
    partly = {e["name"]: " ".join(e["not_checked"]) for e in made["inspectors"]}
    assert_reasons({n: w for n, w in partly.items() if w}, PARTLY.get((kind, with_data), {}))


@pytest.mark.parametrize("kind", WITH_IMAGES)
def test_nothing_is_added_to_the_script(kind: str, report: Report) -> None:
    assert not any(f["commands"] for f in findings(report(kind, True)))


@pytest.mark.slow
def test_the_outputs_are_as_good_as_8_bit_make_them(report: Report) -> None:
    for kind in ARCHIVES:
        outputs = report(kind, True)["outputs"]
        assert min(output["snr_db"] for output in outputs.values()) > 30
        assert report(kind, True)["plan"] is None
    assert len(report("detector", True)["outputs"]) == 6


@pytest.mark.parametrize("kind", ["cnn", "transformer"])
def test_the_classifiers_know_their_images(
    kind: str, paths: Callable[[str], tuple[str, str]]
) -> None:
    har, data = paths(kind)
    model = load_model(har)
    emulator = FloatEmulator(model.float_network, model.float_parameters)
    (entry,), (output,) = model.float_network.input_layers, model.float_network.output_layers
    scores = emulator.run({entry.name: np.load(data)})[output.name].reshape(-1, CLASSES)
    assert np.mean(scores.argmax(axis=1) == np.arange(len(scores)) % CLASSES) > 0.9


@pytest.mark.slow
def test_what_the_transformers_script_asks_for_was_done(report: Report) -> None:
    modes = {
        name.rpartition("/")[2]: layer["precision_mode"]
        for name, layer in report("transformer", False)["layers"].items()
    }
    wide = {name for name, mode in modes.items() if mode.startswith("a16_w16")}
    assert wide >= set(SIXTEEN_BIT) == {n for n in modes if n.startswith(("ew_add", "norm"))}
    ratios = layers_of(report("transformer", True), "local_snr_db")
    # Between 16 bit in front and behind; the last sum is read by 8 bit.
    assert min(ratios[f"ew_add{number}"] for number in (1, 2, 3)) > 60
