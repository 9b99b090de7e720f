"""How findings are worded, whichever inspector makes them."""

from __future__ import annotations

import re

from utils.findings import Finding, Severity
from utils.wording import without_scope

LONGEST_HEADLINE = 80  # without the layers that it names
_ORIGINAL_NAMES = r"( \([^)]*\))?"  # as of Layer.described
_CODE = re.compile(r"`[^`]*`")
# What no reader has to look up, and what sounds like no English speaker.
_UNWANTED = re.compile(r"\b(is no|are no|told|said|see above|see below)\b(?! longer| more)")


def assert_well_worded(finding: Finding) -> None:
    """Every part has the form that those who show findings rely on.

    Raises
    ------
    AssertionError : a part has not; the text names it.
    """
    headline = _without_layers(finding.headline, finding.layers)
    assert len(headline) <= LONGEST_HEADLINE, f"{len(headline)} characters: {headline}"
    assert headline[:1].isupper() or headline[:1].isdigit(), f"a sentence begins: {headline}"
    assert not re.search(r"[.;]$|; |%", _without_code(headline)), f"one plain fact: {headline}"
    assert not finding.evidence.endswith("."), f"it is put into brackets: {finding.evidence}"
    assert not finding.why or finding.why.endswith((".", "?")), f"a sentence ends: {finding.why}"
    _assert_is_one_sentence(finding.remedy)
    if finding.severity > Severity.INFO:
        assert finding.remedy, f"{finding.id} says not what to do"
    for text in (finding.headline, finding.evidence, finding.why, finding.remedy):
        plain = _without_code(_without_layers(text, finding.layers))
        assert not _UNWANTED.search(plain), f"plain English: {text}"


def _assert_is_one_sentence(remedy: str) -> None:
    if remedy:
        plain = _without_code(remedy)
        assert remedy[0].isupper(), f"a sentence begins: {remedy}"
        assert plain.endswith("."), f"a sentence ends: {remedy}"
        assert not re.search(r"[.;] ", plain), f"one sentence, without asides: {remedy}"


def _without_code(text: str) -> str:
    return _CODE.sub("``", text)


def _without_layers(text: str, layers: tuple[str, ...]) -> str:
    names = {name for layer in layers for name in (layer, without_scope(layer))} - {""}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name) + _ORIGINAL_NAMES, "", text)
    return text
