from pathlib import Path

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


def test_this_is_a_checkout() -> None:
    assert tool.is_checkout()
    assert (tool.ROOT / "main.py").is_file()
