"""Slow tests are left out unless asked for, that is said, and none of them counts as evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.evidence import shown_by_tests
from tests.har.samples import ROOT
from tests.house.dear_tests import ROWS_BY_DAY
from tests.house.fuzzing import examples
from tests.house.long_files import LONGEST_FIRST
from tests.house.versions import IN_THE_FAST_PART

pytest_plugins = ["pytester"]

MODULE = f"""
import pytest

@pytest.mark.slow
def test_slow():
    pass

@pytest.mark.parametrize("flavour", ["{IN_THE_FAST_PART}", "another"])
def test_fast(flavour):
    pass
"""


@pytest.mark.parametrize(
    ("argv", "passed", "left_out"), [([], 1, 2), (["--slow"], 3, 0), (["-m", "slow"], 2, 0)]
)
def test_slow_tests_run_where_they_are_asked_for(
    argv: list[str], passed: int, left_out: int, pytester: pytest.Pytester
) -> None:
    pytester.makeini("[pytest]\nmarkers = slow")
    pytester.makepyfile(MODULE)
    result = pytester.runpytest_inprocess("-p", "tests.conftest", "-p", "no:xdist", *argv)
    result.assert_outcomes(passed=passed, deselected=3 - passed)
    said = f"{left_out} slow tests left out: make test-all"
    assert (said in result.outlines) is bool(left_out)


def test_what_slow_tests_show_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        '@quiet("a-problem")\ndef test_fast(): ...\n'
        '@pytest.mark.slow\n@quiet("a-problem", "another")\ndef test_slow(): ...\n'
    )
    (tmp_path / "test_all_slow.py").write_text(
        'pytestmark = [pytest.mark.slow, other]\n@loud("a-problem")\ndef test_too(): ...\n'
    )
    assert shown_by_tests(tmp_path) == {
        "quiet": {"a-problem": ["test_some.py::test_fast"]},
        "loud": {},
    }


def test_the_night_takes_more_examples(request: pytest.FixtureRequest) -> None:
    is_night = request.config.getoption("hypothesis_profile") == "nightly"
    assert examples(30) == (600 if is_night else 15)


@pytest.mark.parametrize("name", ROWS_BY_DAY)
def test_every_dear_test_is_there(name: str) -> None:
    path, _, test = name.partition("::")
    assert f"def {test}(" in (ROOT / "tests" / path).read_text("utf-8")


def test_what_shows_a_finding_runs_by_day() -> None:
    shown = shown_by_tests(ROOT / "tests")
    tests = {test for kind in shown.values() for names in kind.values() for test in names}
    assert not [test for test in sorted(tests) if ROWS_BY_DAY.get(test) == 0]


def test_rows_behind_the_first_ones_are_left_for_the_night(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROWS_BY_DAY, "test_rows.py::test_row", 2)
    pytester.makeini("[pytest]\nmarkers = slow")
    pytester.makepyfile(
        test_rows="""
        import pytest

        @pytest.mark.parametrize("row", range(5))
        def test_row(row):
            assert row < 2

        def test_other():
            pass
        """
    )
    result = pytester.runpytest_inprocess("-p", "tests.conftest", "-p", "no:xdist")
    result.assert_outcomes(passed=3, deselected=3)


@pytest.mark.parametrize("name", LONGEST_FIRST)
def test_every_long_file_is_there(name: str) -> None:
    assert (ROOT / "tests" / name).exists()


@pytest.mark.parametrize("ways", [(), ("-n", "1", "--dist", "worksteal")])
def test_the_longest_files_begin(ways: tuple[str, ...], pytester: pytest.Pytester) -> None:
    tests = {"test_early.py": 4, LONGEST_FIRST[1]: 1, LONGEST_FIRST[0]: 1}
    for name, count in tests.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"def test_{i}():\n    assert True\n" for i in range(count)))
    result = pytester.runpytest_inprocess("-p", "tests.conftest", "-v", *ways)
    result.assert_outcomes(passed=6)
    ended = [line for line in result.outlines if "PASSED" in line]
    begun = [name for line in ended for name in tests if name in line]
    assert begun == [LONGEST_FIRST[0], LONGEST_FIRST[1], *["test_early.py"] * 4]
