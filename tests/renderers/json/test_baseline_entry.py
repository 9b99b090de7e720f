from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from tests.baseline.runs import same_class
from tests.fixtures.schemas import validate
from tests.renderers.hostile import NAMES, hostile_baseline, hostile_report
from tests.renderers.json.test_json import EMPTY, rendered
from utils.baseline import BaselineComparison, ChangedFinding, SnrChange
from utils.renderers import json as renderer
from utils.renderers.json.baseline_entry import baseline_entry


def test_no_earlier_run_is_null() -> None:
    assert baseline_entry(None) is None
    assert rendered(EMPTY)["baseline"] is None


def test_every_part_of_a_comparison_is_in_the_entry() -> None:
    comparison = BaselineComparison(
        path="earlier.json",
        findings=(
            ChangedFinding("low-snr", "new", "warning", None, "A", "it is low", ("net/a",)),
            ChangedFinding("high-snr", "fixed", "info", "info", "B", "it is high"),
        ),
        layers=(SnrChange("net/a", 12.5, 10.0), SnrChange("net/b", None, 3.0)),
        outputs=(SnrChange("net/out", 1.0, 2.0),),
        decisions=(same_class(32, 64),),
        changes=("Chip: hailo8, before hailo8l",),
        not_compared=("1 finding (x): A did not run in this run",),
        script_added=("x(1)",),
        script_removed=("y(2)",),
    )
    assert rendered(replace(EMPTY, baseline=comparison))["baseline"] == {
        "path": "earlier.json",
        "comparable": True,
        "counts": {"new": 1, "worse": 0, "better": 0, "unchanged": 0, "fixed": 1},
        "findings": [
            {
                "id": "low-snr",
                "change": "new",
                "severity": "warning",
                "severity_before": None,
                "inspector": "A",
                "message": "it is low",
                "layers": ["net/a"],
            },
            {
                "id": "high-snr",
                "change": "fixed",
                "severity": "info",
                "severity_before": "info",
                "inspector": "B",
                "message": "it is high",
                "layers": [],
            },
        ],
        "layers": {
            "net/a": {"before_db": 12.5, "now_db": 10.0, "gain_db": -2.5},
            "net/b": {"before_db": None, "now_db": 3.0, "gain_db": None},
        },
        "outputs": {"net/out": {"before_db": 1.0, "now_db": 2.0, "gain_db": 1.0}},
        "decisions": [
            {
                "output": "net/output_layer1",
                "measure": "same_top1",
                "before": {
                    "value": 0.5,
                    "low": pytest.approx(0.38, abs=0.01),
                    "high": pytest.approx(0.62, abs=0.01),
                    "of": 64,
                    "undecided": 0,
                },
                "now": {
                    "value": 1.0,
                    "low": pytest.approx(0.94, abs=0.01),
                    "high": 1.0,
                    "of": 64,
                    "undecided": 0,
                },
                "direction": 1,
            }
        ],
        "changes": ["Chip: hailo8, before hailo8l"],
        "script_added": ["x(1)"],
        "script_removed": ["y(2)"],
        "not_compared": ["1 finding (x): A did not run in this run"],
    }


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_hostile_names_do_no_harm(name: str) -> None:
    report = replace(hostile_report(name), baseline=hostile_baseline(name))
    value = json.loads(renderer.render(report).encode("utf-8"))
    validate(value)
    assert list(value["baseline"]["layers"]) == [name, f"{name}2"]


@pytest.mark.parametrize("key", ["counts", "comparable", "changes"])
def test_the_schema_refuses_an_incomplete_entry(key: str) -> None:
    value = rendered(replace(EMPTY, baseline=BaselineComparison("earlier.json")))
    del value["baseline"][key]
    with pytest.raises(jsonschema.ValidationError):
        validate(value)
