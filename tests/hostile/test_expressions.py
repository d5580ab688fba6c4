"""Expressions that ask for more time or memory than there is: each ends in a value or in a reason, at once."""

from __future__ import annotations

import re

import pytest

from reviewer.terraform import evaluator
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown, Value
from tests.trees import tree

LARGE = "too large to evaluate"
DEEP = "too deeply nested to evaluate"
OFTEN = "the expression iterates too often to evaluate"


def value_of(expression: str, **others: str) -> Value:
    """Return what ``local.x`` is worth; ``others`` are further locals, given as expressions."""
    lines = "\n".join(f"{name} = {text}" for name, text in {"x": expression, **others}.items())
    root = Configuration(tree({"main.tf": f"locals {{\n{lines}\n}}\n"}), Sources()).root("")
    return root.value_of(root.declarations.locals["x"])


def reason_of(expression: str, **others: str) -> str:
    data = value_of(expression, **others).data
    assert isinstance(data, Unknown), data
    return data.reason


def error(function: str, message: str) -> str:
    return f"Terraform would report an error: {function}(): {message}"


NO_MATCH = error("regex", "pattern did not match any part of the given string")


def nested(opening: str, inner: str, closing: str, times: int) -> str:
    return opening * times + inner + closing * times


def grown(pattern: str, first: str, times: int) -> dict[str, str]:
    """Return locals of which each uses the one before it as ``pattern`` says."""
    return {"a0": first} | {
        f"a{n}": pattern.replace("PREVIOUS", f"local.a{n - 1}") for n in range(1, times + 1)
    }


STRING_OF_A_MILLION = 'format("%1000000d", 1)'

UNKNOWN = {
    # Functions that build collections
    "range": ("range(1000000)", error("range", "more than 1024 values were generated")),
    "range with a tiny step": (
        "range(0, 1, 0.0000001)",
        error("range", "more than 1024 values were generated"),
    ),
    "range that never ends": ("range(0, 5, 0)", error("range", "step must not be zero")),
    "setproduct of four": ("setproduct(range(1000), range(1000), range(1000), range(1000))", LARGE),
    "setproduct of two": ("setproduct(range(1000), range(1000))", LARGE),
    "for in for in for": (
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]",
        OFTEN,
    ),
    "flatten": ("flatten([for a in range(101) : range(1000)])", LARGE),
    "concat": ("concat([for a in range(101) : range(1000)]...)", LARGE),
    "template for": ('"%{for a in range(1000)}%{for b in range(1000)}x%{endfor}%{endfor}"', OFTEN),
    # Strings
    "format width": ('format("%999999999d", 1)', LARGE),
    "format precision": ('format("%.999999999f", 1)', LARGE),
    "format of many": (f'format("{"%1000000d" * 3}", 1, 2, 3)', LARGE),
    "format width of thirty digits": (f'format("%{"9" * 30}d", 1)', LARGE),
    "formatlist": ('formatlist("%1000000d", range(1000))', LARGE),
    "join of long strings": ('join("", [for i in range(1000) : format("%100000d", i)])', OFTEN),
    "a thousand long strings": ('[for i in range(1000) : format("%1000000d", i)]', OFTEN),
    "a thousand long templates": ('[for i in range(1000) : "${local.long}${i}"]', OFTEN),
    "replace grows": (f'replace("{"a" * 20}", "a", {STRING_OF_A_MILLION})', LARGE),
    "replace by pattern grows": ('replace(format("%1000d", 1), "/ /", format("%10000d", 1))', LARGE),
    "indent": (r'indent(10000000, "a\nb")', LARGE),
    "template": ('"${local.long}${local.long}"', LARGE),
    "doubled 60 times": ("local.a60", LARGE),
    # Patterns
    "pattern too long": (f'regex("{"a" * 10_001}", "a")', LARGE),
    "pattern of repetitions": (
        'regex("(x{1000}){1000}", "x")',
        error("regex", "invalid regexp pattern: invalid repetition size: {1000}"),
    ),
    "catastrophic backtracking": (f'regex("(a+)+$", "{"a" * 5000}b")', NO_MATCH),
    "alternatives backtracking": (f'regex("^(a|aa)+$", "{"a" * 5000}b")', NO_MATCH),
    "back reference": (
        r'regex("(a)\\1", "aa")',
        error("regex", r"invalid regexp pattern: invalid escape sequence: \1"),
    ),
    "look ahead": (
        'regex("(?=a)a", "a")',
        error("regex", "invalid regexp pattern: invalid perl operator: (?="),
    ),
    "matches everywhere": ('regexall("", format("%1000000d", 1))', LARGE),
    # Numbers
    "power": ("pow(10, 1000000)", "the result is not a finite number"),
    "product": ("*".join(["9" * 90] * 100), LARGE),
    "squared 60 times": ("local.s60", LARGE),
    "number of 18,000 digits": ("9" * 18_000, "the number is too large to read"),
    "parseint": (f'parseint("{"9" * 18_000}", 10)', LARGE),
    "tonumber": ('tonumber("1e999999999")', LARGE),
    "tonumber of digits": (f'tonumber("{"9" * 9_000}")', LARGE),
    "division by zero": ("1 / 0", "division by zero gives infinity"),
    # Documents
    "JSON nested": (f'jsondecode("{nested("[", "", "]", 5000)}")', DEEP),
    "JSON number": (f'jsondecode("{"9" * 9_000}")', LARGE),
    "JSON exponent": ('jsondecode("1e999999999")', LARGE),
    "YAML nested": (f'yamldecode("{nested("[", "", "]", 5000)}")', DEEP),
    "YAML laughs": (
        (
            r'yamldecode("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n'
            r'd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n")'
        ),
        LARGE,
    ),
    "YAML that holds itself": (
        r'yamldecode("a: &a [*a]\n")',
        error("yamldecode", "cannot refer to anchor 'a' from inside its own definition"),
    ),
    "YAML tag that makes an object": (
        'yamldecode("!!python/object/apply:os.system [id]")',
        error(
            "yamldecode", "cannot interpret a collection as tag:yaml.org,2002:python/object/apply:os.system"
        ),
    ),
    # Values that double with every name
    "tuple doubled and encoded": ("jsonencode(local.t60)", LARGE),
    "tuple doubled and flattened": ("flatten(local.t60)", LARGE),
    "tuple doubled and compared": ("local.t60 == local.t60", LARGE),
    "concat doubled": ("local.c60", LARGE),
    "branches doubled": ("local.b60", "the time of the apply is not known from the code"),
    # References
    "itself": ("local.x", "`x` refers to itself"),
    "in a circle": ("local.y", "`x` refers to itself"),
    "chain of 5,000": ("local.n5000", "the expression refers to others too deeply to evaluate"),
    # Depth
    "parentheses": (nested("(", "1", ")", 5000), "the expression is nested too deeply to read"),
    "lists": (nested("[", "", "]", 5000), "the expression is nested too deeply to read"),
    "conditionals": (nested("true ? ", "1", " : 2", 1000), "the expression is too long to read"),
    "calls": (nested("abs(", "1", ")", 3000), "the expression is nested too deeply to read"),
    "sum of 9,000": ("1" + "+1" * 9_000, "the expression is too long to read"),
    "directives": (
        f'"{nested("%{if true}", "x", "%{endif}", 300)}"',
        "the expression is nested too deeply to read",
    ),
    "negations": ("!" * 9_000 + "true", "the expression refers to others too deeply to evaluate"),
    "indices": (
        "local.t0" + "[0]" * 5_000,
        "Terraform would report an error: this value does not have any indices",
    ),
    # Files, time and chance
    "file above the repository": (
        'file("../../../etc/passwd")',
        "`../../../etc/passwd` is outside the repository",
    ),
    "absolute file": ('file("/etc/passwd")', "`/etc/passwd` is outside the repository"),
    "file of the user": (
        'file("~/.aws/credentials")',
        "the file ~/.aws/credentials depends on the machine that runs Terraform",
    ),
    "folder above the repository": ('fileset("..", "**")', "`..` is outside the repository"),
    "template above the repository": (
        'templatefile("/etc/hosts", {})',
        "`/etc/hosts` is outside the repository",
    ),
    "hash of an absolute file": ('filesha256("/dev/zero")', "`/dev/zero` is outside the repository"),
    "password hash": ('bcrypt("x", 31)', "bcrypt() gives another result at each run"),
    "time": ("timestamp()", "the time of the apply is not known from the code"),
    "function of a provider": (
        'provider::aws::arn_parse("x")',
        "the provider function `provider::aws::arn_parse` runs only in Terraform",
    ),
    "function that is none": (
        'system("id")',
        "Terraform would report an error: there is no function named 'system'",
    ),
}

LOCALS = {
    "long": STRING_OF_A_MILLION,
    "y": "local.x",
    **{
        f"s{n}": text.replace("local.a", "local.s")
        for n, text in enumerate(grown("PREVIOUS * PREVIOUS", "99999", 60).values())
    },
    **{f"a{n}": text for n, text in enumerate(grown('"${PREVIOUS}${PREVIOUS}"', '"xxxxxxxx"', 60).values())},
    **{
        f"t{n}": text.replace("local.a", "local.t")
        for n, text in enumerate(grown("[PREVIOUS, PREVIOUS]", "[1]", 60).values())
    },
    **{
        f"o{n}": text.replace("local.a", "local.o")
        for n, text in enumerate(grown("{ a = PREVIOUS, b = PREVIOUS }", "{}", 60).values())
    },
    **{
        f"c{n}": text.replace("local.a", "local.c")
        for n, text in enumerate(grown("concat(PREVIOUS, PREVIOUS)", "[1]", 60).values())
    },
    **{
        f"b{n}": text.replace("local.a", "local.b")
        for n, text in enumerate(grown('timestamp() == "" ? PREVIOUS : [PREVIOUS]', "[1]", 60).values())
    },
    **{
        f"n{n}": text.replace("local.a", "local.n")
        for n, text in enumerate(grown("PREVIOUS", "1", 5000).values())
    },
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What iterates for ever does so with a smaller budget, too."""
    monkeypatch.setattr(evaluator, "MAX_ITERATIONS", 12_000)


@pytest.mark.parametrize(("expression", "reason"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_evaluated_is_unknown_and_says_why(expression: str, reason: str) -> None:
    used = set(re.findall(r"local\.([a-z]+)", expression))
    needed = {name: text for name, text in LOCALS.items() if name.rstrip("0123456789") in used}
    assert reason_of(expression, **needed) == reason


KNOWN = {
    "first of many": ("[for i in range(1024) : i][1000]", 1000),
    "pattern that only backtracks elsewhere": (f'length(regexall("(a|a)*", "{"a" * 1000}"))', 1),
    "a count of a product": ("length(setproduct(range(100), range(100)))", 10_000),
    "fibonacci": ("local.f40", 102334155 + 63245986),
    "try in try": (nested("try(", "1", ", 2)", 60), 1),
    "element far away": ("element([1, 2, 3], 1000000)", 2),
    "substring far away": ('substr("abc", 99999999, 5)', ""),
    "nothing to count": ("length([])", 0),
    "text that is no template": ('"$${file(\\"/etc/passwd\\")}"', '${file("/etc/passwd")}'),
}
FIBONACCI = {"f0": "1", "f1": "1"} | {f"f{n}": f"local.f{n - 1} + local.f{n - 2}" for n in range(2, 41)}


@pytest.mark.parametrize(("expression", "value"), KNOWN.values(), ids=KNOWN)
def test_what_only_looks_expensive_has_its_value(expression: str, value: object) -> None:
    assert value_of(expression, **FIBONACCI).data == value
