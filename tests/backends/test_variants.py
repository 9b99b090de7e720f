"""Variants of an archive's network: what is the same as before is the same object."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fixtures.noise_archives import images
from tests.har.archives import NAME
from utils.backends.variants import Variants
from utils.emulator.floats.engine import FloatEmulator
from utils.emulator.measuring.trial import TrialRun
from utils.emulator.measuring.work import AS_DOUBLES, AS_INTEGERS, quantized_work, work_of
from utils.emulator.quantized.quantized_run import QuantizedEmulator
from utils.har.model import Model, load_model
from utils.quantizer.integers import CodedLayer, coded_layers

INPUT, OUTPUT = f"{NAME}/input_layer1", f"{NAME}/output_layer1"
LATE = {f"{NAME}/fc2": "a16_w16_a16", f"{NAME}/fc1": "a8_w8_a16"}
SIXTEEN_BIT = f"{NAME}/fc2"


@pytest.fixture(scope="module")
def model(sound: tuple[str, str]) -> Model:
    return load_model(sound[0])


@pytest.fixture(scope="module")
def stored(model: Model) -> dict[str, CodedLayer]:
    return dict(coded_layers(model))


def test_what_nothing_changes_is_the_archives_own(
    model: Model, stored: dict[str, CodedLayer]
) -> None:
    variant = Variants(model, stored).of(LATE)
    assert set(LATE) <= variant.changed
    for name in set(stored) - variant.changed:
        assert variant.network[name] is model.network[name]
        assert variant.coded_layers[name] is stored[name]


def test_a_layer_that_was_made_before_is_handed_out_again(
    model: Model, stored: dict[str, CodedLayer]
) -> None:
    variants = Variants(model, stored)
    one, other = variants.of(LATE), variants.of({**LATE, f"{NAME}/conv1": "a16_w16_a16"})
    for name in LATE:
        assert one.coded_layers[name] is other.coded_layers[name]
        assert one.network[name] is other.network[name]
    assert other.changed > one.changed


def test_other_modes_and_ranges_make_other_layers(
    model: Model, stored: dict[str, CodedLayer]
) -> None:
    variants = Variants(model, stored)
    encoding = stored[f"{NAME}/conv6"].output
    assert encoding is not None
    narrow, narrower = (
        variants.of(ranges={f"{NAME}/conv6": (0.0, encoding.high / factor)}) for factor in (2, 3)
    )
    assert narrow.changed == narrower.changed
    one, other = (v.coded_layers[f"{NAME}/conv6"].output for v in (narrow, narrower))
    assert one is not None
    assert other is not None
    assert one.high > other.high


def test_a_trial_from_the_first_change_on_is_the_whole_trial(
    model: Model, stored: dict[str, CodedLayer]
) -> None:
    floats = FloatEmulator(model.float_network, model.float_parameters)
    archived = QuantizedEmulator(floats, model.network, stored)
    run = TrialRun(floats, archived, [{INPUT: images()[i : i + 4]} for i in (0, 4)])
    variant = Variants(model, stored).of(LATE)
    whole = run.outcomes(variant.network, variant.coded_layers)
    assert repr(run.outcomes(variant.network, variant.coded_layers, variant.changed)) == repr(whole)
    assert repr(run.outcomes(model.network, stored, ())) != repr(whole)
    part, all_of_it = (
        run.work(variant.network, variant.coded_layers, changed)
        for changed in (variant.changed, None)
    )
    assert part < all_of_it / 2


def test_a_set_that_was_tried_is_not_compiled_again(
    model: Model, stored: dict[str, CodedLayer], monkeypatch: pytest.MonkeyPatch
) -> None:
    from utils.emulator.floats import layer_function

    floats = FloatEmulator(model.float_network, model.float_parameters)
    archived = QuantizedEmulator(floats, model.network, stored)
    run = TrialRun(floats, archived, [{INPUT: images()[:2]}])
    variants = Variants(model, stored)

    def tried() -> float:
        variant = variants.of(LATE)
        found = run.outcomes(variant.network, variant.coded_layers, variant.changed)
        return found[OUTPUT].snr_db

    def compiled(*_: object) -> None:
        raise AssertionError("a layer was compiled again")

    first = tried()
    monkeypatch.setattr(layer_function, "LayerFunction", compiled)
    assert tried() == first
    assert np.isfinite(first)


def test_sixteen_bit_costs_more(model: Model, stored: dict[str, CodedLayer]) -> None:
    variant = Variants(model, stored).of(LATE)
    own = work_of(model.network[SIXTEEN_BIT])
    before = quantized_work(model.network, stored, [SIXTEEN_BIT])
    after = quantized_work(variant.network, variant.coded_layers, [SIXTEEN_BIT])
    assert (before, after) == (AS_INTEGERS * own, AS_DOUBLES * own)
