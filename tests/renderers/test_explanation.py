from __future__ import annotations

from dataclasses import replace

import pytest

import inspectors
from inspectors.documentation import documentation
from tests.renderers.hostile import NAMES
from utils import tool
from utils.errors import UsageError
from utils.findings.documentation import Documentation, FindingDoc, InspectorDoc
from utils.renderers.explanation import explained, first_sentence, listed_all

NOISE = InspectorDoc(
    "NoiseInspector",
    "How noisy is it?",
    "It takes data, and ``-d``\npasses them.\n\nAnother paragraph.",
    (
        FindingDoc(
            "low-snr",
            ("warning", "error"),
            "the SNR is below 10.5 dB at `conv1`. Then set "
            "`quantization_param([conv1], precision_mode=a16_w16)` and look again.",
            "NoiseInspector",
        ),
        FindingDoc("noise-diffuse", ("info",), "no layer stands out.", "NoiseInspector"),
    ),
)
DOCS = Documentation((NOISE, InspectorDoc("BareInspector", "", "", ())))
REAL = documentation(inspectors.discover()[0])


def test_a_finding_is_explained_with_its_inspector() -> None:
    assert explained(DOCS, "low-snr", 60) == (
        "low-snr (warning or error)\n"
        "\n"
        "  The SNR is below 10.5 dB at `conv1`. Then set\n"
        "  `quantization_param([conv1], precision_mode=a16_w16)` and\n"
        "  look again.\n"
        "\n"
        "Found by NoiseInspector: How noisy is it?\n"
        "It also finds noise-diffuse.\n"
    )


def test_an_inspector_is_explained_with_its_findings() -> None:
    assert explained(DOCS, "NoiseInspector", 100) == (
        "NoiseInspector: How noisy is it?\n"
        "\n"
        "It takes data, and `-d` passes them.\n"
        "\n"
        "Another paragraph.\n"
        "\n"
        "low-snr (warning or error)\n"
        "  The SNR is below 10.5 dB at `conv1`. Then set\n"
        "  `quantization_param([conv1], precision_mode=a16_w16)` and look again.\n"
        "\n"
        "noise-diffuse (info)\n"
        "  No layer stands out.\n"
    )
    assert explained(DOCS, "BareInspector") == "BareInspector\n"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("", "docs/inspectors/noise.md"),
        ("https://x.example/", "https://x.example/inspectors/noise.html"),
    ],
)
def test_an_explanation_ends_with_its_page(
    url: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "DOCUMENTATION_URL", url)
    docs = Documentation((replace(NOISE, page="docs/inspectors/noise.md"),))
    assert explained(docs, "low-snr", 20).endswith(f"\n\nPage: {page}#low-snr\n")
    assert explained(docs, "NoiseInspector", 20).endswith(f"\n\nPage: {page}\n")


@pytest.mark.parametrize("name", ["low-snr", "mixed-precision-plan"])
def test_the_page_of_a_real_finding_is_named(name: str) -> None:
    page = f"docs/inspectors/high-precision-inspector.md#{name}"
    assert explained(REAL, name).endswith(f"\nPage: {page}\n")


def test_names_are_found_in_any_case() -> None:
    assert explained(DOCS, "LOW-SNR") == explained(DOCS, "low-snr")
    assert explained(DOCS, "noiseinspector") == explained(DOCS, "NoiseInspector")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("low-snrr", "did you mean low-snr?"),
        ("NoiseInspectr", "did you mean NoiseInspector or"),
        ("zzzz", "is named zzzz; --list shows"),
        ("", "--list shows all of them"),
        ("\x1b[31m", "is named \\x1b[31m; --list"),
    ],
)
def test_an_unknown_name_is_refused_with_what_is_similar(name: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        explained(DOCS, name)
    assert said in str(refused.value)


def test_the_list_has_one_line_each() -> None:
    assert listed_all(DOCS, 60) == (
        "NoiseInspector  How noisy is it?\n"
        "  low-snr        warning/error  the SNR is below 10.5 dB at…\n"
        "  noise-diffuse  info           no layer stands out.\n"
        "BareInspector\n"
    )


@pytest.mark.parametrize("width", [40, 80, 100])
def test_everything_that_is_there_fits_and_is_listed(width: int) -> None:
    lines = listed_all(REAL, width).splitlines()
    assert len(lines) == len(REAL.inspectors) + len(REAL.findings)
    assert max(map(len, lines)) <= width
    if width == 100:
        assert {line.split()[0] for line in lines} == {
            *REAL.findings,
            *(doc.name for doc in REAL.inspectors),
        }


def test_everything_that_is_there_is_explained() -> None:
    for name in [*REAL.findings, *(doc.name for doc in REAL.inspectors)]:
        text = explained(REAL, name, 80)
        assert text.startswith(name)
        words = [word for line in text.splitlines() if len(line) > 80 for word in line.split()]
        assert len(words) < 2, name  # only what must not be broken may be longer
        assert text.count("`") % 2 == 0, name
        assert "``" not in text, name


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (400, 100), (None, 100), (1, 60)])
def test_it_is_as_wide_as_the_terminal_up_to_100_columns(columns: int | None, widest: int) -> None:
    text = explained(REAL, "low-snr", columns)
    assert max(map(len, text.splitlines())) <= widest


def test_without_a_terminal_no_line_of_the_list_is_cut() -> None:
    assert "…" in listed_all(REAL, 80)
    assert "…" not in listed_all(REAL)
    assert max(map(len, listed_all(REAL, 160).splitlines())) > 100


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Below 10.5 dB, e.g. here. Two.", "Below 10.5 dB, e.g. here."),
        ('"Reducing bits of ... (More than half)": at most. Two', '"Reducing bits of ... '
         '(More than half)": at most.'),
        ("Is it? `Yes`.", "Is it?"),
        ("no end", "no end"),
        ("", ""),
    ],
)  # fmt: skip
def test_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first


@pytest.mark.parametrize("name", NAMES)
def test_hostile_docstrings_forge_no_lines(name: str) -> None:
    finding = FindingDoc("a-problem", ("error",), name, name)
    docs = Documentation((InspectorDoc(name, name, name, (finding,)),))
    for text in (explained(docs, "a-problem"), explained(docs, name), listed_all(docs)):
        assert all(line.isprintable() for line in text.split("\n"))
    assert listed_all(docs).count("\n") == 2
