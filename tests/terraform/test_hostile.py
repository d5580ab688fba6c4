"""Whatever a pull request holds: reading and evaluating it never crashes, never hangs, and needs little memory.

The clock is that of the processor, with room for slow machines: real files take a few milliseconds here.
"""

from __future__ import annotations

import resource
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reviewer.change.tree import OverlayTree
from reviewer.engine.plans import plans_by_root
from reviewer.engine.touched import instances, values
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.plan.plan import PlanError, read_plan
from tests.terraform.grammar import expressions
from tests.terraform.test_plan import SECURITY_GROUP, SECURITY_GROUP_PLAN
from tests.trees import EmptyTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECONDS = 5.0
MEBIBYTES = 400
NAMES = ("main.tf", "main.tf.json", "terraform.tfvars", "terraform.tfvars.json", "main_override.tf")
EXAMPLES = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = [
    path.read_bytes()
    for path in sorted((Path(__file__).resolve().parents[2] / "examples" / "platform").rglob("*.tf"))
]
PIECES = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b'"',
        b"${",
        b"%{",
        b"~}",
        b"<<EOT\n",
        b"\nEOT\n",
        b"\\",
        b"#",
        b"/*",
    ),
    *(
        b"*/",
        b"...",
        b"=>",
        b" = ",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"for x in ",
        b" if ",
        b"null",
    ),
    *(
        b"1e999999",
        b"each.value",
        b"local.name",
        b"dynamic",
        b"count = 99999999\n",
        b"range(100000)",
        b"!",
        b"-",
    ),
)


class HangError(Exception):
    """The work takes longer than any file may."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise ``HangError`` after ``SECONDS`` of processor time, and fail when much memory was needed."""

    def stop(_signal: int, _frame: object) -> None:
        raise HangError

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    earlier = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEBIBYTES


def evaluate_all(files: Mapping[str, bytes]) -> None:
    """Read files as one root module and ask for everything in it."""
    configuration = Configuration(OverlayTree(EmptyTree(), files), Sources())
    with limited():
        root = configuration.root("")
        for instance in instances(root):
            for value in values(instance.body):
                assert value.is_wholly_known in {True, False}
        for module in root.walk():
            for name in module.declarations.locals:
                module.local(name)
            for name in module.declarations.variables:
                module.variable(name)
            for name in module.declarations.outputs:
                module.output(name)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a real file with pieces of it taken out, doubled, swapped or replaced by what breaks parsers."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 200)))
        piece = draw(st.sampled_from(PIECES)) * draw(st.sampled_from((0, 1, 1, 1, 2, 300)))
        content = content[:start] + piece + content[draw(st.sampled_from((start, end))) :]
    return content


@EXAMPLES
@given(st.sampled_from(NAMES), st.binary(max_size=2_000))
def test_arbitrary_bytes(name: str, content: bytes) -> None:
    evaluate_all({name: content})


@EXAMPLES
@given(st.sampled_from(NAMES), st.text(max_size=2_000))
def test_arbitrary_text(name: str, content: str) -> None:
    evaluate_all({name: content.encode("utf-8", "surrogatepass")})


@EXAMPLES
@given(mutated(), mutated())
def test_mutated_files(one: bytes, other: bytes) -> None:
    evaluate_all({"main.tf": one, "main_override.tf": other})


@EXAMPLES
@given(st.lists(expressions(), min_size=1, max_size=6), st.sampled_from(("count", "for_each", "input")))
def test_arbitrary_expressions_anywhere(made: list[str], argument: str) -> None:
    attributes = "".join(f"  a{number} = (\n{each}\n)\n" for number, each in enumerate(made))
    block = f'resource "x" "y" {{\n  {argument} = local.a0\n  dynamic "z" {{\n    for_each = local.a0\n    content {{}}\n  }}\n}}\n'
    evaluate_all({"main.tf": f"locals {{\n{attributes}}}\n{block}".encode()})


@EXAMPLES
@given(st.integers(0, len(SECURITY_GROUP_PLAN)), st.integers(0, 60), st.sampled_from(PIECES))
@example(0, 0, b"[" * 10_000)
def test_mutated_plans(start: int, length: int, piece: bytes) -> None:
    content = SECURITY_GROUP_PLAN[:start] + piece + SECURITY_GROUP_PLAN[start + length :]
    configuration = Configuration(OverlayTree(EmptyTree(), {"main.tf": SECURITY_GROUP.encode()}), Sources())
    with limited():
        try:
            plans = plans_by_root(configuration, [read_plan(content, "plan.json")], [""])
        except PlanError as error:
            assert "\n" not in str(error)  # noqa: PT017 - most mutations are refused, with one line
            return
        for instance in instances(configuration.with_plans(plans).root("")):
            for value in values(instance.body):
                assert value.is_wholly_known in {True, False}


@pytest.mark.parametrize(
    "content",
    [
        "locals {\n a = " + "[" * 5_000 + "]" * 5_000 + "\n}\n",
        "locals {\n a = " + "(" * 5_000 + "1" + ")" * 5_000 + "\n}\n",
        "locals {\n a = " + "!" * 20_000 + "true\n}\n",
        "locals {\n a = " + "f(" * 3_000 + ")" * 3_000 + "\n}\n",
        'locals {\n a = "' + "${" * 3_000 + "1" + "}" * 3_000 + '"\n}\n',
        "locals {\n a = " + " + ".join(["1"] * 5_000) + "\n}\n",
        "locals {\n a = [for i in range(100000) : [for j in range(100000) : i * j]]\n}\n",
        "locals {\n a = [for i in range(50000) : range(100000)]\n}\n",
        'locals {\n a = join("", [for i in range(50000) : format("%09999d", i)])\n}\n',
        'locals {\n a = "x"\n' + "".join(f' b{n} = "${{local.b{n - 1}}}${{local.b{n - 1}}}"\n' for n in range(1, 60)) + ' b0 = "xx"\n}\n',
        "locals {\n a0 = [1]\n" + "".join(f" a{n} = concat(local.a{n - 1}, local.a{n - 1})\n" for n in range(1, 60)) + "}\n",
        "locals {\n a0 = [1]\n" + "".join(f" a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 40)) + "}\n",
        "locals {\n a = setproduct(range(1000), range(1000), range(1000))\n}\n",
        'locals {\n a = regexall("(a+)+$", "' + "a" * 5_000 + 'b")\n}\n',
        "locals {\n a = 9 * 9" + " * 99999999999999999999" * 200 + "\n}\n",
        "locals {\n a = pow(9999999, 9999999)\n}\n",
        'locals {\n a = cidrsubnets("10.0.0.0/8", ' + ", ".join(["8"] * 2_000) + ")\n}\n",
        "locals {\n" + "".join(f" a{n} = local.a{n + 1}\n" for n in range(3_000)) + "}\n",
        "locals {\n a = local.b\n b = local.a\n}\n",
        'module "a" {\n  source = "./"\n  for_each = toset([for i in range(500) : tostring(i)])\n}\n',
        "a {\n" * 3_000 + "}\n" * 3_000,
        "\n" * 300_000 + 'output "x" { value = 1 }\n',
        'locals {\n a = yamldecode("a: &a [1,1]\\n' + "".join(f"b{n}: &b{n} [*b{n - 1},*b{n - 1}]\\n" for n in range(1, 40)).replace("*b0", "*a") + '")\n}\n',
        'locals {\n a = jsondecode("' + "[" * 5_000 + "]" * 5_000 + '")\n}\n',
    ],
    ids=[
        "nested lists",
        "nested parentheses",
        "many signs",
        "nested calls",
        "nested templates",
        "a long sum",
        "loops in loops",
        "long lists in a loop",
        "much text",
        "text that doubles",
        "lists that double",
        "lists of lists that double",
        "setproduct",
        "a slow pattern",
        "a large product",
        "a large power",
        "many networks",
        "a long chain",
        "a circle",
        "a module of itself",
        "nested blocks",
        "many lines",
        "aliases of YAML",
        "nested JSON",
    ],
)  # fmt: skip
def test_what_is_made_to_break_readers(content: str) -> None:
    evaluate_all({"main.tf": content.encode()})
