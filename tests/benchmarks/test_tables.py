"""Tables show ratios, and say plainly which goals are missed."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.growth import Growth
from benchmarks.passes import Passes
from benchmarks.procedures import Pass, Procedures
from benchmarks.qdq_loss import QdqLoss
from benchmarks.race import Result
from benchmarks.tables import Goal, goals_table, growth_table, procedures_table, race_table
from benchmarks.whole_command import SEARCHING, CommandRun

PASSES = Passes(
    layers=20,
    threads=2,
    rounds=3,
    batch_size=8,
    onnx_batch_size=4,
    bare_forward=2.0,
    float_pass=3.0,
    full_pass=4.6,
    compiling=1.5,
)
RACE = Result("resnet18", 64, 224, PASSES, 1, CommandRun(15.0, 1536.0, 9.0, {SEARCHING: 2.5}))
OTHERS = Procedures(
    64,
    224,
    Pass(5.0, 3.0, 1024.0),
    Pass(4.0, 2.5, 1536.0),
    QdqLoss(20.0, 7168.0, 36),
    Pass(9.0, 8.0, 1024.0),
)


def growth(what: str, sizes: tuple[int, ...], *seconds: float) -> Growth:
    pairs = zip(sizes, seconds, strict=True)
    return Growth(what, sizes, [CommandRun(5 + s, 1024 + n, s, {}) for n, s in pairs])


LAYERS = growth("layers", (50, 100, 200), 1.0, 2.0, 4.0)
IMAGES = growth("images", (64, 256, 1024), 1.0, 8.0, 64.0)


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()][2:]


def test_the_race_is_told_in_bare_forward_passes() -> None:
    told = "ResNet-18, 224, 64; 2.00 s; 1.5; 2.3; 7.5; 1.5 s; 15.0 s; 2.5 s; no; 1.5 GiB"
    assert rows(race_table([RACE])) == [told.split("; ")]


def test_goals_are_met_or_missed() -> None:
    said = {row[0]: row[1:] for row in rows(goals_table([RACE], OTHERS, LAYERS, IMAGES))}
    assert said == {
        "ResNet-18, whole command / bare forward": ["6", "7.50", "**missed**"],
        "ResNet-18, full pass / bare forward": ["2.5", "2.30", "met"],
        "full pass / `qdq_loss_debug`, with tracing": ["0.2", "0.25", "**missed**"],
        "full pass / `qdq_loss_debug`, without tracing": ["0.2", "0.15", "met"],
        "whole command, larger exponent over layers": ["1.1", "1.00", "met"],
        "data pass, larger exponent over layers": ["1.1", "1.00", "met"],
        "whole command, larger exponent over images": ["1.1", "1.50", "**missed**"],
        "data pass, larger exponent over images": ["1.1", "1.50", "**missed**"],
        "peak memory, most images / fewest": ["1.1", "1.88", "**missed**"],
    }


def test_a_network_without_goals_has_none_in_the_table() -> None:
    table = goals_table([replace(RACE, network="vit_s")], OTHERS, LAYERS, IMAGES)
    assert "ViT" not in table


def test_noise_is_no_goal_met() -> None:
    assert Goal("growth", 1.1, float("nan")).row()[3] not in ("met", "**missed**")


def test_other_procedures_and_growth_have_a_row_each() -> None:
    told = rows(procedures_table(OTHERS))
    assert [row[1:] for row in told] == [
        ["5.0", "0.25", "1.0 GiB"],
        ["3.0", "0.15", "1.0 GiB"],
        ["4.0", "0.20", "1.5 GiB"],
        ["2.5", "0.12", "1.5 GiB"],
        ["20.0", "1.00", "7.0 GiB"],
        ["8.0", "0.40", ""],
    ]
    command, data_pass, memory = rows(growth_table(LAYERS))
    assert command == "whole command; 6.0 s; 7.0 s; 9.0 s; 0.29; 1.00".split("; ")
    assert data_pass[1:] == "1.0 s; 2.0 s; 4.0 s; 1.00; 1.00".split("; ")
    assert memory[1:4] == ["1.05 GiB", "1.10 GiB", "1.20 GiB"]
