from __future__ import annotations

import pytest

from utils.wording import as_clause, listed, most_alike, plural, printable, sentences, without_scope


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, ""),
        (1, "a"),
        (2, "a and b"),
        (3, "a, b and c"),
        (5, "a, b, c, d and e"),
        (6, "a, b, c, d, e and 1 more"),
        (12, "a, b, c, d, e and 7 more"),
    ],
)
def test_listed(count: int, expected: str) -> None:
    assert listed("abcdefghijkl"[:count]) == expected


def test_listed_says_no_more_than_the_limit() -> None:
    assert listed(["a", "b", "c"], limit=2) == "a, b and 1 more"
    assert listed(["a", "b", "c"], limit=1) == "a and 2 more"
    assert listed([str(n) for n in range(2_000)], limit=1) == "0 and 1,999 more"


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 layers"), (1, "1 layer"), (2, "2 layers"), (9999, "9,999 layers")],
)
def test_plural(count: int, expected: str) -> None:
    assert plural(count, "layer") == expected


def test_control_characters_are_spelled_out() -> None:
    assert printable("conv1 (größe, 层)") == "conv1 (größe, 层)"
    assert printable("a\n[error] \x1b[31mb") == "a\\n[error] \\x1b[31mb"


@pytest.mark.parametrize(
    ("name", "expected"), [("conv1", "conv1"), ("net/conv1", "conv1"), ("a/b/", "a/b/"), ("", "")]
)
def test_without_scope(name: str, expected: str) -> None:
    assert without_scope(name) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), ""),
        (("It is low", ""), "It is low."),
        (("It is low.", "Why?", "Mend it"), "It is low. Why? Mend it."),
    ],
)
def test_sentences_end_with_a_period_of_their_own_or_get_one(
    texts: tuple[str, ...], expected: str
) -> None:
    assert sentences(*texts) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The SNR is low.", "the SNR is low"),
        ("A sum overflows", "a sum overflows"),
        ("SNR falls", "SNR falls"),
        ("ReLU6 was removed", "ReLU6 was removed"),
        ("16 bit does not help here", "16 bit does not help here"),
        ("conv1 is low", "conv1 is low"),
        ("I/O fails", "I/O fails"),
        ("", ""),
    ],
)
def test_a_sentence_goes_on_within_another(sentence: str, expected: str) -> None:
    assert as_clause(sentence) == expected


def test_nearest_name_in_whatever_case_or_none() -> None:
    known = ["Conv1", "fc2", "batch_norm3"]
    assert most_alike("conv_1", known) == "Conv1"
    assert most_alike("FC2", known) == "fc2"
    assert most_alike("softmax", known) == ""
    assert most_alike("conv_1", known, alike=0.95) == ""
