from __future__ import annotations

from collections.abc import Iterator

import pytest

import inspectors
from inspectors.base_inspector import BaseInspector, Context
from inspectors.documentation import documentation, documented_ids, finding_list
from utils.findings import Finding

AVAILABLE = inspectors.discover()[0]


class Silent(BaseInspector):
    """Base of the examples: finds nothing."""

    def inspect(self, context: Context) -> Iterator[Finding]:
        yield from ()


class Documented(Silent):
    """Is it right?

    It matters, and this
    paragraph says why.

    Another paragraph.

    - `a-problem` (warning or error): it is wrong; look
      at `this`. Then mend it.
    - `b-problem` (info): nothing to do.
    """


class Undocumented(Silent):
    __doc__ = None


class WithoutList(Silent):
    """Only a summary."""


class Malformed(Silent):
    """Is it odd?

    - `Not-An-Id` (error): left out.
    - `no-severities`: still told.
    - `odd-severities` (since version 2): the words stay.
    - `no-text` (error)
    - `unclosed (error): left out.
    - `x-y` (error, fatal): the words stay, too.
    a line that is not indented

      an indented line behind it
    - `last` (error or info): done.
    """


def with_docstring(text: str | None) -> type[BaseInspector]:
    return type("Made", (Silent,), {"__doc__": text})


def test_a_docstring_is_read_into_its_parts() -> None:
    (doc,) = documentation([Documented]).inspectors
    assert (doc.name, doc.summary) == ("Documented", "Is it right?")
    assert doc.text == "It matters, and this\nparagraph says why.\n\nAnother paragraph."
    first, second = doc.findings
    assert (first.id, first.severities) == ("a-problem", ("warning", "error"))
    assert first.text == "it is wrong; look at `this`. Then mend it."
    assert (second.id, second.inspector) == ("b-problem", "Documented")
    assert documentation([Documented]).findings["b-problem"] is not None


def test_a_malformed_list_loses_no_more_than_what_is_malformed() -> None:
    (doc,) = documentation([Malformed]).inspectors
    assert [(f.id, f.severities, f.text) for f in doc.findings] == [
        ("no-severities", (), "still told."),
        ("odd-severities", (), "(since version 2): the words stay."),
        ("no-text", ("error",), ""),
        ("x-y", (), "(error, fatal): the words stay, too."),
        ("last", ("info", "error"), "done."),
    ]


@pytest.mark.parametrize(
    "text",
    [None, "", "\n\n", "- `", "- `a` (", "Summary\n- `a-b` (): x", "\x00 (\n- `a`\n\n- \n  - ``"],
)
def test_no_docstring_is_an_error(text: str | None) -> None:
    made = with_docstring(text)
    (doc,) = documentation([made]).inspectors
    assert doc.name == "Made"
    assert documented_ids(made) == [finding.id for finding in doc.findings]


def test_a_list_without_a_text_in_front_is_no_text() -> None:
    (doc,) = documentation([with_docstring("Summary\n- `a-b` (error): x")]).inspectors
    assert (doc.summary, doc.text, len(doc.findings)) == ("Summary", "", 1)


def test_a_class_without_a_docstring_has_that_of_its_parent_but_not_the_base_class_one() -> None:
    stricter = type("Stricter", (Documented,), {})
    bare = type("Bare", (BaseInspector,), {"inspect": Silent.inspect})
    inherited, nothing = documentation([stricter, bare]).inspectors
    assert (inherited.summary, len(inherited.findings)) == ("Is it right?", 2)
    assert (nothing.summary, nothing.text, nothing.findings) == ("", "", ())
    assert documentation([Undocumented]).inspectors[0].findings == ()


def test_a_page_is_named_only_if_it_is_there() -> None:
    assert documentation([Documented]).inspectors[0].page == ""
    for doc in documentation(AVAILABLE).inspectors:
        assert doc.page.startswith("docs/inspectors/")


def test_the_raw_list_ends_the_docstring() -> None:
    assert finding_list(Documented).splitlines()[1] == "  at `this`. Then mend it."
    assert finding_list(WithoutList) == ""


def test_everything_that_is_there_is_documented_in_full() -> None:
    docs = documentation(AVAILABLE)
    assert [doc.name for doc in docs.inspectors] == [cls.name() for cls in AVAILABLE]
    assert len(docs.findings) == sum(len(doc.findings) for doc in docs.inspectors) > 50
    for doc in docs.inspectors:
        assert doc.summary
        assert doc.text
        assert all(f.severities and f.text and "\n" not in f.text for f in doc.findings)


def test_this_module_is_no_inspector_and_breaks_no_discovery() -> None:
    available, broken = inspectors.discover()
    assert broken == []
    assert all(cls.__module__ != "inspectors.documentation" for cls in available)
