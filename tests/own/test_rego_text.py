"""What is told of a policy from its text alone."""

from __future__ import annotations

import pytest

from reviewer.own.rego_text import package_of, reads, refused_call, stray_name, tokens


def ways(text: str) -> set[str]:
    return {"/".join(each) for each in reads(tokens(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x := input.values.bucket", {"values/bucket"}),
        ('x := input.values["bucket"]', {"values/bucket"}),
        ('x := input["values"]["a b"].c', {"values/a b/c"}),
        ("x := input.values.vpc_config[0].subnet_ids[_]", {"values/vpc_config/*/subnet_ids/*"}),
        ("some i\nx := input.values.l[i].v", {"values/l/*/v"}),
        ("x := input.values.a[input.values.b].c", {"values/a/*/c", "values/b"}),
        ("some k, v in input.values", {"values"}),
        ("f(input)", {""}),
        ('object.get(input, ["values", "a"], 1)', {""}),
        ("import input.values as v", {"values"}),
        ("x := 1 with input as {}", {""}),
        ('# input.values.comment\nx := `input.values.raw`\ny := "input.values.text"', set()),
        ("x := data.input.values", set()),
    ],
)  # fmt: skip
def test_every_way_into_the_input_is_seen(text: str, expected: set[str]) -> None:
    assert ways(text) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('x := http.send({"url": "https://example.com"})', "http.send"),
        ("x := opa.runtime()", "opa.runtime"),
        ('x := net.lookup_ip_addr("example.com")', "net.lookup_ip_addr"),
        ("x := time.now_ns()", "time.now_ns"),
        ('x := rand.intn("a", 3)', "rand.intn"),
        ('x := uuid.rfc4122("a")', "uuid.rfc4122"),
    ],
)
def test_functions_that_reach_outside_are_refused(text: str, name: str) -> None:
    found = refused_call(tokens(f"package a\n\ndeny contains x if {{\n{text}\n}}"))
    assert found is not None
    assert (found.text, found.line) == (name, 4)


@pytest.mark.parametrize(
    "text", ['"http.send"', "# opa.runtime()", "input.values.http.send", "time.parse_ns(1)"]
)
def test_their_names_elsewhere_are_not(text: str) -> None:
    assert refused_call(tokens(text)) is None


RULE = (
    "package a.b\n\nimport rego.v1\n\nnames := {1}\n\ndeny contains message if {\n%s\nmessage := names\n}\n"
)


@pytest.mark.parametrize(
    ("body", "stray"),
    [
        ("nmae := input.values.name", "nmae"),
        ("input.values.name == mesage", "mesage"),
        ("some i, v in input.values.l\nv > 1", "i"),
        ("some _, v in input.values.l\nv > 1", None),
        ("n := input.values.name\nstartswith(n, `a`)", None),
        ("is_fine(input.values.name)", None),
        ("regex.match(`a`, input.values.name)", None),
        ("every v in input.values.l { v == 1 }", None),
    ],
)
def test_a_name_that_occurs_once_is_a_mistake(body: str, stray: str | None) -> None:
    found = stray_name(tokens(RULE % body))
    assert (found and found.text) == stray


def test_rules_and_defaults_need_no_second_use() -> None:
    assert stray_name(tokens("package a\n\ndefault allow := false\n\nhelper if { true }\n")) is None


def test_package() -> None:
    assert package_of(tokens("# METADATA\n# title: x\npackage acme.names\n\nimport rego.v1\n")) == (
        "acme",
        "names",
    )
    assert package_of(tokens("import rego.v1\n")) == ()
