import re
from pathlib import Path

from utils.tool import NAME, VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_the_project_file_takes_the_version_from_the_code() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'name = "{NAME}"\n' in text
    assert 'version = { attr = "utils.tool.VERSION" }' in text
    assert VERSION not in text


def test_the_changelog_begins_with_this_version_or_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0] == VERSION
    assert VERSION in headings
