from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.builders import build_layer, build_network, chain
from tests.har.samples import sample_path
from utils.errors import ScriptError
from utils.har.network import Network
from utils.model_script import (
    Duration,
    GlobSet,
    ModelScript,
    Name,
    Normalization,
    Percentage,
    Statement,
    addressed_layers,
    normalizations,
    parse_model_script,
    unknown_layers,
)

Structure = tuple[tuple[str, ...], str, list[tuple[str | None, Any]]]


def one(text: str) -> Statement:
    script = parse_model_script(text)
    assert str(script) == text
    assert script.warnings == ()
    (statement,) = script.statements
    return statement


def structure(statement: Statement) -> Structure:
    return (
        statement.targets,
        statement.command,
        [(argument.name, argument.value) for argument in statement.args],
    )


def typed(value: Any) -> Any:
    """A value in which 1, 1.0 and True, or a name and a string, differ."""
    if isinstance(value, tuple):
        return tuple(typed(item) for item in value)
    return type(value), value


def test_plain_statement() -> None:
    statement = one("post_quantization_optimization(finetune, policy=enabled, epochs=4)\n")
    assert statement.targets == ()
    assert statement.command == "post_quantization_optimization"
    assert statement.positional == ("finetune",)
    assert statement.keywords == {"policy": "enabled", "epochs": 4}
    assert statement.line == 1


@pytest.mark.parametrize(
    ("text", "targets", "positional", "keywords"),
    [
        ("n = normalization([1, 2], [3, 4])", ("n",), ((1, 2), (3, 4)), {}),
        ("a/n = normalization([1], [3], a/in)", ("a/n",), ((1,), (3,), "a/in"), {}),
        ("resize = resize(in1, resize_shapes=[8, 9])", ("resize",), ("in1",), None),
        ("r, y = input_conversion(in1, nv12_to_rgb)", ("r", "y"), ("in1", "nv12_to_rgb"), {}),
        ("c = input_conversion(bgr_to_rgb)", ("c",), ("bgr_to_rgb",), {}),
        ("c = input_conversion(a, b, emulator_support = True)", ("c",), ("a", "b"), None),
        ("change_output_activation(sigmoid)", (), ("sigmoid",), {}),
        ("change_output_activation(fc1, sigmoid)", (), ("fc1", "sigmoid"), {}),
        ('nms_postprocess("../c.json", yolov5, engine=cpu)', (), ("../c.json", "yolov5"), None),
        ("nms_postprocess('c.json', meta_arch=ssd)", (), ("c.json",), {"meta_arch": "ssd"}),
        ("nms_postprocess(meta_arch=ssd)", (), (), {"meta_arch": "ssd"}),
        ("{} = defuse_block(m1, m2, count=4)", (), ("m1", "m2"), {"count": 4}),
        ("{d*, e} = defuse_block(m1)", ("d*", "e"), ("m1",), {}),
        ("{ s/m: [s/m_0, m_1], k: [k_0] } = defuse_block(m)", ("s/m_0", "m_1", "k_0"), ("m",), {}),
        (
            "cat_d0-3_to_c = concat([c_d0, c_d3], c)",
            ("cat_d0-3_to_c",),
            (("c_d0", "c_d3"), "c"),
            {},
        ),
        ("context_0.place(2, [conv1])", (), (2, ("conv1",)), {}),
        ("param(timeout=25m)", (), (), {"timeout": Duration(25, "m")}),
        ("param(max_control_utilization=85%)", (), (), {"max_control_utilization": Percentage(85)}),
        ("param({conv*})", (), (GlobSet(("conv*",)),), {}),
        ("param({conv[0-9]*, a/b})", (), (GlobSet(("conv[0-9]*", "a/b")),), {}),
        ("param({*}, layers={ x? })", (), (GlobSet(("*",)),), {"layers": GlobSet(("x?",))}),
        ("param([{conv*}, fc1])", (), ((GlobSet(("conv*",)), "fc1"),), {}),
        ("param({ a: [b, 1], c*: d })", (), ((("a", ("b", 1)), ("c*", "d")),), {}),
        ("param([])", (), ((),), {}),
        ("param()", (), (), {}),
        ("param(a, b,)", (), ("a", "b"), {}),
        ("param([1, 2,])", (), ((1, 2),), {}),
        ("param([[1, -2], [0.5, 1e-5]])", (), (((1, -2), (0.5, 1e-5)),), {}),
        ("param (a , b=c) ;", (), ("a",), {"b": "c"}),
        ("param(a, b=1, b=2)", (), ("a",), {"b": 2}),
        ("never_heard_of(x, y=z)", (), ("x",), {"y": "z"}),
    ],
)
def test_dialects(
    text: str, targets: tuple[str, ...], positional: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    statement = one(text)
    assert statement.targets == targets
    assert statement.positional == positional
    if keywords is not None:
        assert statement.keywords == keywords
    assert statement.text == text.rstrip("; ")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-7", -7),
        ("10.", 10.0),
        (".5", 0.5),
        ("-0.25", -0.25),
        ("1e-5", 1e-5),
        ("1E+5", 1e5),
        ("2.5e3", 2500.0),
        ("9" * 5000, float("inf")),
        ("True", True),
        ("true", True),
        ("False", False),
        ("false", False),
        ("None", None),
        ("null", None),
        ("enabled", Name("enabled")),
        ("allowed", Name("allowed")),
        ("a16_w16", Name("a16_w16")),
        ("net/conv1", Name("net/conv1")),
        ("5x", Name("5x")),
        ("1.2.3", Name("1.2.3")),
        ("3s", Duration(3, "s")),
        ("2h", Duration(2, "h")),
        ("12.5%", Percentage(12.5)),
        ('"enabled"', "enabled"),
        ("'a # b, c)'", "a # b, c)"),
        ('""', ""),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert typed(one(f"param({text})").positional[0]) == typed(value)
    assert typed(one(f"param(key={text})").keywords["key"]) == typed(value)


def test_units_of_time() -> None:
    assert [Duration(2, unit).seconds for unit in "smh"] == [2, 120, 7200]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["", "last"], ids=["no-final-newline", "final-newline"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte-order-mark"])
def test_layout_is_kept(newline: str, end: str, mark: str) -> None:
    lines = [
        mark + "# heading (with a bracket",
        "",
        "a(1)  # why [",
        "  b(  ",
        "\t# inside",
        "  x, # more",
        "  key = [1,",
        "    2])   ",
        "c(3);",
        "   # done" + (newline if end else ""),
    ]
    text = newline.join(lines)
    script = parse_model_script(text)
    assert str(script) == text
    assert [(s.command, s.line) for s in script.statements] == [("a", 3), ("b", 4), ("c", 9)]
    assert script.statements[1].keywords == {"key": (1, 2)}
    for statement in script.statements:
        assert text[statement.start :].startswith(statement.text)


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "\ufeff", "  \t\r\n"])
def test_script_without_statements(text: str) -> None:
    assert parse_model_script(text) == ModelScript(text, ())


def test_spans_of_arguments() -> None:
    statement = one("q = param(first, key = [1,  2] , {a*})")
    text = statement.text
    assert [text[a.start : a.end] for a in statement.args] == ["first", "key = [1,  2]", "{a*}"]
    assert [text[a.value_start : a.end] for a in statement.args] == ["first", "[1,  2]", "{a*}"]
    assert text[statement.command_start :].startswith("param(")


@pytest.mark.parametrize("tail", [")", "]}", ") ;", "; )", ")  # why"])
def test_surplus_closing_brackets_are_tolerated_and_reported(tail: str) -> None:
    text = f"a(1)\nb(2){tail}\nc(3)"
    script = parse_model_script(text)
    assert str(script) == text
    assert [s.command for s in script.statements] == ["a", "b", "c"]
    (warning,) = script.warnings
    assert warning.startswith("line 2 ends with")
    assert "".join(c for c in tail if c in ")]}") in warning


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a(1)\nb(1", 2, "expected ',' or ')' of b, found the end of the script"),
        ("a(1)\nb(x\nc(2)", 3, "found 'c' (the statement began in line 2)"),
        ('nms_postprocess("c.json" meta_arch=ssd)', 1, "found 'meta_arch'"),
        ("a(1) b(2)", 1, "expected the end of the line, found 'b'"),
        ("\n\na\n", 3, "expected '(', ',' or '=', found the end of the line"),
        ("a = b", 1, "expected a command after '=', found the end of the script"),
        ("a = = b(1)", 1, "expected a command, found '='"),
        ("a, b(1)", 1, "expected '(', ',' or '=', found '('"),
        ("(1)", 1, "expected a command, found '('"),
        (")", 1, "expected a command, found ')'"),
        ("5(1)", 1, "'5' is not a command"),
        ("-" * 10_000 + "(1)", 1, f"'{'-' * 40}' is not a command"),
        ("a(" + "x" * 10_000 + "%)", 1, f"'{'x' * 40}' is neither"),
        ("a(1]", 1, "expected ',' or ')' of a, found ']'"),
        ("a([1)", 1, "expected ',' or ']', found ')'"),
        ("a({x)", 1, "expected ',' or '}', found ')'"),
        ("a({[})", 1, "expected a layer name or pattern, found '['"),
        ("a(,)", 1, "expected a value, found ','"),
        ("a(k=)", 1, "expected a value, found ')'"),
        ("a('x\n')", 1, 'expected a value, found "\'"'),
        ("a(x%)", 1, "'x%' is neither a name nor a percentage"),
        ("a(*)", 1, "expected a value, found '*'"),
        ("{a: b = c(1)", 1, "expected ',' or '}', found '='"),
        ("a(\0)", 1, "found a control character"),
        ("a(" + "[" * 100_000, 1, "brackets are nested more than 31 deep"),
        ("a(" + "{x: " * 100_000, 1, "brackets are nested more than 31 deep"),
        ("{a: " + "[" * 100_000, 1, "brackets are nested more than 31 deep"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, line: int, says: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_model_script(text)
    message = str(caught.value)
    assert message.startswith(f"model script, line {line}: ")
    assert says in message
    assert "\n" not in message


def test_deep_but_sane_nesting_is_read() -> None:
    assert one("a(" + "[" * 31 + "]" * 31 + ")").command == "a"


def test_commands_by_name() -> None:
    script = parse_model_script("a(1)\nb(2)\nx.a(3)\na(4)")
    assert [s.line for s in script.commands("a")] == [1, 4]
    assert script.commands("c") == ()


@pytest.mark.parametrize(
    ("line", "is_said"),
    [
        ("feature(globals, policy=enabled)", True),
        ("feature(globals, policy=enabled, epochs=4)", True),
        ("feature( globals ,policy = enabled )  # twice", True),
        ("feature(globals, policy=disabled)", False),
        ("feature(globals, epochs=4, policy=[enabled])", False),
        ("feature(conv1, policy=enabled)", False),
        ("feature(globals)", True),
        ("other(1)", True),
        ("another(1)", False),
    ],
)
def test_what_a_script_says_already(line: str, is_said: bool) -> None:
    script = parse_model_script("feature(globals, epochs=4, policy=enabled)\nother(1)\n")
    assert script.says(line) is is_said


def test_a_script_without_statements_says_nothing() -> None:
    assert not parse_model_script("# a(1)\n").says("a(1)")


# --- random scripts ------------------------------------------------------------------------

LETTERS = "abz_"
NAMES = st.builds(
    str.__add__, st.sampled_from(LETTERS), st.text(alphabet=LETTERS + "09/.-", max_size=6)
)
IDENTIFIERS = st.builds(
    str.__add__, st.sampled_from(LETTERS), st.text(alphabet=LETTERS + "09", max_size=6)
)
PATTERNS = st.lists(st.sampled_from(["a", "/", "*", "?", "[0-9]", "[!b]", "7"]), min_size=1).map(
    "".join
)
STRINGS = st.text(alphabet='ab #=,()[]{}"\\\té', max_size=6)
BLANKS = st.sampled_from(["", " ", "\t ", "  "])
GAPS = st.sampled_from(["", " ", "\n", " \r\n ", " # note (\n\t"])
SCALARS = st.one_of(
    NAMES.map(lambda name: (name, Name(name))),
    st.integers(-(10**17), 10**17).map(lambda number: (str(number), number)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: (repr(number), number)),
    st.sampled_from([("True", True), ("false", False), ("None", None), ("null", None)]),
    STRINGS.map(lambda text: (f"'{text}'", text)),
    st.tuples(st.integers(0, 999), st.sampled_from("smh")).map(
        lambda pair: (f"{pair[0]}{pair[1]}", Duration(*pair))
    ),
    st.integers(-999, 999).map(lambda number: (f"{number}%", Percentage(number))),
)


@st.composite
def joined(draw: st.DrawFn, items: list[str], opener: str, closer: str) -> str:
    """Items between brackets, with arbitrary space, line ends and comments."""
    text = opener
    for index, item in enumerate(items):
        text += draw(GAPS) + item + draw(GAPS)
        text += "," if index + 1 < len(items) or draw(st.booleans()) else ""
    return text + draw(GAPS) + closer


@st.composite
def globs(draw: st.DrawFn) -> tuple[str, GlobSet]:
    patterns = draw(st.lists(PATTERNS, max_size=3))
    return draw(joined(patterns, "{", "}")), GlobSet(tuple(patterns))


@st.composite
def lists(draw: st.DrawFn, items: st.SearchStrategy[Any]) -> tuple[str, tuple[Any, ...]]:
    pairs = draw(st.lists(items, max_size=3))
    text = draw(joined([pair[0] for pair in pairs], "[", "]"))
    return text, tuple(pair[1] for pair in pairs)


VALUES = st.recursive(SCALARS | globs(), lists, max_leaves=6)


@st.composite
def random_statements(draw: st.DrawFn) -> tuple[str, Structure]:
    targets = draw(st.lists(NAMES, max_size=3))
    command = ".".join(draw(st.lists(IDENTIFIERS, min_size=1, max_size=2)))
    arguments = draw(st.lists(st.tuples(st.none() | IDENTIFIERS, VALUES), max_size=4))
    texts = [
        f"{name}{draw(GAPS)}={draw(GAPS)}{text}" if name else text for name, (text, _) in arguments
    ]
    head = f"{draw(BLANKS)},{draw(BLANKS)}".join(targets)
    head += f"{draw(BLANKS)}={draw(BLANKS)}" if targets else ""
    text = draw(BLANKS) + head + command + draw(BLANKS) + draw(joined(texts, "(", ")"))
    text += draw(st.sampled_from(["", ";", "  ", " ; # note )", "# x"]))
    values = [(name, value) for name, (_, value) in arguments]
    return text, (tuple(targets), command, values)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(random_statements(), max_size=5),
    st.sampled_from(["\n", "\r\n", "\n\n", "\n# between\n"]),
    st.booleans(),
)
def test_random_scripts_come_back_whole(
    statements: list[tuple[str, Structure]], newline: str, ended: bool
) -> None:
    text = newline.join(line for line, _ in statements) + (newline if ended else "")
    script = parse_model_script(text)
    assert str(script) == text
    assert script.warnings == ()
    assert [typed_structure(structure(s)) for s in script.statements] == [
        typed_structure(expected) for _, expected in statements
    ]
    for statement in script.statements:
        assert text[statement.start :].startswith(statement.text)


def typed_structure(parts: Structure) -> Any:
    targets, command, arguments = parts
    return tuple(targets), command, [(name, typed(value)) for name, value in arguments]


@settings(deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("ab1.-=,()[]{}:;#'\"*?%/\\ \t\n\r\ufeff\0é²")))
    | st.text()
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        script = parse_model_script(text)
    except ScriptError as error:
        assert str(error).startswith("model script, line ")
    else:
        assert str(script) == text


@pytest.mark.parametrize("name", ["jet_cnn_q16", "ids_mlp_sigmoid_compiled"])
def test_scripts_of_real_archives(name: str) -> None:
    with tarfile.open(Path(sample_path(name))) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".alls")]
        texts = [stream.read().decode() for m in members if (stream := archive.extractfile(m))]
    assert texts
    for text in texts:
        script = parse_model_script(text)
        assert str(script) == text
        assert script.warnings == ()
        # A line that is neither blank nor a comment starts a statement in these files.
        assert [s.line for s in script.statements] == [
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if line.strip() and not line.startswith("#")
        ]


# --- what statements mean ------------------------------------------------------------------


def network() -> Network:
    layers = [build_layer(n, "conv") for n in ("conv1", "conv2", "conv10", "a/conv1", "fc1")]
    return build_network(chain(build_layer("input_layer1"), *layers))


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("quantization_param(fc1, x=1)", ["net/fc1"]),
        ("quantization_param(net/fc1, x=1)", ["net/fc1"]),
        ("quantization_param([fc1, conv2, net/fc1], x=1)", ["net/conv2", "net/fc1"]),
        ("quantization_param({conv*}, x=1)", ["net/conv1", "net/conv2", "net/conv10", "a/conv1"]),
        ("quantization_param({conv[0-9]}, x=1)", ["net/conv1", "net/conv2", "a/conv1"]),
        ("quantization_param({net/conv?}, x=1)", ["net/conv1", "net/conv2"]),
        ("quantization_param([{a/*}, fc1], x=1)", ["a/conv1", "net/fc1"]),
        ("pre_quantization_optimization(equalization, layers=[conv2])", ["net/conv2"]),
        ("pre_quantization_optimization(equalization, layers=conv2)", ["net/conv2"]),
        ("pre_quantization_optimization(equalization, policy=enabled)", []),
        ("change_output_activation(fc1, sigmoid)", ["net/fc1"]),
        ("change_output_activation(sigmoid)", []),
        ("n = normalization([0], [1], input_layer1)", ["net/input_layer1"]),
        ("n = normalization([0], [1])", []),
        ("c = input_conversion(input_layer1, bgr_to_rgb)", ["net/input_layer1"]),
        ("c = input_conversion(bgr_to_rgb)", []),
        ("resize_input1 = resize_input([8, 8])", []),
        ("quantization_param(conv1, x=1)", []),  # either net/conv1 or a/conv1
        ("quantization_param(x=1)", []),
    ],
)
def test_addressed_layers(text: str, layers: list[str]) -> None:
    assert list(addressed_layers(one(text), network())) == layers


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("quantization_param([fc1, conv2], x=1)", []),
        ("change_output_activation(sigmoid)", []),
        ("quantization_param([fc1, conv3, conv3], x=1)", ["conv3"]),
        ("quantization_param({dw*, conv*}, x=1)", ["dw*"]),
        ("quantization_param(conv1, x=1)", ["conv1"]),
    ],
)
def test_unknown_layers(text: str, names: list[str]) -> None:
    assert list(unknown_layers(one(text), network())) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n = normalization([0, 1.5], [2, 3])", Normalization(("n",), (0, 1.5), (2, 3), None, 1)),
        ("normalization([0], [2], in1)", Normalization((), (0,), (2,), "in1", 1)),
        ("\nn = normalization([1, 2, 3])", Normalization(("n",), (1, 2, 3), (), None, 2)),
        ("n = normalization([1, x], [2])", Normalization(("n",), (1,), (2,), None, 1)),
        ("n = normalization(1, 2)", Normalization(("n",), (1,), (2,), None, 1)),
        ("n = normalization([True], None)", Normalization(("n",), (), (), None, 1)),
        ("n = normalization()", Normalization(("n",), (), (), None, 1)),
    ],
)
def test_normalizations(text: str, expected: Normalization) -> None:
    assert normalizations(parse_model_script(text + "\nx = resize(a)")) == (expected,)
