from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diagnosis.output_files import check_writable, write_file
from utils.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


def yes(path: str) -> bool:
    return True


def no(path: str) -> bool:
    return False


def unasked(path: str) -> bool:
    raise AssertionError(f"asked about {path}")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones too: temporary files that stay behind are seen."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.fixture
def not_root() -> Iterator[None]:
    """Run as somebody who may not write to the root folder."""
    before = os.geteuid()
    if before == 0:
        try:
            os.seteuid(NOBODY)
        except OSError as error:
            pytest.skip(f"nothing is forbidden to root, who cannot step down here: {error}")
    yield
    os.seteuid(before)


class TestRegularFiles:
    def test_new(self, tmp_path: Path) -> None:
        path = str(tmp_path / "model.alls")
        assert write_file(path, b"new", unasked) == path
        assert contents(tmp_path) == {"model.alls": b"new"}

    def test_new_in_the_current_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert write_file("model.alls", b"new", unasked) == "model.alls"
        assert write_file("model.alls", b"newer", no) == "model_1.alls"
        assert contents(tmp_path) == {"model.alls": b"new", "model_1.alls": b"newer"}

    def test_existing_with_consent(self, tmp_path: Path) -> None:
        path = tmp_path / "model.alls"
        path.write_bytes(b"old")
        assert write_file(str(path), b"new", lambda name: name == str(path)) == str(path)
        assert contents(tmp_path) == {"model.alls": b"new"}

    @pytest.mark.parametrize(
        ("name", "taken", "free"),
        [
            ("model.alls", (), "model_1.alls"),
            ("model.alls", ("model_1.alls", "model_2.alls"), "model_3.alls"),
            ("model.alls", ("model_2.alls",), "model_1.alls"),
            ("report", (), "report_1"),
            ("a.b.json", (), "a.b_1.json"),
            (".hidden", (), ".hidden_1"),
        ],
    )
    def test_existing_without_consent(
        self, tmp_path: Path, name: str, taken: tuple[str, ...], free: str
    ) -> None:
        for other in (name, *taken):
            (tmp_path / other).write_bytes(b"old")
        assert write_file(str(tmp_path / name), b"new", no) == str(tmp_path / free)
        assert contents(tmp_path) == {**dict.fromkeys((name, *taken), b"old"), free: b"new"}

    @pytest.mark.usefixtures("umask")
    @pytest.mark.parametrize("answer", [yes, no])
    def test_mode_is_that_of_a_new_file(
        self, tmp_path: Path, answer: Callable[[str], bool]
    ) -> None:
        path = str(tmp_path / "model.alls")
        for _ in range(2):
            written = write_file(path, b"", answer)
            assert stat.S_IMODE(os.stat(written).st_mode) == 0o640
            assert os.stat(written).st_nlink == 1

    def test_link_keeps_pointing_to_the_file_that_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "real.alls").write_bytes(b"old")
        link = tmp_path / "model.alls"
        link.symlink_to(tmp_path / "there" / "real.alls")
        assert write_file(str(link), b"new", yes) == str(link)
        assert link.is_symlink()
        assert contents(tmp_path / "there") == {"real.alls": b"new"}

    def test_link_to_nothing_is_not_replaced(self, tmp_path: Path) -> None:
        link = tmp_path / "model.alls"
        link.symlink_to(tmp_path / "absent")
        assert write_file(str(link), b"new", unasked) == str(tmp_path / "model_1.alls")
        assert link.is_symlink()


class TestRaces:
    def test_file_that_appears_meanwhile_is_not_overwritten(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "model.alls"
        link = os.link

        def overtaken(source: str, target: str) -> None:
            if target == str(path):
                path.write_bytes(b"theirs")
            link(source, target)

        monkeypatch.setattr(os, "link", overtaken)
        assert write_file(str(path), b"ours", unasked) == str(tmp_path / "model_1.alls")
        assert contents(tmp_path) == {"model.alls": b"theirs", "model_1.alls": b"ours"}

    def test_writers_at_the_same_time_each_get_a_file(self, tmp_path: Path) -> None:
        path, written = str(tmp_path / "model.alls"), []
        threads = [
            threading.Thread(target=lambda n=n: written.append(write_file(path, b"%d" % n, no)))
            for n in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(written)) == 12
        assert sorted(map(int, contents(tmp_path).values())) == list(range(12))

    @pytest.mark.parametrize("answer", [yes, no])
    def test_without_hard_links(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], bool]
    ) -> None:
        def unsupported(source: str, target: str) -> None:
            raise PermissionError(1, "Operation not permitted", source, None, target)

        monkeypatch.setattr(os, "link", unsupported)
        path = str(tmp_path / "model.alls")
        assert write_file(path, b"first", unasked) == path
        write_file(path, b"second", answer)
        expected = {"model.alls": b"first", "model_1.alls": b"second"}
        assert contents(tmp_path) == ({"model.alls": b"second"} if answer is yes else expected)


class TestFailures:
    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_nothing_stays_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        path = tmp_path / "model.alls"
        path.write_bytes(b"old")

        def interrupted(source: str, target: str) -> None:
            raise error

        monkeypatch.setattr(os, "replace", interrupted)
        expected = UsageError if isinstance(error, OSError) else KeyboardInterrupt
        with pytest.raises(expected):
            write_file(str(path), b"new", yes)
        assert contents(tmp_path) == {"model.alls": b"old"}

    def test_sentence_of_the_system_is_passed_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(source: str, target: str) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        (tmp_path / "model.alls").write_bytes(b"old")
        with pytest.raises(UsageError, match="cannot be written: the disk is full"):
            write_file(str(tmp_path / "model.alls"), b"new", yes)

    @pytest.mark.parametrize("name", ["folder", "folder/", ""])
    def test_folder(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(UsageError, match="names a folder"):
            write_file(f"{tmp_path}/{name}", b"", yes)

    @pytest.mark.parametrize("name", ["absent/model.alls", "file/model.alls"])
    def test_missing_folder(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(UsageError, match="there is no folder"):
            write_file(str(tmp_path / name), b"", yes)

    @pytest.mark.parametrize("name", ["x" * 300, "null\0byte"])
    def test_impossible_names(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UsageError, match="cannot be written"):
            write_file(str(tmp_path / name), b"", yes)
        assert contents(tmp_path) == {}

    @pytest.mark.usefixtures("not_root")
    def test_no_permission(self) -> None:
        with pytest.raises(UsageError, match="cannot be written: permission denied"):
            write_file("/model.alls", b"", yes)
        assert not os.path.exists("/model.alls")


class TestStreams:
    def test_device(self) -> None:
        assert write_file(os.devnull, b"gone", unasked) == os.devnull

    def test_pipe(self, tmp_path: Path) -> None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
        reader.start()
        assert write_file(str(path), b"through", unasked) == str(path)
        reader.join()
        assert received == [b"through"]
        assert stat.S_ISFIFO(path.stat().st_mode)

    @pytest.mark.parametrize("target", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
    def test_redirected_output_is_continued(self, tmp_path: Path, target: str) -> None:
        code = (
            "import sys; from diagnosis.output_files import write_file; "
            "sys.stdout.write('before ');"
            f"write_file({target!r}, b'result', lambda path: False); sys.stdout.write(' after')"
        )
        with (tmp_path / "log").open("wb") as log:
            # -E: output is buffered as usual, whatever the environment says.
            subprocess.run([sys.executable, "-E", "-c", code], cwd=ROOT, stdout=log, check=True)
        assert contents(tmp_path) == {"log": b"before result after"}

    def test_stream_that_is_not_open(self) -> None:
        with pytest.raises(UsageError, match="/dev/fd/987 cannot be written"):
            write_file("/dev/fd/987", b"", unasked)


def test_looking_whether_a_file_can_be_made_leaves_none(tmp_path: Path) -> None:
    check_writable(str(tmp_path / "r.json"))
    check_writable("/dev/null")
    check_writable("/dev/stdout")
    assert not contents(tmp_path)


@pytest.mark.parametrize("name", ["", "/absent/r.json", "/proc/r.json"])
def test_where_no_file_can_be_made(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        check_writable(name or str(tmp_path))
