"""Plain expressions have the very tree that python-hcl2 gives, down to each offset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from reviewer.terraform import syntax
from reviewer.terraform.expressions.parser import ExpressionParser
from reviewer.terraform.expressions.plain_expression import parse_plain
from tests.terraform.grammar import expressions

if TYPE_CHECKING:
    from reviewer.terraform.expressions.nodes import Node

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).with_name("function_cases.txt").read_text(encoding="utf-8").splitlines()


class WholeGrammar(ExpressionParser):
    """Parses everything with python-hcl2, interpolations included."""

    def parse(self, text: str) -> Node:
        return self.parse_full(text)


WHOLE = WholeGrammar()


def assert_same_tree(text: str) -> bool:
    """Compare both parsers; tell whether the expression is a plain one."""
    parser = ExpressionParser()
    plain = parse_plain(text, parser.parse_inner)
    assert plain in {None, WHOLE.parse(text)}
    return plain is not None


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "12",
        "aws_iam_role.node[0].arn",
        'module.eks["a"].x',
        '"a ${upper(var.b)} $${c}"',
        "[]",
        "{}",
        "[1, 2,]",
        "[ # first\n  1, # one\n  /* two */ 2\n]",
        "{ a = 1, b : 2 }",
        '{\n  a = 1\n\n  "b c" = [true, null] # why\n  // nothing\n}',
        "{\r\n  a = 1\r\n  b = 2\r\n}",
        'object({ a = optional(string, "x"), b = list(map(number)) })',
        "merge(var.a, { b = !var.c })",
        "concat(var.a...)",
        "try(var.a[0].b, null)",
        "[for x in var.y : x]",
        "[var.a ? 1 : 2, -1, a.b[*].c]",
        "[<<-EOT\n  x\n  EOT\n]",
        "{ a = <<EOT\nx\nEOT\n}",
        "{ for = 1 }",
        "{ (var.a) = 1 }",
        "provider::aws::arn_parse(var.a)",
        "a.0.b",
        "[a\n.b]",
        "a || b && !c == -d + 2 * 3 - 1",
        "1 - 2 - 3 < 4 / 2 / 1",
        "a ? b : c ? d : e",
        "(a\n  ? b\n  : c # why\n)",
        "[a\n  + 1]",
        "x -12",
        "!!x",
        "a[*].b[0].c[var.d]",
        "a.*.b[0]",
        '{ a = 1 }["a"]',
        "[1, 2][0]",
        '{ "${a}" = 1, (b.c) = 2, d = e ? 1 : 2\n f = 3 }',
        "{ for k, v in a : k => v... if v != null }",
        "{ for v in a ? b : c : v => [for w in v : w if w] }",
        "[\n  for v in a :\n  v\n  if v\n]",
        "[for in in a : in]",
        "f([for v in a : v]...)",
        "1.5e3 + 0.1",
        "a ? b",
        "a +",
        "(a",
        "{ a = b\n + c }",
        "f(1)(2)",
    ],
)
def test_trees_are_the_same(text: str) -> None:
    assert_same_tree(text)


@pytest.mark.parametrize(
    "text",
    [
        "[1, 2]",
        "{ a = var.b ? 1 : 2 }",
        "object({ a = optional(string) })",
        "f(a.b[0].c, g(1)...)",
        "(a == null || length(b) > 0) && !c ? d[var.e] : [for k, v in f : k if v][0]",
        '{ for k, v in a[*].b : "x-${k}" => v... }',
    ],
)
def test_no_grammar_is_needed(text: str) -> None:
    assert assert_same_tree(text)


def test_what_is_too_deep_or_too_long_is_left_to_the_grammar() -> None:
    assert parse_plain("(" * 61 + "a" + ")" * 61, WHOLE.parse_inner) is None
    assert parse_plain("a" + " + a" * 61, WHOLE.parse_inner) is None
    assert parse_plain("a ? b : " * 61 + "c", WHOLE.parse_inner) is None


def test_trees_of_the_hand_picked_expressions_are_the_same() -> None:
    found = [assert_same_tree(case.removeprefix("~ ")) for case in CASES if case and case[0] != "#"]

    assert found.count(True) > len(found) // 2


@given(expressions())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_trees_of_random_expressions_are_the_same(text: str) -> None:
    assert_same_tree(text)


def test_trees_of_the_example_platform_are_the_same() -> None:
    for path in sorted((ROOT / "examples" / "platform").rglob("*.tf")):
        source = syntax.decode(path.read_bytes(), path.name)
        assert not isinstance(source, syntax.Diagnostic)
        pending = list(syntax.parse(source).blocks)
        while pending:
            block = pending.pop()
            pending.extend(block.blocks)
            for attribute in block.attributes.values():
                assert_same_tree(attribute.expression.text)
