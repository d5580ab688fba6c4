"""Built-in functions: each case against the real Terraform, then origins, marks and limits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reviewer.terraform.functions import NAMES, call
from reviewer.terraform.functions.impure import FUNCTIONS as IMPURE
from reviewer.terraform.functions.impure import REASONS
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.text import Range, SourceText
from reviewer.terraform.types import DYNAMIC, NUMBER, STRING, ListType, MapType
from reviewer.terraform.value import (
    NULL,
    EvaluationError,
    Unknown,
    Value,
    boolean,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)
from tests.terraform.expressions import FolderFiles, evaluate
from tests.terraform.oracle import (
    NEEDS_TERRAFORM,
    TERRAFORM,
    UNKNOWN_PRELUDE,
    Outcome,
    Verdict,
    judge,
    plan,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

CASES = Path(__file__).with_name("function_cases.txt").read_text(encoding="utf-8").splitlines()
TREE: dict[str, str | bytes] = {
    "hello.txt": "hello ä\n",
    "binary.bin": b"\xff\xfe\x00",
    "sub/.hidden.yaml": "",
    "sub/a.yaml": "a: 1",
    "sub/b.txt": "",
    "sub/deep/c.yaml": "",
    "sub/deep/er/d.yaml": "",
}
SOURCE = SourceText("main.tf", "first second third call")
FIRST, SECOND, THIRD, CALL = (
    Range(SOURCE, 0, 5),
    Range(SOURCE, 6, 12),
    Range(SOURCE, 13, 18),
    Range(SOURCE, 19, 23),
)
NOWHERE = FolderFiles(Path("/nonexistent"))


def run(name: str, *arguments: Value, at: Range | None = None) -> Value:
    return call(name, arguments, at, NOWHERE)


def unknown_in(value: Value) -> Unknown:
    assert isinstance(value.data, Unknown)
    return value.data


def strings(*texts: str) -> Value:
    return tuple_of(tuple(map(string, texts)))


def numbers(*amounts: int) -> Value:
    return tuple_of(tuple(map(number, amounts)))


def list_of_strings(*elements: Value) -> Value:
    return Value(elements, ListType(STRING))


# Against the real Terraform


@NEEDS_TERRAFORM
def test_every_case_agrees_with_terraform(tmp_path: Path) -> None:
    cases = [case for case in CASES if case.strip() and not case.startswith("#")]
    expressions = {case: _expression(case) for case in cases}
    outcomes = plan(expressions, UNKNOWN_PRELUDE, TREE)
    _write(tmp_path)

    disagreements = [
        f"{case}: {verdict.value}; terraform says {outcomes[case]}"
        for case in cases
        if (verdict := _verdict(expressions[case], outcomes[case], tmp_path)) not in _accepted(case)
    ]

    assert disagreements == []


def _expression(case: str) -> str:
    text = case.removeprefix("~ ").replace("UNK", "terraform_data.unknown.id")
    return text.replace("DYN", "jsondecode(terraform_data.unknown.id)")


def _accepted(case: str) -> tuple[Verdict, ...]:
    return (Verdict.EQUAL, Verdict.LESS) if case.startswith("~ ") else (Verdict.EQUAL,)


def _verdict(expression: str, outcome: Outcome, folder: Path) -> Verdict:
    try:
        value: Value | None = evaluate(expression, folder)
    except EvaluationError:
        value = None
    return judge(value, outcome)


def _write(folder: Path) -> None:
    for path, content in TREE.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


@NEEDS_TERRAFORM
def test_names_are_those_of_terraform() -> None:
    command = [str(TERRAFORM), "metadata", "functions", "-json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    signatures = json.loads(shown.stdout)["function_signatures"]
    evaluated_lazily = {"can", "try"}

    assert NAMES | evaluated_lazily == {name for name in signatures if "::" not in name}


# Calls


@pytest.mark.parametrize("name", sorted(IMPURE))
def test_a_function_without_a_fixed_result_is_unknown_and_says_why(name: str) -> None:
    arguments = [string("x") for _ in IMPURE[name].parameters]

    assert unknown_in(run(name, *arguments)).reason == REASONS[name]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nope", (), "there is no function named 'nope'"),
        ("upper", (), "upper(): not enough arguments: missing value for 'str'"),
        ("upper", (string("a"), string("b")), "upper(): too many arguments: 1 expected"),
        ("upper", (NULL,), "upper(): invalid value for 'str': argument must not be null"),
        ("upper", (tuple_of(()),), "upper(): invalid value for 'str': string required, but have tuple"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(name: str, arguments: Sequence[Value], message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        call(name, arguments, None, NOWHERE)

    assert str(raised.value) == message


def test_the_core_namespace_names_the_same_functions() -> None:
    assert run("core::upper", string("a")).data == "A"


# Unknown arguments


def test_an_unknown_argument_gives_its_reason_and_the_result_type_but_not_its_identity() -> None:
    result = unknown_in(run("upper", unknown("the ARN is computed", reference="aws_x.y.arn", kind=STRING)))

    assert (result.reason, result.reference, result.type) == ("the ARN is computed", None, STRING)


def test_a_conversion_keeps_the_identity_of_an_unknown() -> None:
    result = unknown_in(run("tostring", unknown("computed", reference="aws_x.y.arn")))

    assert (result.reason, result.reference, result.type) == ("computed", "aws_x.y.arn", STRING)


def test_a_slice_of_an_unknown_list_has_a_known_length() -> None:
    zones = unknown("names is computed", reference="data.aws_availability_zones.all.names")
    three = run("slice", zones, number(0), number(3))

    assert unknown_in(three).length == 3
    assert run("length", three).data == 3
    assert run("element", three, number(1)).is_unknown


def test_a_merge_knows_what_its_last_arguments_say() -> None:
    tags = object_of({"Team": string("platform", FIRST)})
    merged = run("merge", unknown("defaults are computed"), tags, at=CALL)

    assert merged.is_unknown
    team = run("lookup", merged, string("Team"), string("none"))
    assert (team.data, team.supplier) == ("platform", FIRST)
    assert run("lookup", merged, string("Owner"), string("none")).is_unknown


def test_a_merge_does_not_know_what_an_unknown_argument_may_override() -> None:
    merged = run("merge", object_of({"Team": string("platform")}), unknown("overrides are computed"))

    assert run("lookup", merged, string("Team"), string("none")).is_unknown


def test_a_partly_unknown_string_keeps_its_pieces() -> None:
    blocked = unknown("computed", kind=STRING)
    formatted = unknown_in(run("format", string("arn:%s:%s"), string("aws"), blocked))
    joined = unknown_in(run("join", string("/"), list_of_strings(string("a"), blocked)))

    assert [each.data for each in formatted.parts[:-1]] == ["arn:", "aws", ":"]
    assert formatted.parts[-1] is blocked
    assert [each.data for each in joined.parts[:-1]] == ["a", "/"]
    assert unknown_in(joined.parts[-1]).reason == "computed"


def test_json_of_a_partly_unknown_document_can_be_read_back() -> None:
    document = object_of({"Version": string("2012-10-17"), "Id": unknown("computed", kind=STRING)})
    text = run("jsonencode", document)

    assert text.is_unknown
    assert run("jsondecode", text).data == document.data


@pytest.mark.parametrize("name", ["keys", "length"])
def test_the_keys_of_a_map_are_known_when_its_values_are_not(name: str) -> None:
    assert run(name, object_of({"a": unknown("computed")})).is_wholly_known


# Origins


def test_a_computed_scalar_is_supplied_by_the_call_and_then_its_arguments() -> None:
    result = run("format", string("%s-%s", FIRST), string("a", SECOND), string("b", THIRD), at=CALL)

    assert result.origins == (CALL, FIRST, SECOND, THIRD)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("lookup", (object_of({"k": string("x", FIRST), "l": string("y", SECOND)}), string("k", THIRD))),
        ("element", (tuple_of((string("x", FIRST), string("y", SECOND))), number(0, THIRD))),
        ("coalesce", (NULL.via(THIRD), string("x", FIRST), string("y", SECOND))),
    ],
)
def test_a_chosen_element_keeps_its_supplier_and_gets_what_chose_it(
    name: str, arguments: Sequence[Value]
) -> None:
    assert call(name, arguments, CALL, NOWHERE).origins == (FIRST, THIRD, CALL)


@pytest.mark.parametrize("name", ["one", "tostring", "sensitive"])
def test_a_value_that_passes_through_keeps_its_supplier(name: str) -> None:
    argument = tuple_of((string("x", FIRST),)) if name == "one" else string("x", FIRST)

    assert run(name, argument, at=CALL).origins == (FIRST, CALL)


@pytest.mark.parametrize(
    "name", ["concat", "reverse", "sort", "distinct", "compact", "flatten", "toset", "tolist"]
)
def test_the_elements_of_a_rebuilt_list_keep_their_suppliers(name: str) -> None:
    result = run(name, tuple_of((string("a", FIRST), string("b", SECOND)), THIRD), at=CALL)

    assert {each.data: each.origins for each in result.elements()} == {"a": (FIRST,), "b": (SECOND,)}
    assert set(result.origins) >= {CALL, THIRD}


def test_a_merge_knows_what_no_branch_of_a_condition_overrides(tmp_path: Path) -> None:
    text = 'merge({ a = "1" }, terraform.workspace == "x" ? { b = "2" } : {}, terraform.workspace == "y" ? { c = "3" } : {})'
    merged = evaluate(text, tmp_path)
    assert merged.is_unknown
    assert isinstance(merged.data, Unknown)
    kinds = {tuple(each.data) for each in merged.data.alternatives if isinstance(each.data, dict)}
    assert kinds == {("a",), ("a", "b"), ("a", "c"), ("a", "b", "c")}
    assert run("lookup", merged, string("a"), string("none")).data == "1"
    assert run("lookup", merged, string("b"), string("none")).is_unknown
    overriding = evaluate('merge({ a = "1" }, terraform.workspace == "x" ? { a = "2" } : {})', tmp_path)
    assert run("lookup", overriding, string("a"), string("none")).is_unknown


def test_the_attributes_of_a_merge_keep_their_suppliers() -> None:
    one = object_of({"a": string("x", FIRST), "b": string("y", FIRST)})
    merged = run("merge", one, object_of({"b": string("z", SECOND)}), at=CALL)

    assert {each.data: each.origins for each in merged.elements()} == {"x": (FIRST,), "z": (SECOND,)}
    assert merged.origins == (CALL, FIRST, SECOND)


def test_the_names_in_a_map_do_not_come_from_what_is_behind_them() -> None:
    behind = object_of({"size": string("large", THIRD)}, SECOND)
    result = run("keys", object_of({"a": behind}, FIRST), at=CALL)

    assert result.origins == (CALL, FIRST, SECOND)
    assert [(each.data, each.origins) for each in result.elements()] == [("a", (SECOND,))]


def test_new_elements_come_from_where_the_whole_comes_from() -> None:
    result = run("split", string(",", FIRST), string("a,b", SECOND), at=CALL)

    assert [(each.data, each.origins) for each in result.elements()] == [
        ("a", (CALL, FIRST, SECOND)),
        ("b", (CALL, FIRST, SECOND)),
    ]


# Marks


def test_a_secret_stays_one_through_a_computation_and_only_where_it_goes() -> None:
    secret = string("s").marked(sensitive=True)
    merged = run("merge", object_of({"a": secret}), object_of({"b": string("x")}))

    assert run("upper", secret).sensitive
    assert not merged.sensitive
    assert [each.sensitive for each in merged.elements()] == [True, False]
    assert not run("nonsensitive", secret).sensitive


# Files


@pytest.mark.parametrize("name", ["file", "filebase64", "filesha256"])
def test_a_file_outside_the_tree_is_unknown_with_the_reason(name: str) -> None:
    class Closed(FolderFiles):
        def read_bytes(self, path: str) -> bytes:
            raise UnsupportedError(f"{path} is outside the repository")

    result = call(name, [string("/etc/passwd")], CALL, Closed(Path()))

    assert unknown_in(result).reason == "/etc/passwd is outside the repository"


@pytest.mark.parametrize(
    ("name", "path"), [("file", "~/.aws/credentials"), ("pathexpand", "~/x"), ("abspath", "x")]
)
def test_what_depends_on_the_machine_is_unknown(name: str, path: str) -> None:
    assert "depends on the machine" in unknown_in(run(name, string(path))).reason


def test_templates_are_rendered_by_whoever_knows_the_module(tmp_path: Path) -> None:
    class Renders(FolderFiles):
        def render(self, path: str, variables: Value) -> Value:
            return string(f"{path} {sorted(variables.data or {})}")  # type: ignore[type-var, arg-type] # an object

        def render_text(self, template: Value, variables: Value) -> Value:
            return string(f"{template.data} {sorted(variables.data or {})}")  # type: ignore[type-var, arg-type] # an object

    (tmp_path / "t.tpl").write_text("${a}")
    files = Renders(tmp_path)
    variables = object_of({"a": string("x")})

    assert call("templatefile", [string("t.tpl"), variables], None, files).data == "t.tpl ['a']"
    assert call("templatestring", [string("${a}"), variables], None, files).data == "${a} ['a']"


# Hostile input


HUNDRED = tuple_of(tuple(number(each) for each in range(100)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("indent", (number(10**9), string("a\nb"))),
        ("format", (string("%2000000s"), string("x"))),
        ("format", (string("%.99999999f"), number(1))),
        ("format", (string("%99999999999999999999d"), number(1))),
        ("join", (string("x" * 1000), tuple_of((string(""),) * 2000))),
        ("setproduct", (HUNDRED, HUNDRED, HUNDRED)),
        ("replace", (string("a" * 2000), string("a"), string("b" * 2000))),
        ("replace", (string("a" * 2000), string("/a/"), string("b" * 2000))),
        ("split", (string(","), string("," * 200_000))),
        ("tonumber", (string("1e999999999"),)),
        ("jsondecode", (string("[" * 2_000_000),)),
    ],
)
def test_a_result_that_would_be_huge_is_unknown(name: str, arguments: Sequence[Value]) -> None:
    assert unknown_in(call(name, arguments, None, NOWHERE)).reason == "too large to evaluate"


def test_yaml_aliases_cannot_multiply() -> None:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(8)]

    assert unknown_in(run("yamldecode", string("\n".join(lines)))).reason == "too large to evaluate"


@pytest.mark.parametrize("name", ["jsondecode", "yamldecode"])
def test_a_deep_document_is_unknown(name: str) -> None:
    assert unknown_in(run(name, string("[" * 300 + "]" * 300))).reason == "too deeply nested to evaluate"


def test_a_pattern_cannot_run_away() -> None:
    assert run("regexall", string("(a+)+$"), string("a" * 5000 + "b")).data == ()


def test_numbers_that_terraform_turns_into_infinity_are_unknown() -> None:
    assert unknown_in(run("log", number(0), number(10))).reason == "the result is not a finite number"


# A few results in full, for machines without Terraform


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("cidrsubnet", (string("10.0.0.0/16"), number(8), number(2)), "10.0.2.0/24"),
        ("formatdate", (string("YYYY-MM-DD"), string("2026-11-23T00:00:00Z")), "2026-11-23"),
        ("base64encode", (string("a"),), "YQ=="),
        ("sha1", (string("a"),), "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("title", (string("it's"),), "It'S"),
        ("jsonencode", (object_of({"b": number(1), "a": string("<")}),), '{"a":"\\u003c","b":1}'),
        ("yamlencode", (object_of({"a": tuple_of((string("x"), number(1)))}),), '"a":\n- "x"\n- 1\n'),
        ("regex", (string("a(?:b)"), string("xab")), "ab"),
        ("format", (string("%05.1f|%-4s|%x"), number(3), string("é"), number(255)), "003.0|é   |ff"),
        ("contains", (strings("a", "b"), string("b")), True),
        ("contains", (numbers(1, 2), string("1")), False),
        ("length", (string("e\u0301a"),), 2),
        ("timeadd", (string("2026-11-23T23:30:00Z"), string("45m")), "2026-11-24T00:15:00Z"),
    ],
)
def test_results(name: str, arguments: Sequence[Value], expected: object) -> None:
    assert call(name, arguments, None, NOWHERE).data == expected


def test_types_of_results() -> None:
    assert run("split", string(","), string("a")).type == ListType(STRING)
    assert run("tolist", numbers(1, 2)).type == ListType(NUMBER)
    assert run("tomap", object_of({"a": boolean(truth=True)})).type.element is not DYNAMIC  # type: ignore[union-attr] # a map
    assert run("zipmap", strings("a"), run("tolist", strings("x"))).type == MapType(STRING)
