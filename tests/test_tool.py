from pathlib import Path

import pytest

from utils import tool


def test_a_checkout_is_run_by_its_script(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert tool.command_name(tmp_path) == "main.py"
    assert tool.typed_command(tmp_path) == "./main.py"
    said = tool.install_command("tensorflow", root=tmp_path)
    assert said == "pip install -r requirements.txt"


def test_an_installed_copy_is_run_by_its_command(tmp_path: Path) -> None:
    assert tool.command_name(tmp_path) == "hailo-first-aid"
    assert tool.typed_command(tmp_path) == "hailo-first-aid"
    assert tool.install_command("a", "b", root=tmp_path) == "pip install a b"


def test_a_zipapp_is_run_by_its_file(tmp_path: Path) -> None:
    app = tmp_path / "aid.pyz"
    app.touch()
    assert tool.command_name(app) == "aid.pyz"
    assert tool.typed_command(app) == "./aid.pyz"


@pytest.mark.parametrize(
    ("started", "folder", "typed"),
    [
        ("my aid/main.py", ".", "'my aid/main.py'"),
        ("../my aid/main.py", "nets", "'../my aid/main.py'"),
        ("{}/my aid/main.py", "nets", "'{}/my aid/main.py'"),
        ("./main.py", "my aid", "./main.py"),
        ("main.py", "my aid", "./main.py"),
        ("{}/my aid/main.py", "my aid", "./main.py"),
        ("../my aid/other.py", "nets", "./main.py"),
        ("", "nets", "./main.py"),
    ],
)
def test_it_is_started_again_as_it_was(
    started: str, folder: str, typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "my aid"
    root.mkdir()
    (tmp_path / "nets").mkdir()
    for name in ("pyproject.toml", "main.py", "other.py"):
        (root / name).touch()
    monkeypatch.chdir(tmp_path / folder)
    word = started.format(tmp_path)
    assert tool.started_command(word, ".", root) == typed.format(tmp_path)


def test_an_installed_command_is_called_the_same_everywhere(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    assert tool.started_command(str(tmp_path / "main.py"), "/", tmp_path) == "hailo-first-aid"


def test_this_is_a_checkout() -> None:
    assert tool.is_checkout()
    assert (tool.ROOT / "main.py").is_file()
