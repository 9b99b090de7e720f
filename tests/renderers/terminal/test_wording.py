from __future__ import annotations

import pytest

from tests.fixtures.builders import build_layer, build_model
from utils.renderers.terminal.wording import ShortNames


def names(*layers: str) -> ShortNames:
    built = [build_layer("input_layer1", original_names=["images"])]
    built += [build_layer(name, "conv", original_names=[f"/{name}/Conv"]) for name in layers]
    return ShortNames(build_model([*built, build_layer("output_layer1")]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("net/conv1 (/conv1/Conv) (3 dB)", "conv1 (3 dB)"),
        ("net/conv1, net/conv10 and net/conv1.", "conv1, conv10 and conv1."),
        ("net/input_layer1 (images): all", "input_layer1: all"),
        ("net/conv1/conv_op and xnet/conv1", "net/conv1/conv_op and xnet/conv1"),
        ("net/unknown (/conv1/Conv)", "net/unknown (/conv1/Conv)"),
        ("", ""),
    ],
)
def test_layers_are_called_by_their_short_names(text: str, expected: str) -> None:
    assert names("conv1", "conv10").within(text) == expected


def test_names_that_two_scopes_share_stay_whole() -> None:
    twice = names("a/conv1", "b/conv1", "conv2")
    assert twice.within("a/conv1, b/conv1 and net/conv2") == "a/conv1, b/conv1 and conv2"
    assert (twice.of("a/conv1"), twice.of("net/conv2")) == ("a/conv1", "conv2")


def test_of_long_names_the_middle_is_left_out() -> None:
    long = "x" * 299
    one, other = f"{long}1", f"{long}2"
    short = names(one, other)
    assert len(short.of(f"net/{one}")) == 48
    assert short.of(f"net/{one}") != short.of(f"net/{other}")
    assert len(short.within(f"At net/{one} (/{one}/Conv)")) == 51
    assert len(short.of("no/such/" + long)) == 48
