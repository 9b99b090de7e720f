from pathlib import Path

from utils.version import NAME, VERSION


def test_the_project_file_states_the_same_version() -> None:
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'name = "{NAME}"\nversion = "{VERSION}"\n' in text
