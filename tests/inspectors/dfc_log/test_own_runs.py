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
        ((log_texts.entries(64),), ""),
        ((SCRIPT.format("net"), log_texts.entries(64)), ""),
        ((log_texts.TO_ZERO, log_texts.entries(64)), ""),
        ((no_shift(0.3, "other/conv1"),), "about another network, whose 1 layer named there"),
        ((no_shift(0.3, "conv99"),), "(conv99/conv_op) are none of net"),
        ((SCRIPT.format("other"), log_texts.entries(64)), "about another network, other and not"),
        ((log_texts.TO_ONE,), ""),
        (("Saved HAR to: /out/other_quantized.har",), "that it saves are not named after net"),
        (("Saved HAR to: C:\\out\\net_quantized.har",), ""),
        (("Saved HAR to: out/model.har",), ""),
        ((SCRIPT.format("other"), "Saved HAR to: out/net.har"), "other and not net"),
        (("nothing",), ""),
    ],
)
def test_logs_of_others_are_said_to_be_so(lines: tuple[str, ...], reason: str) -> None:
    refused = not_checked(run(*lines))
    assert bool(refused) is bool(reason)
    assert reason in "".join(map(str, refused))
    if refused:
        assert refused[0].reason.startswith(("client.log: it is ", "client.log: the archives "))
        assert refused[0].remedy.startswith("pass the log of the run that made this archive, not")
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
    own = (SCRIPT.format("net"), *first)
    assert calibrated(log(*first, *second)) == [200]
    assert calibrated(log(*second, *first)) == [100]
    assert calibrated(log(*own, *other)) == [100]
    assert calibrated(log(*other, *own)) == [100]
    assert calibrated(log(*other)) == []
    # All that is named is of others.
    assert calibrated(log(*first, *other)) == []
    # Whose the numbers are cannot be told.
    assert calibrated(log(log_texts.entries(100), log_texts.entries(200))) == []


def test_a_run_without_a_name_is_of_the_network_that_was_named_last() -> None:
    unnamed = (START, log_texts.entries(200), END)
    own = (SCRIPT.format("net"), START, log_texts.entries(100), END)
    other = (SCRIPT.format("other"), START, log_texts.entries(300), END)
    assert calibrated(log(*own, *other, *unnamed)) == [100]
    assert calibrated(log(*other, *own, *unnamed)) == [200]
    (said,) = not_checked(log(*other, *own))
    assert str(said) == "client.log: what it says of other, another network"


def test_only_runs_that_were_done_count_where_a_log_knows_the_end() -> None:
    done = (START, log_texts.entries(100), END)
    assert calibrated(log(*done, START, log_texts.entries(200))) == [100]
    assert calibrated(log(*done, START, log_texts.entries(200), "KeyError: 'x'")) == [100]
    # An excerpt knows no end.
    assert calibrated(log(START, log_texts.entries(200))) == [200]
    assert calibrated(log(START, log_texts.entries(200), "KeyError: 'x'")) == []
    assert calibrated(log(START, "KeyError: 'x'", START, log_texts.entries(200))) == [200]
    (said,) = not_checked(log(START, log_texts.entries(200)))
    assert said.reason == "client.log ends before the optimization of net is done"


def test_a_log_that_networks_share_tells_only_of_layers_that_it_names() -> None:
    lines = (no_shift(0.7, "other/conv1"), no_shift(0.3, "net/conv1"), log_texts.entries(16))
    assert summary(findings(log(*lines))) == [("dfc-no-shift", "info", ("net/conv1",))]
    (said,) = not_checked(log(*lines))
    assert str(said) == "client.log: what it says of other, another network"


STARTED = "[info] Starting {}"
DONE = "[info] Model Optimization Algorithm {} is done (completion time is 00:00:01)"
# Versions of 2023 name the entries before the step.
OLDER = (
    STARTED.format("Stats Collector"),
    "Calibration: 100%|██████████████████| 64/64 [01:21<00:00,  3.12entries/s]",
    "[info] Stats Collector is done (completion time is 00:01:22.50)",
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((STARTED.format("LayerNorm Decomposition"), log_texts.entries(16)), []),
        # Those of a step may be lost whose name is lost.
        ((log_texts.entries(64), STARTED.format("Stats Collector")), []),
        ((log_texts.entries(64), DONE.format("Statistics Collector")), []),
        ((STARTED.format("Stats Collector"), log_texts.entries(64)), []),
        ((log_texts.entries(64), *OLDER), [64]),
        (
            (
                STARTED.format("Statistics Collector"),
                log_texts.entries(1024),
                log_texts.entries(16),
                DONE.format("Statistics Collector"),
            ),
            [],
        ),
        (
            (
                STARTED.format("LayerNorm Decomposition"),
                log_texts.entries(16),
                DONE.format("LayerNorm Decomposition"),
                STARTED.format("Statistics Collector"),
                log_texts.entries(1024),
                DONE.format("Statistics Collector"),
                log_texts.entries(16),
            ),
            [1024],
        ),
        ((log_texts.entries(16), log_texts.entries(16)), [16]),
    ],
)
def test_only_the_entries_of_the_collector_count(
    lines: tuple[str, ...], expected: list[float]
) -> None:
    assert calibrated(run(*lines)) == expected
    unclear = "on how many samples calibration ran" in "".join(map(str, not_checked(run(*lines))))
    assert unclear is (not expected)


def test_messages_that_break_off_are_counted() -> None:
    lines = (
        "[warning] Reducing optimization lev",
        "[info] Using dataset with entries",
        log_texts.no_shift("0.3"),
    )
    (said,) = not_checked(run(*lines))
    assert str(said) == "client.log: 3 messages not understood, at line 2, 3 and 4"
    assert not_checked(run(*map(log_texts.snr, ("7.1", "nan", "-inf")))) == []


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
