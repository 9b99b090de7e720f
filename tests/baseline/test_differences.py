from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.baseline.runs import DATA, layer, run
from utils.baseline.differences import differences, has_other_data
from utils.baseline.run_facts import DataFacts, LayerFacts, RunFacts

NOTHING: tuple[tuple[str, ...], tuple[str, ...]] = (), ()


def sentences(before: RunFacts, now: RunFacts) -> tuple[str, ...]:
    return differences(before, now, NOTHING)


def at_each(*facts: dict[str, Any]) -> dict[str, LayerFacts]:
    """Layers a, b, ... with these facts."""
    return {name: layer(**each) for name, each in zip("abcdef", facts, strict=False)}


def test_two_runs_on_one_archive_differ_in_nothing() -> None:
    everything = run(layers=at_each({"precision_mode": "a8_w8", "calibrated_range": (0.0, 1.0)}))
    assert sentences(everything, everything) == ()


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"optimization_level": 0}, {"optimization_level": 2}, "Optimization level: 2, before 0"),
        ({"compression_level": None}, {}, "Compression level: 0, before not recorded"),
        ({"sdk_version": ""}, {}, "Dataflow Compiler: 3.33.0, before not recorded"),
        ({"hw_arch": "hailo8l"}, {}, "Chip: hailo8, before hailo8l"),
        ({"backend": "sdk"}, {}, "Emulated by: embedded, before sdk"),
        ({"tool_version": "0.9"}, {}, "hailo-first-aid: 1.0, before 0.9"),
        (
            {"data": DataFacts("b.npy", 1024, 64)},
            {},
            "Data: set.npy (64 of 64 samples), before b.npy (64 of 1,024 samples)",
        ),
        ({"data": None}, {}, "Data: set.npy (64 of 64 samples), before none"),
        (
            {"layers": "abc"},
            {"layers": "abdefg"},
            "Graph: only this archive has d, e, f and 1 more",
        ),
    ],
)
def test_every_difference_has_its_sentence(
    before: dict[str, Any], now: dict[str, Any], expected: str
) -> None:
    assert expected in sentences(run(**before), run(**now))


def test_precision_is_summed_up_by_what_it_was_and_is() -> None:
    before = at_each(*[{"precision_mode": "a8_w8"}] * 5, {"precision_mode": None})
    now = at_each(*[{"precision_mode": "a16_w16"}] * 4, *[{"precision_mode": "a8_w4"}] * 2)
    assert sentences(run(layers=before), run(layers=now)) == (
        "Precision: 4 layers went from a8_w8 to a16_w16: a, b, c and 1 more",
        "Precision: 1 layer went from a8_w8 to a8_w4: e",
        "Precision: 1 layer went from no mode to a8_w4: f",
    )


def test_ranges_name_the_layer_that_moved_most() -> None:
    before = at_each(*[{"calibrated_range": span} for span in [(0, 1), (0, 1), (-1, 1), (0, 0)]])
    now = at_each(*[{"calibrated_range": span} for span in [(0, 1.005), (0, 255), (-2, 1), (0, 0)]])
    assert sentences(run(layers=before), run(layers=now)) == (
        "Calibrated ranges: they differ at 2 of 4 layers, most at b: 0 to 255, before 0 to 1",
    )


def test_other_values_are_told_where_they_enter() -> None:
    def entering(high: float, mean: float) -> RunFacts:
        facts: dict[str, Any] = {"output": (0.0, high), "mean": mean}
        return run(layers={"x": layer("input_layer", **facts), "a": layer(**facts)})

    assert sentences(entering(1, 0.5), entering(1, 0.505)) == ()
    assert not has_other_data(entering(1, 0.5), entering(1, 0.505))
    assert has_other_data(entering(1, 0.5), entering(1, 0.7))
    assert not has_other_data(replace(entering(1, 0.5), data=None), entering(1, 0.7))
    fewer = replace(entering(1, 0.5), data=replace(DATA, used=32))
    assert has_other_data(entering(1, 0.5), fewer)
    assert sentences(entering(1, 0.5), entering(1, 0.7)) == (
        "Data at x: 0 to 1 (mean 0.7), before 0 to 1 (mean 0.5)",
    )
    assert sentences(entering(1, 0.5), entering(255, 127.5)) == (
        "Data at x: 0 to 255 (mean 127.5), before 0 to 1 (mean 0.5)",
    )


def test_other_weights_are_told_apart_from_another_quantization() -> None:
    before = at_each({"weights": (9, "aa")}, {"weights": (9, "bb")}, {"weights": None})
    now = at_each({"weights": (9, "aa")}, {"weights": (9, "cc")}, {"weights": (9, "dd")})
    (sentence,) = sentences(run(layers=before), run(layers=now))
    assert sentence.startswith("Float weights: they differ at 1 of 2 layers (b)")


def test_long_scripts_are_shortened_and_control_characters_spelled_out() -> None:
    script = tuple(f"x{i}({'y' * 500})" for i in range(9)), ("bad\x1b[31m()",)
    added, removed = differences(run(), run(), script)
    assert added.startswith("Model script: 9 statements added: x0(yyy")
    assert added.endswith("... and 6 more")
    assert len(added) < 400
    assert removed == "Model script: 1 statement removed: bad\\x1b[31m()"
