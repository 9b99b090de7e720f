from __future__ import annotations

import pytest

from inspectors.dfc_log.own_runs import layer_of, own_runs
from tests.fixtures import log_texts
from tests.fixtures.builders import build_context, build_model
from tests.fixtures.log_texts import END, START, log, no_shift, run
from tests.inspectors.dfc_log.reported import findings, not_checked, summary
from utils.facts.log_lines import LogFact
from utils.side_files.dfc_log import DfcLog

SCRIPT = "[info] Loading model script commands to {} from string"


@pytest.mark.parametrize(
    ("subject", "layer"),
    [
        ("net/conv1", "net/conv1"),
        ("net/conv1/conv_op", "net/conv1"),
        ("conv1/conv_op", "net/conv1"),
        ("other/conv1", None),
        ("net/conv7/conv_op", None),
        ("net", None),
        ("", None),
        ("/", None),
    ],
)
def test_layers_are_found_by_what_logs_call_them(subject: str, layer: str | None) -> None:
    assert layer_of(build_model(), subject) == layer


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((no_shift(0.3),), ""),
        # Added by the optimization itself.
        ((no_shift(0.3, "net/conv9_d0"),), ""),
        ((no_shift(0.3, "other/conv1"), no_shift(0.3, "net/conv1")), ""),
        ((log_texts.entries(64),), ""),
        ((SCRIPT.format("net"), log_texts.entries(64)), ""),
        ((log_texts.TO_ZERO, log_texts.entries(64)), ""),
        ((no_shift(0.3, "other/conv1"),), "about another network, whose 1 layer named there"),
        ((no_shift(0.3, "conv99"),), "(conv99/conv_op) are none of net"),
        ((SCRIPT.format("other"), log_texts.entries(64)), "about another network, other and not"),
        ((log_texts.TO_ONE,), "of another run, at optimization level 1 where the archive records"),
        (("[info] Using default optimization level of 2",), "at optimization level 2 where"),
        (("nothing",), ""),
    ],
)
def test_logs_of_others_are_said_to_be_so(lines: tuple[str, ...], reason: str) -> None:
    refused = not_checked(run(*lines))
    assert bool(refused) is bool(reason)
    assert reason in "".join(map(str, refused))
    if refused:
        assert refused[0].reason.startswith("client.log: it is ")
        assert refused[0].remedy == "pass the log of the run that made this archive"
        assert findings(run(*lines)) == []


def test_a_log_without_a_known_line_is_said_to_be_so() -> None:
    (refused,) = not_checked(log("hello", "world"))
    assert refused.reason.startswith("client.log holds no known line")
    assert "hailo_sdk.client.log" in refused.remedy


def test_a_level_that_the_archive_does_not_record_contradicts_nothing() -> None:
    assert not_checked(run(log_texts.TO_ONE), model=build_model(mo_flavor=None)) == []


def calibrated(*logs: DfcLog) -> list[float]:
    found = findings(*logs)
    return [f.measured["used"] for f in found if f.id == "dfc-calibration-entries"]


def test_the_last_run_of_the_network_counts() -> None:
    first, second = (START, log_texts.entries(100), END), (START, log_texts.entries(200), END)
    other = (START, no_shift(0.3, "other/conv1"), log_texts.entries(300), END)
    assert calibrated(log(*first, *second)) == [200]
    assert calibrated(log(*second, *first)) == [100]
    assert calibrated(log(*first, *other)) == [100]
    assert calibrated(log(*other)) == []
    # Neither says that a run starts.
    assert calibrated(log(log_texts.entries(100), log_texts.entries(200))) == [200]


def test_what_two_logs_say_counts_once() -> None:
    lines = (log_texts.TO_ZERO, log_texts.entries(64), no_shift(0.7), log_texts.snr(12.5))
    other = [line.replace("[info]", "2024-05-28 - INFO - x.py:1 -") for line in lines]
    once = summary(findings(run(*lines)))
    assert summary(findings(run(*lines), run(*other, path="acceleras.log"))) == once
    assert [id for id, *_ in once] == [
        "dfc-level-reduced",
        "dfc-calibration-entries",
        "dfc-no-shift",
        "dfc-output-snr",
    ]


def test_steps_that_were_done_in_the_end_were_not_skipped() -> None:
    done = "[info] Model Optimization Algorithm Adaround is done (completion time is 00:00:01)"
    logs = (run("[info] Adaround skipped", "[info] Bias Correction skipped", done),)
    own = own_runs(build_context(dfc_logs=logs))
    assert own.skipped_steps == ("Bias Correction",)
    assert own.one(LogFact.LEVEL_REDUCED) is None
