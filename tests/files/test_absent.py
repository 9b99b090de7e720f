"""What is said of files that are not there although something points to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from utils.errors import UsageError
from utils.files.absent import absent, absent_below, is_broken_link
from utils.files.wanted import Wanted
from utils.files.ways_on import refuse_foreign


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_is_said_of_what_is_there_or_was_never() -> None:
    Path("net.har").write_bytes(b"x")
    os.symlink("net.har", "link.har")
    for path in ("net.har", "link.har", ".", "other.har", ""):
        assert absent(path) is None
        assert not is_broken_link(path)


@pytest.mark.parametrize(
    ("target", "fact", "command"),
    [
        ("/mnt/nets/net.har", "is a link to /mnt/nets/net.har, which does not exist", ""),
        ("my net.har", "is a link that leads back to itself", ""),
        (
            "../.git/annex/objects/xK/3f/SHA256E-s9.har/SHA256E-s9.har",
            "which does not exist",
            "git annex get 'my net.har'",
        ),
        ("../.dvc/cache/files/md5/3b/2f", "which does not exist", "dvc pull 'my net.har'"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(target: str, fact: str, command: str) -> None:
    os.symlink(target, "my net.har")
    found = absent("my net.har")
    assert found is not None
    assert is_broken_link("my net.har")
    assert found.fact.endswith(fact)
    assert found.command == command


def test_a_pointer_of_dvc_beside_it_is_told() -> None:
    Path("net.har.dvc").write_text("outs:\n")
    with pytest.raises(
        UsageError, match=r"net\.har does not exist, but net\.har\.dvc does"
    ) as caught:
        refuse_foreign("net.har", Wanted.ARCHIVE, UsageError)
    assert caught.value.commands == ("dvc pull net.har.dvc",)


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("../../.git/annex/objects/a/b", "git -C pics annex get ."),
        ("/home/me/repo/.dvc/cache/files/md5/a", "dvc pull pics"),
        ("/mnt/a.jpg", ""),
    ],
)
def test_all_files_of_a_folder_are_fetched_at_once(target: str, command: str) -> None:
    os.mkdir("pics")
    os.symlink(target, "pics/0.jpg")
    found = absent_below("pics", "pics/0.jpg")
    assert found is not None
    assert found.command == command
