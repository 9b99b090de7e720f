from __future__ import annotations

import pytest

from utils import tool
from utils.findings.pages import page_of, reference

PAGE = "docs/inspectors/noise-inspector.md"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("NoiseInspector", PAGE),
        ("BatchNormInspector", "docs/inspectors/batch-norm-inspector.md"),
        ("Resnet50Inspector", "docs/inspectors/resnet50-inspector.md"),
        ("my_own_check", "docs/inspectors/my-own-check.md"),
        ("../../etc/x\n", "docs/inspectors/-etc-x-.md"),
    ],
)
def test_a_page_is_named_like_its_inspector_and_stays_in_its_folder(name: str, page: str) -> None:
    assert page_of(name) == page


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", f"{PAGE}#low-snr"),
        ("https://docs.example/", "https://docs.example/inspectors/noise-inspector.html#low-snr"),
    ],
)
def test_a_reference_is_a_path_until_there_is_a_site(
    url: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "DOCUMENTATION_URL", url)
    assert reference(PAGE, "low-snr") == expected
    assert reference(PAGE) == expected.partition("#")[0]


def test_an_address_can_be_continued() -> None:
    assert not tool.DOCUMENTATION_URL or tool.DOCUMENTATION_URL.endswith("/")
