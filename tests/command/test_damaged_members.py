"""A damaged member ends the run with one sentence, wherever it is read first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import inspectors
from inspectors.base_inspector import BaseInspector, Context, Priority
from tests.command.running import run
from tests.har.archives import NAME
from tests.har.damage import flipped

SENTENCE = "model.har: member '{}.{}' is damaged (Bad CRC-32 for file"


def errors(capsys: pytest.CaptureFixture[str]) -> list[str]:
    shown = " ".join(capsys.readouterr().out.split())
    return [part for part in shown.split("[error] ")[1:] if "damaged" in part]


@pytest.mark.parametrize("suffix", ["fpo.npz", "q.npz", "ho.npz"])
def test_without_data(suffix: str, har: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(flipped(har, suffix), "--json", "report.json") == 2
    (told,) = errors(capsys)
    assert SENTENCE.format(NAME, suffix) in told
    assert not Path("report.json").exists()


@pytest.mark.parametrize("suffix", ["fpo.npz", "q.npz"])
def test_with_data(suffix: str, har: str, data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-d", data, flipped(har, suffix)) == 2
    (told,) = errors(capsys)
    assert SENTENCE.format(NAME, suffix) in told


def test_an_inspector_that_swallows_it_does_not_hide_it(
    har: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class CarelessInspector(BaseInspector):
        """Takes damage for a missing array."""

        PRIORITY = Priority.HIGH

        def inspect(self, context: Context) -> Any:
            try:
                context.model.quantized.layer(f"{NAME}/fc1")["kernel"]
            except Exception:
                return
            yield

    monkeypatch.setattr(inspectors, "discover", lambda _: ([CarelessInspector], []))
    assert run(flipped(har, "q.npz")) == 2
    assert len(errors(capsys)) == 1


def test_a_member_that_nobody_needs_is_not_looked_at(har: str) -> None:
    assert run(flipped(har, "q.npz"), "--order", "ModelScriptInspector") == 0
