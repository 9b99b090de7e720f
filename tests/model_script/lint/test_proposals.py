"""Every line that is proposed can be read, whatever was wrong with the line before."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.builders import build_layer, build_network, chain
from tests.house.fuzzing import examples
from utils.model_script import parse_model_script
from utils.model_script.lint import Problem, lint_problems

LINES = (Path(__file__).parent / "known_forms.alls").read_text(encoding="utf-8").splitlines()
NETWORK = build_network(
    chain(build_layer("input_layer1"), build_layer("conv1"), build_layer("fc1", "dense"))
)
# What is put into a line, or in place of a character.
SLIPS = st.sampled_from(
    [" ", "\u00a0", "\uff0c", "\uff08", "\u201c", "\u200b", "\uff11", "\uff41", "\\n", " // x"]
) | st.sampled_from("|,|(|)|[|]|{|}|=|//|#|--|;|'|x|1|, conv2|/*".split("|"))
WORDS = st.sampled_from(
    "conv1 conv42 fc1 argmax softmax precision enable a16w16 16 nn nn_core yolo11 yolov8 on "
    "quantisation_param finetune policy -1 None".split()
)


def proposals(problems: tuple[Problem, ...]) -> list[str]:
    """Lines of suggestions, and whole lines in the sentences of advice."""
    lines = [line for problem in problems for line in problem.suggestion.split("\n") if line]
    for problem in problems:
        lines += [code for code in re.findall("`([^`]+)`", problem.remedy) if "(" in code]
    return lines


@st.composite
def damaged(draw: st.DrawFn) -> str:
    line = draw(st.sampled_from(LINES))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.booleans()):
            start = draw(st.integers(0, len(line)))
            line = line[:start] + draw(SLIPS) + line[start + draw(st.integers(0, 1)) :]
        else:
            words = list(re.finditer(r"[A-Za-z_][\w/]*", line))
            if words:
                word = draw(st.sampled_from(words))
                line = line[: word.start()] + draw(WORDS) + line[word.end() :]
    return line


@settings(deadline=None, max_examples=examples(300), suppress_health_check=list(HealthCheck))
@given(st.lists(damaged(), min_size=1, max_size=3).map("\n".join))
def test_whatever_is_proposed_can_be_read(text: str) -> None:
    for chip in ("", "hailo8"):
        for line in proposals(lint_problems(text, NETWORK, chip=chip)):
            parse_model_script(line)
