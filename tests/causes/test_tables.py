"""The tables: every finding has its place, and nothing explains itself."""

from __future__ import annotations

import pytest

import inspectors
from inspectors.documentation import documentation
from tests.causes.findings import ERROR, WARNING, diagnosis, found
from utils.causes.explanations import Where, explains
from utils.causes.links import LINKS, PROOFS, Link, link_of
from utils.causes.order import circle, ranks
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Severity

IDS = set(documentation(inspectors.discover()[0]).findings)


def test_every_finding_has_its_place_in_the_chain_and_nothing_else_has() -> None:
    assert sorted(IDS - LINKS.keys()) == []
    assert sorted(LINKS.keys() - IDS) == []


def test_what_is_proven_in_the_table_exists() -> None:
    assert sorted(PROOFS.keys() - IDS) == []


def test_explanations_name_findings_that_exist() -> None:
    named = {name for entry in EXPLANATIONS for name in (entry.cause, *entry.explains)}
    assert sorted(named - IDS) == []


def test_every_cause_has_one_entry_for_a_place_with_a_reason_that_explains_others() -> None:
    causes = [(entry.cause, entry.where) for entry in EXPLANATIONS]
    assert len(causes) == len(set(causes))
    assert all(entry.reason and entry.explains for entry in EXPLANATIONS)
    assert all(entry.cause not in entry.explains for entry in EXPLANATIONS)


def test_nothing_explains_in_a_circle() -> None:
    assert circle(EXPLANATIONS) == []


def test_a_circle_is_found_and_broken_where_there_is_one() -> None:
    table = (
        explains("a", "b", Where.ANYWHERE, ""),
        explains("b", "c x", Where.HERE, ""),
        explains("c", "a", Where.BEHIND, ""),
    )
    first, *others = circle(table)
    assert others[-1] == first
    assert set(others) == {"a", "b", "c"}
    order = ranks(table)
    assert order.keys() == {"a", "b", "c", "x"}
    assert order["b"] < order["x"]


def test_whatever_explains_something_has_a_lower_rank() -> None:
    order = ranks(EXPLANATIONS)
    assert all(order[e.cause] < order[name] for e in EXPLANATIONS for name in e.explains)


def test_ranks_do_not_depend_on_the_order_of_sets() -> None:
    names = [f"n{i}" for i in range(50)]
    tables = [[explains("a", " ".join(order), Where.HERE, "")] for order in (names, names[::-1])]
    assert list(ranks(tables[0]).items()) == list(ranks(tables[1]).items())


def test_what_the_table_does_not_know_is_a_place() -> None:
    assert link_of("an-own-problem") == Link.PLACE
    assert link_of("calibrated-on-noise") == Link.CALIBRATION


def test_features_without_codes_explain_what_the_network_makes_of_them() -> None:
    (entry,) = (entry for entry in EXPLANATIONS if entry.cause == "channel-without-codes")
    assert entry.where is Where.BEHIND
    consequences = "coarse-channels data-not-normalized output-snr-low decisions-change"
    assert {*consequences.split(), "mixed-precision-plan", "output-constant"} <= entry.explains


def test_what_the_given_file_does_is_told_apart_from_what_the_archive_holds() -> None:
    pairs = {(entry.cause, name) for entry in EXPLANATIONS for name in entry.explains}
    assert ("dataset-differs", "normalization-missing") in pairs
    # No name in a file killed channels of the archive, and a small file stays small.
    assert ("calibration-input-names", "dead-channels") not in pairs
    assert ("calibrated-on-noise", "calibration-too-few") not in pairs
    # Real data leave the level as it was.
    assert ("calibrated-on-noise", "optimization-level-zero") not in pairs


@pytest.mark.parametrize(
    ("id", "severity"),
    [
        ("channel-without-codes", WARNING),
        ("output-constant", ERROR),
        ("accumulator-saturates", WARNING),
    ],
)
@pytest.mark.parametrize(("layer", "is_behind"), [("conv1", True), ("dw1", False)])
def test_wide_channels_are_the_cause_of_what_is_lost_behind_them_however_much_it_is(
    id: str, severity: Severity, layer: str, is_behind: bool
) -> None:
    unequal, lost = found("unequal-channels", layer), found(id, "output_layer1", severity)
    made = diagnosis(EXPLANATIONS, lost, unequal)
    assert (made.cause_of(lost) is unequal) is is_behind
    assert max(cause.severity for cause in made.causes) == severity
