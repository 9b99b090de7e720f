"""What is folded under what: as the table says, where it says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.causes.findings import ERROR, INFO, PLAN, WARNING, diagnosis, found, told
from tests.fixtures.builders import build_layer, build_network
from utils.causes import Proof
from utils.causes.explanations import Where, explains
from utils.causes.folding import diagnosis_of
from utils.causes.pairs import EXPLANATIONS
from utils.findings import Finding, Gain, Location
from utils.renderers.explains import how_sure


@pytest.mark.parametrize(
    ("where", "cause", "symptom", "is_folded"),
    [
        (Where.ANYWHERE, "conv2", "conv1", True),
        (Where.ANYWHERE, "dw1", "conv2", True),
        (Where.HERE, "conv1", "conv1", True),
        (Where.HERE, "conv1", "conv2", False),
        (Where.HERE, "conv1 conv2", "conv2", True),
        (Where.HERE, "conv1", "conv1 conv2", False),
        (Where.HERE, "conv2", "output_layer1", True),  # it hands on nothing else
        (Where.HERE, "output_layer1", "conv2", True),
        (Where.HERE, "conv1", "output_layer1", False),
        (Where.BEHIND, "conv1", "conv1", True),
        (Where.BEHIND, "conv1", "conv2 output_layer2", True),
        (Where.BEHIND, "conv2", "conv1", False),
        (Where.BEHIND, "conv2", "output_layer2", False),
        (Where.BEHIND, "conv2", "output_layer1", True),
        (Where.BEHIND, "conv2", "output_layer1 output_layer2", False),
        (Where.HERE, "", "conv1", True),  # of the whole network
        (Where.HERE, "conv1", "", True),
    ],
)
def test_places_decide(where: Where, cause: str, symptom: str, is_folded: bool) -> None:
    made = diagnosis(
        (explains("cause", "symptom", where, ""),),
        found("symptom", symptom),
        found("cause", cause),
    )
    apart: list[tuple[str, list[str]]] = [("symptom", []), ("cause", [])]
    assert told(made) == ([("cause", ["symptom"])] if is_folded else apart)


def test_several_causes_explain_together_and_the_one_that_reaches_most_tells_it() -> None:
    at_places = (explains("cause", "symptom", Where.HERE, ""),)
    causes = found("cause", "conv1"), found("cause", "conv2 dw1")
    made = diagnosis(at_places, *causes, found("symptom", "conv1 conv2 dw1"))
    assert [len(cause.explains) for cause in made.causes] == [1, 0]
    assert made.causes[0].finding is causes[1]
    more = diagnosis(at_places, *causes, found("symptom", "conv1 conv2 dw1 output_layer2"))
    assert len(more.causes) == 2  # an output hands on what its layer computes
    most = diagnosis(at_places, *causes, found("symptom", "conv1 conv2 dw1 input_layer1"))
    assert len(most.causes) == 3


def test_nothing_is_folded_link_by_link() -> None:
    chain = (
        explains("a", "b", Where.ANYWHERE, ""),
        explains("b", "c", Where.ANYWHERE, ""),
    )
    made = diagnosis(chain, found("c"), found("b"), found("a"))
    assert told(made) == [("a", ["b"]), ("c", [])]
    assert told(diagnosis(chain, found("c"), found("b"))) == [("b", ["c"])]
    both = (*chain, explains("a", "c", Where.ANYWHERE, ""))
    assert told(diagnosis(both, found("c"), found("b"), found("a"))) == [("a", ["c", "b"])]


def test_what_the_table_does_not_name_stands_alone_whatever_its_link() -> None:
    made = diagnosis((), found("calibrated-on-noise", severity=ERROR), found("low-snr"))
    assert told(made) == [("calibrated-on-noise", []), ("low-snr", [])]


def test_a_cause_is_as_bad_as_the_worst_that_it_explains() -> None:
    table = (explains("cause", "symptom other", Where.ANYWHERE, ""),)
    cause, symptom = found("cause", severity=WARNING), found("symptom", severity=ERROR)
    made = diagnosis(table, cause, symptom, found("other"))
    assert [each.severity for each in made.causes] == [ERROR]
    assert made.severity_of(cause) == ERROR
    assert made.severity_of(symptom) == ERROR
    assert made.told(ERROR) == list(made.causes)
    assert (made.told(WARNING), made.told(INFO)) == ([], [])
    worse = diagnosis(table, found("cause", severity=ERROR), found("other"))
    assert [each.severity for each in worse.causes] == [ERROR]
    assert worse.severity_of(worse.causes[0].explains[0]) == WARNING


@pytest.mark.parametrize(
    ("mended", "is_proven", "is_cause"),
    [("dw1", True, False), ("conv2 dw1", True, True), ("dw1", False, True)],
)
@pytest.mark.parametrize(
    "id",
    [
        "accumulator-saturates",
        "range-saturates",
        "fragile-layer-compressed",
        "implicit-compression",
    ],
)
def test_a_suspect_is_not_to_blame_where_the_outputs_come_right_without_it(
    id: str, mended: str, is_proven: bool, is_cause: bool
) -> None:
    suspect = found(id, "conv2", WARNING)
    lost = found("decisions-change", "output_layer1", WARNING)
    plan = found("mixed-precision-plan", mended, INFO, line="plan(1)", proven=is_proven)
    made = diagnosis(EXPLANATIONS, suspect, lost, plan)
    assert (made.cause_of(lost) is suspect) is is_cause
    assert (made.causes[0].finding is lost) is not is_cause


@pytest.mark.parametrize(
    ("cause", "symptom", "is_folded"),
    [
        (found("coarse-channels", severity=INFO), found("low-snr", severity=WARNING), False),
        (found("coarse-channels", severity=INFO), found("low-snr", severity=INFO), True),
        (found("calibration-dtype", severity=INFO), found("noise-born-here", severity=INFO), False),
        (found("calibration-dtype", severity=ERROR), found("noise-born-here", severity=INFO), True),
    ],
)
def test_what_is_only_worth_knowing_is_not_to_blame(
    cause: Finding, symptom: Finding, is_folded: bool
) -> None:
    made = diagnosis(EXPLANATIONS, cause, symptom)
    assert (made.cause_of(symptom) is cause) is is_folded


@pytest.mark.parametrize("cause", ["calibrated-on-noise", "calibrated-on-constant"])
@pytest.mark.parametrize("symptom", ["normalization-missing", "data-normalized-twice"])
def test_no_calibration_explains_what_the_data_given_show(cause: str, symptom: str) -> None:
    """The network is wrong in float, so that comes first; what calibration stored is a symptom."""
    noise = found(cause, "input_layer1", ERROR)
    noisy = found("output-snr-low", severity=ERROR)
    stored = found(symptom, "input_layer1", ERROR)
    assert told(diagnosis(EXPLANATIONS, noise, noisy, stored)) == [(cause, [noisy.id, symptom])]
    given = replace(stored, holds_for_any_calibration=True)
    made = diagnosis(EXPLANATIONS, noise, noisy, given)
    assert told(made) == [(symptom, []), (cause, [noisy.id])]
    # At another input nothing says that it matters more.
    elsewhere = replace(given, layers=("net/input_layer2",))
    made = diagnosis(EXPLANATIONS, noise, noisy, elsewhere)
    assert told(made) == [(cause, [noisy.id]), (symptom, [])]


def test_data_in_another_order_are_mended_before_anybody_quantizes_on_them() -> None:
    noise = found("calibrated-on-noise", "input_layer1", ERROR)
    stored = found("calibration-scrambled", "input_layer1", ERROR)
    # Random numbers of an archive are like pictures whose channels were mixed.
    assert told(diagnosis(EXPLANATIONS, noise, stored)) == [(noise.id, [stored.id])]
    given = replace(stored, holds_for_any_calibration=True)
    assert told(diagnosis(EXPLANATIONS, noise, given)) == [(given.id, []), (noise.id, [])]
    # What is wrong with the numbers themselves comes before their order.
    twice = found("data-normalized-twice", "input_layer1", ERROR)
    twice = replace(twice, holds_for_any_calibration=True)
    assert told(diagnosis(EXPLANATIONS, given, twice))[0] == (twice.id, [])


W8 = found(
    PLAN.id,
    "conv1 conv2",
    INFO,
    line="quantization_param([net/conv1, net/conv2], precision_mode=a8_w8)",
    proven=True,
)


@pytest.mark.parametrize("cause", ["dataset-differs", "calibrated-on-noise"])
@pytest.mark.parametrize(
    ("plan", "is_of_weights"),
    [
        (W8, True),
        (replace(PLAN, layers=W8.layers), False),  # 16 bit makes up for wrong ranges as well
        (replace(W8, recommendation=replace(W8.recommendation, proven=False)), False),  # type: ignore[type-var]
    ],
)
def test_ranges_cost_no_decision_where_wider_weights_alone_bring_it_back(
    cause: str, plan: Finding, is_of_weights: bool
) -> None:
    ranges, noisy = found(cause, "input_layer1"), found("low-snr", "conv1 conv2")
    bits = found("fragile-layer-compressed", "conv1 conv2")
    lost = found("decisions-change", "output_layer1", ERROR)
    made = diagnosis(EXPLANATIONS, ranges, bits, lost, noisy, plan)
    blamed = bits if is_of_weights else ranges
    assert made.cause_of(lost) is made.cause_of(plan) is blamed
    assert made.cause_of(noisy) is ranges
    assert len(made.causes) == 2
    if is_of_weights and cause == "dataset-differs":
        assert made.causes[0].finding is bits
        assert made.next is not None
        assert made.next.id == plan.id


def test_a_fault_at_one_input_explains_nothing_at_another() -> None:
    network = build_network(
        [
            *(build_layer(f"input_layer{number}", "input_layer") for number in (1, 2)),
            build_layer("concat1", inputs=["input_layer1", "input_layer2"]),
            build_layer("output_layer1", inputs=["concat1"]),
        ]
    )
    twice = found("data-normalized-twice", "input_layer1", ERROR)
    large = found("data-not-normalized", "input_layer2", ERROR)
    noisy = found("low-snr", "concat1")
    made = diagnosis_of([twice, large, noisy], network, EXPLANATIONS)
    assert told(made) == [(twice.id, [noisy.id]), (large.id, [])]
    same = replace(large, layers=("net/input_layer1", "net/input_layer2"))
    assert told(diagnosis_of([twice, same, noisy], network, EXPLANATIONS)) == [
        (twice.id, [same.id, noisy.id])
    ]


def test_values_that_a_cast_broke_say_nothing_of_normalization() -> None:
    broken, twice = found("calibration-dtype", severity=ERROR), found("data-normalized-twice")
    assert told(diagnosis(EXPLANATIONS, twice, broken)) == [(broken.id, [twice.id])]
    costly = found("calibration-dtype", severity=INFO)  # a type that only takes memory
    assert len(diagnosis(EXPLANATIONS, twice, costly).causes) == 2


def test_noise_that_is_given_says_nothing_of_the_archive() -> None:
    noise, archive = found("calibration-noise", severity=ERROR), found("normalization-missing")
    assert len(diagnosis(EXPLANATIONS, noise, archive).causes) == 2
    assert len(diagnosis(EXPLANATIONS, noise, found("dataset-differs")).causes) == 1


@pytest.mark.parametrize("is_line", [False, True])
def test_what_a_line_cuts_off_is_narrow_beside_others(is_line: bool) -> None:
    cut = found("range-saturates", "conv1", ERROR)
    if is_line:
        cut = replace(cut, location=Location("a", 4, 1), removes_cause=True)
    join, sums = found("join-range-imbalance", "conv2"), found("weights-shrunk", "conv2")
    constant = found("channel-without-codes", "conv1")
    before = found("weights-shrunk", "input_layer1")
    made = diagnosis(EXPLANATIONS, join, sums, constant, before, cut)
    assert (made.cause_of(constant) is cut) is is_line
    assert (made.cause_of(join) is cut, made.cause_of(sums) is cut) == (is_line, is_line)
    assert made.cause_of(before) is None


def test_what_explains_a_cut_explains_what_that_leaves_behind() -> None:
    at_line = {"location": Location("a", 4, 1), "removes_cause": True}
    cut = replace(found("range-saturates", "conv1", ERROR), **at_line)  # type: ignore[arg-type]
    twice = found("data-normalized-twice", "input_layer1", ERROR)
    join = found("join-range-imbalance", "conv2")
    made = diagnosis(EXPLANATIONS, join, cut, twice)
    assert told(made) == [(twice.id, [join.id, cut.id])]
    aside = found("join-range-imbalance", "input_layer1")
    assert diagnosis(EXPLANATIONS, aside, cut, twice).cause_of(aside) is None
    calibrated = found("range-saturates", "conv1", ERROR)
    assert diagnosis(EXPLANATIONS, join, calibrated, twice).cause_of(join) is None


@pytest.mark.parametrize("is_line", [False, True])
def test_clipping_all_layers_costs_what_its_cuts_cost(is_line: bool) -> None:
    cut = found("range-saturates", "conv1")
    if is_line:
        cut = replace(cut, location=Location("a", 4, 1), removes_cause=True)
    blanket, lost = found("script-blanket-clipping"), found("decisions-change", "output_layer1")
    made = diagnosis(EXPLANATIONS, lost, cut, blanket)
    assert made.cause_of(cut) is blanket
    assert (made.cause_of(lost) is blanket) is is_line
    assert diagnosis(EXPLANATIONS, lost, blanket).cause_of(lost) is None


@pytest.mark.parametrize(
    ("cause", "is_folded"),
    [
        ("data-normalized-twice", True),
        ("normalization-missing", True),
        ("calibration-scrambled", True),
        ("calibrated-on-noise", False),
        ("fragile-layer-compressed", False),
    ],
)
def test_wrong_numbers_do_not_show_which_part_of_a_function_is_used(
    cause: str, is_folded: bool
) -> None:
    table = found("activation-table", "conv2", WARNING)
    root = found(cause, "input_layer1" if is_folded else "conv1", ERROR)
    made = diagnosis(EXPLANATIONS, table, root)
    assert (made.cause_of(table) is root) is is_folded


def test_values_in_another_order_are_as_large_as_before() -> None:
    scrambled, differs = found("calibration-scrambled", severity=ERROR), found("dataset-differs")
    assert len(diagnosis(EXPLANATIONS, scrambled, differs).causes) == 1
    for id in ("normalization-missing", "data-normalized-twice"):
        wrong = found(id, severity=ERROR)
        assert told(diagnosis(EXPLANATIONS, scrambled, differs, wrong)) == [
            (scrambled.id, [differs.id]),
            (id, []),
        ]


def test_the_cause_of_a_finding_is_known_by_identity() -> None:
    at_places = (explains("cause", "symptom", Where.HERE, ""),)
    one, twin = found("symptom", "conv1"), found("symptom", "conv1")
    cause, other = found("cause", "conv1"), found("symptom", "conv2")
    made = diagnosis(at_places, one, twin, cause, other)
    assert made.cause_of(one) is made.cause_of(twin) is cause
    assert made.cause_of(other) is made.cause_of(cause) is None
    assert made.cause_of(found("symptom", "conv1")) is None


TWICE_AS_GIVEN = replace(
    found("data-normalized-twice", severity=ERROR), holds_for_any_calibration=True
)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (found("own", severity=ERROR), found("calibrated-on-noise", severity=WARNING)),
        (found("calibrated-on-noise", severity=INFO), found("runtime-pair", severity=INFO)),
        (found("coarse-channels"), found("low-snr")),
        (found("coarse-channels"), found("own")),  # counted, not a rule of thumb
        (found("script-unit-normalization"), found("nms-threshold")),
        (found("calibration-shape", severity=ERROR), found("calibrated-on-noise", severity=ERROR)),
        (found("calibration-dtype", severity=ERROR), found("dataset-differs", severity=ERROR)),
        (found("weights-not-finite", severity=ERROR), TWICE_AS_GIVEN),
        (found("reference-differs", severity=ERROR), TWICE_AS_GIVEN),
        (found("modification-differs", severity=ERROR), found("output-snr-low", severity=ERROR)),
        (found("modification-differs", severity=ERROR), found("dataset-differs", severity=ERROR)),
        (found("dataset-differs", severity=ERROR), found("modification-differs")),
    ],
)
def test_the_worst_comes_first_then_causes_then_the_surest(first: Finding, second: Finding) -> None:
    for findings in ((first, second), (second, first)):
        assert [c.finding.id for c in diagnosis((), *findings).causes] == [first.id, second.id]


@pytest.mark.parametrize(
    ("id", "share", "is_first"),
    [
        ("calibration-constant-sample", 0.25, False),
        ("calibration-constant-sample", 0.9, True),
        ("calibration-duplicates", 0.25, False),
        ("calibration-duplicates", 0.9, False),
    ],
)
def test_samples_that_add_nothing_come_after_what_all_others_show(
    id: str, share: float, is_first: bool
) -> None:
    cut_off = found("values-beyond-range", "conv1", ERROR)
    some = replace(found(id, severity=ERROR), measured={"share": share})
    made = diagnosis(EXPLANATIONS, some, cut_off)
    order = [id, cut_off.id] if is_first else [cut_off.id, id]
    assert [cause.finding.id for cause in made.causes] == order
    assert made.next is not None
    assert made.next.id == order[0]


def test_copies_do_not_keep_back_what_is_proven() -> None:
    copies = found("calibration-duplicates", severity=ERROR)
    made = diagnosis(EXPLANATIONS, copies, found("output-snr-low", "output_layer1"), PLAN)
    assert made.next is not None
    assert made.next.id == PLAN.id


def test_of_what_is_alike_the_one_that_explains_more_comes_first_then_the_earlier() -> None:
    table = (
        explains("few", "x", Where.HERE, ""),
        explains("many", "x y", Where.HERE, ""),
    )
    made = diagnosis(table, found("few", "conv1"), found("x", "conv1"), found("many", "conv2"),
                     found("x", "conv2"), found("y", "conv2"))  # fmt: skip
    assert told(made) == [("many", ["x", "y"]), ("few", ["x"])]
    alike = diagnosis((), found("b"), found("a"))
    assert [c.finding.id for c in alike.causes] == ["b", "a"]


def test_a_cause_is_as_sure_as_its_kind_or_as_a_trial_made_it() -> None:
    proofs = {
        id: diagnosis((), found(id)).causes[0].proof
        for id in ("calibrated-on-noise", "coarse-channels", "an-own-problem")
    }
    assert list(proofs.values()) == [Proof.FIT, Proof.ARITHMETIC, Proof.RULE]
    names = [found("calibration-input-names", severity=each) for each in (WARNING, ERROR)]
    seeming, refused = (diagnosis((), each).causes[0].proof for each in names)
    assert (seeming, refused) == (Proof.FIT, Proof.ARITHMETIC)
    tried = found("an-own-problem", line="x(1)", proven=True)
    assert diagnosis((), tried).causes[0].proof is Proof.TRIAL


LINE = "post_quantization_optimization(bias_correction, policy=enabled)"


def test_an_info_that_asks_for_the_lines_of_something_graver_is_told_with_it() -> None:
    grave, info = found("grave", "conv1", line=LINE), found("info", "", INFO, line=LINE)
    assert told(diagnosis((), grave, info)) == [("grave", ["info"])]
    apart: list[tuple[str, list[str]]] = [("grave", []), ("info", [])]
    assert told(diagnosis((), grave, found("info", "", INFO, line="other()"))) == apart
    assert told(diagnosis((), grave, found("info", "", INFO))) == apart
    assert told(diagnosis((), grave, found("other", "", WARNING, line=LINE))) == [
        ("grave", []),
        ("other", []),
    ]


def test_what_explains_something_itself_is_folded_under_no_other_advice() -> None:
    table = (explains("info", "detail", Where.ANYWHERE, ""),)
    grave, info = found("grave", "conv1", line=LINE), found("info", "", INFO, line=LINE)
    made = diagnosis(table, grave, info, found("detail", "", INFO))
    assert told(made) == [("grave", []), ("info", ["detail"])]


NOISY = found("calibrated-on-noise", severity=ERROR, command="hailo optimize net.har")
COSTLY = replace(
    found("calibration-costs", "output_layer1"), gain=Gain("SNR in dB at output_layer1", 2.0, 22.9)
)
LOST_THERE = found("output-snr-low", "output_layer1", ERROR)


def test_another_calibration_is_proven_by_a_trial_of_one() -> None:
    (cause,) = diagnosis(EXPLANATIONS, NOISY, COSTLY, LOST_THERE).causes
    assert cause.finding is NOISY
    assert cause.proof is Proof.TRIAL
    assert cause.gain == COSTLY.gain
    assert how_sure(cause) == (
        "a trial shows it: with the ranges of these data, SNR in dB at output_layer1 goes from "
        "2.0 to 22.9"
    )
    kept = Gain("share of scores that fire rightly at output_layer1", 0.9032, 0.9643)
    by_decisions = replace(cause, finding=replace(NOISY, gain=kept))
    assert how_sure(by_decisions).endswith("at output_layer1 goes from 90% to 96%")


def test_a_remedy_that_asks_for_something_else_is_not_proven_by_it() -> None:
    other = replace(NOISY, command="")
    (cause,) = diagnosis(EXPLANATIONS, other, COSTLY, LOST_THERE).causes
    assert cause.proof is Proof.FIT
    assert cause.gain is None


def test_ranges_that_were_cleared_explain_no_loss() -> None:
    differs = found("dataset-differs", "input_layer1", ERROR)
    cleared = found("calibration-not-to-blame", "output_layer1", INFO)
    suspected = told(diagnosis(EXPLANATIONS, differs, LOST_THERE))
    assert suspected == [("dataset-differs", ["output-snr-low"])]
    causes = dict(told(diagnosis(EXPLANATIONS, differs, LOST_THERE, cleared)))
    assert causes["dataset-differs"] == []
    assert causes["output-snr-low"] == []
