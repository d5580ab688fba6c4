"""Workflow commands, and everything that must not become one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.config.choices import Gate
from reviewer.finding import Severity, Status
from reviewer.report import Format, render
from reviewer.report import annotations as log
from reviewer.review import Conclusion, Verdict
from tests.samples import HOSTILE_TEXTS, REVIEW, finding, hostile


def commands(text: str) -> list[str]:
    """Return what the runner takes for a command: ``::`` after blanks, ``##[`` anywhere."""
    lines = re.split(r"\r\n|\r|\n", text)
    return [line for line in lines if line.strip().startswith("::") or "##[" in line]


def test_a_finding_becomes_a_command_on_its_lines() -> None:
    one = finding(line=12, end_line=14, title="100%", message="First: `a`,\n- second", hint="", docs="")
    text = render(Format.GITHUB, replace(REVIEW, findings=(one,)))

    assert text == (
        "::error file=infra/eks.tf,line=12,endLine=14,title=EKS-SEC-306%3A 100%25::First: a,%0A- second\n"
        "failure: 3 findings of high severity or worse are introduced by this change (gate: high).\n"
    )


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "notice"),
    ],
)
def test_the_level_follows_the_severity(severity: Severity, level: str) -> None:
    text = log.render(replace(REVIEW, findings=(finding(severity=severity),)))

    assert text.startswith(f"::{level} file=")


def test_the_worst_ten_of_a_level_are_shown_and_the_others_counted() -> None:
    high = [finding(line=n, end_line=n) for n in range(1, 12)]
    critical = finding(line=99, end_line=99, severity=Severity.CRITICAL)
    lines = log.render(replace(REVIEW, findings=(*high, critical))).split("\n")

    assert [re.findall(r"line=(\d+),end", line)[0] for line in lines[:10]] == ["99", *map(str, range(1, 10))]
    assert lines[10] == "2 findings of level error not shown here: see the job summary."


ON_ALL = replace(REVIEW.verdict, gate=Gate.TOUCHED)
OF_EACH_STATUS = (
    finding(line=1, end_line=1, status=Status.EXISTING, severity=Severity.CRITICAL),
    finding(line=2, end_line=2),
    finding(line=3, end_line=3, status=Status.FIXED),
    finding(line=4, end_line=4, suppressed=REVIEW.new_suppressions[0].acceptance),
)


def test_what_was_there_and_cannot_fail_the_review_is_only_counted() -> None:
    text = log.render(replace(REVIEW, findings=OF_EACH_STATUS))

    assert re.findall(r"line=(\d+),end", text) == ["2"]
    assert "\n1 finding that stood before not shown here: see the job summary.\n" in text


def test_what_was_there_and_fails_comes_last_and_says_so_and_what_is_not_open_is_silent() -> None:
    lines = commands(log.render(replace(REVIEW, findings=OF_EACH_STATUS, verdict=ON_ALL)))

    assert [re.findall(r"line=(\d+),end", line)[0] for line in lines] == ["2", "1"]
    assert "of your own (already there)::" in lines[1]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_add_no_command_and_no_property(text: str) -> None:
    review = hostile(text[:3000])
    found = commands(log.render(replace(review, verdict=replace(review.verdict, gate=Gate.TOUCHED))))

    assert [re.findall(r"^::(\w+) file=", line) for line in found] == [["error"]] * 4 + [
        ["warning"],
        ["notice"],
    ]
    for line in found:
        properties = line[2:].split("::")[0].split(" ", 1)[1]
        assert [each.split("=")[0] for each in properties.split(",")] == ["file", "line", "endLine", "title"]
        assert len(line) < 3 * 4096


def test_the_verdict_is_no_command() -> None:
    review = replace(REVIEW, findings=(), verdict=Verdict(Conclusion.ERROR, "##[error]x\n::error::y"))

    assert commands(log.render(review)) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  ::add-mask::x", "  : :add-mask::x"),
        ("\u2003::x", "\u2003: :x"),
        ("a\r::x", "a\r: :x"),
        ("a\n\n ::x\n::y", "a\n\n : :x\n: :y"),
        ("a ##[group]b", "a ## [group]b"),
        ("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)"),
    ],
)
def test_neutralise_stops_both_forms_and_leaves_the_rest(text: str, shown: str) -> None:
    assert log.neutralise(text) == shown


@given(st.text(st.sampled_from(":#[ \r\n\tx\u2003\v")))
def test_neutralised_text_holds_no_command(text: str) -> None:
    assert commands(log.neutralise(text)) == []
