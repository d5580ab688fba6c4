"""The contract of ``--format json``: what is written, and what is refused when it is read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.finding import Finding, Location, Pillar, Placement, Severity
from reviewer.report import Format, render
from reviewer.report import json as report
from reviewer.review import Conclusion, Mode, NotAnalysed, Review, Verdict
from reviewer.scorecard import PillarInput, Scorecard, score_pillar
from tests.samples import BASE, CLEAN, EVERYTHING, HEAD, HOSTILE_TEXTS, LOGS, REVIEW, TODAY, finding

SCHEMA = Path(__file__).parents[2] / "docs" / "review.schema.json"
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
PATH = st.from_regex(r"[a-z]{1,8}(/[a-z ]{1,8}){0,2}\.tf", fullmatch=True)
LINES = st.tuples(st.integers(1, 999), st.integers(0, 9))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    line, more = draw(LINES)
    inline = draw(st.booleans())
    return finding(
        id=draw(st.sampled_from(["EKS-SEC-107", "EKS-COST-201", "CKV_AWS_39"])),
        title=draw(TEXT),
        message=draw(TEXT),
        hint=draw(TEXT),
        severity=draw(st.sampled_from(Severity)),
        pillar=draw(st.sampled_from(Pillar)),
        path=draw(PATH),
        line=line,
        end_line=line + more,
        address=draw(TEXT),
        placement=Placement.INLINE if inline else Placement.SUMMARY,
        comment_line=line if inline else None,
        origins=tuple(Location(draw(PATH), line, line + more) for _ in range(draw(st.integers(0, 2)))),
        suggestion=draw(st.sampled_from([None, LOGS.suggestion])),
        excerpt=draw(st.sampled_from([None, LOGS.excerpt])),
    )


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    pairs = st.tuples(st.sampled_from(["EKS-A-101", "EKS-B-102", "EKS-C-103"]), st.sampled_from(Severity))
    lines = []
    for pillar in Pillar:
        head, base = (
            PillarInput(tuple(draw(st.lists(pairs, max_size=8))), draw(st.integers(0, 9)), 2, 1)
            for _ in range(2)
        )
        lines.append(score_pillar(pillar, head, draw(st.sampled_from([None, base]))))
    return replace(
        REVIEW,
        mode=draw(st.sampled_from(Mode)),
        base=draw(st.sampled_from([None, BASE])),
        head=draw(st.sampled_from([None, HEAD])),
        today=draw(st.dates()),
        verdict=Verdict(draw(st.sampled_from(Conclusion)), draw(TEXT)),
        findings=tuple(draw(st.lists(findings(), max_size=3))),
        scorecard=Scorecard(tuple(lines)),
    )


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(reviews())
def test_what_is_written_is_read_again(review: Review) -> None:
    assert report.load(report.dump(review)) == review


@pytest.mark.parametrize("review", [REVIEW, CLEAN, replace(REVIEW, mode=Mode.AUDIT, base=None, head=None)])
def test_a_report_agrees_with_the_published_schema(review: Review) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    assert [error.message for error in validator.iter_errors(json.loads(report.dump(review)))] == []


def test_the_published_schema_is_the_one_of_the_types() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == report.schema()


def test_the_fields_are_those_of_the_contract() -> None:
    document = json.loads(render(Format.JSON, REVIEW))

    assert list(document) == [
        "schema",
        "tool",
        "mode",
        "base",
        "head",
        "today",
        "verdict",
        "findings",
        "scorecard",
        "coverage",
        "notices",
        "new_suppressions",
        "baseline",
    ]
    assert document["schema"] == 1
    assert document["tool"]["name"] == "eks-review"
    assert document["today"] == "2026-11-23"
    assert document["verdict"] == {
        "conclusion": "failure",
        "reason": REVIEW.verdict.reason,
        "gate": "introduced",
    }
    endpoint = document["findings"][0]
    assert {
        key: endpoint[key] for key in ("id", "severity", "pillar", "status", "placement", "comment_line")
    } == {
        "id": "EKS-SEC-107",
        "severity": "critical",
        "pillar": "security",
        "status": "introduced",
        "placement": "inline",
        "comment_line": 3,
    }
    assert endpoint["origins"][1] == {"path": "infra/eks.tf", "line": 21, "end_line": 21}
    assert endpoint["suggestion"] is None
    assert document["findings"][5]["suppressed"] == {
        "reason": "edge nodes take UDP straight from players",
        "until": "2027-03-01",
        "path": "infra/nodes.tf",
        "line": 6,
    }


def test_the_scorecard_is_written_as_numbers_and_ids() -> None:
    card = json.loads(report.dump(REVIEW))["scorecard"]

    assert list(card) == [str(pillar) for pillar in Pillar]
    assert {
        key: card["cost-optimization"][key] for key in ("score", "base", "meets", "penalty", "drivers")
    } == {
        "score": 97,
        "base": None,
        "meets": True,
        "penalty": 2.5,
        "drivers": ["EKS-COST-201"],
    }
    assert card["security"]["penalty"] == 140
    assert isinstance(card["security"]["penalty"], int)
    assert card["performance"]["score"] is None
    assert card["performance"]["meets"] is None


def test_unknown_fields_of_a_later_version_are_ignored() -> None:
    document = json.loads(report.dump(REVIEW))
    document["new"] = {"x": [1]}
    document["findings"][0]["new"] = 1

    assert report.load(json.dumps(document)) == REVIEW


def test_a_lone_surrogate_does_not_stop_a_report() -> None:
    review = replace(CLEAN, verdict=Verdict(Conclusion.SUCCESS, "caf\udce9"))

    assert report.load(report.dump(review)).verdict.reason == "caf?"


def test_other_tools_and_the_baseline_come_back() -> None:
    assert report.load(report.dump(EVERYTHING)) == EVERYTHING


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_come_back_as_they_were(text: str) -> None:
    clipped = text[:60_000]
    review = replace(REVIEW, findings=(finding(title=clipped, message=clipped, address=clipped),))

    assert report.load(report.dump(review)) == review


def changed(path: str, value: Any) -> str:
    document = json.loads(report.dump(REVIEW))
    *parents, last = path.split(".")
    target = document
    for key in parents:
        target = target[int(key)] if key.isdigit() else target[key]
    target[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", 2, "the report has schema 2; this version reads schema 1"),
        ("mode", "full", "Invalid enum value 'full' - at `$.mode`"),
        ("base", "main", "Expected `str` matching regex '^[0-9a-f]{7,64}$' - at `$.base`"),
        ("today", "23.11.2026", "Invalid RFC3339 encoded date - at `$.today`"),
        ("verdict.conclusion", "neutral", "Invalid enum value 'neutral' - at `$.verdict.conclusion`"),
        ("findings.0.line", 0, "Expected `int` >= 1 - at `$.findings[0].line`"),
        ("findings.0.line", "3", "Expected `int`, got `str` - at `$.findings[0].line`"),
        ("findings.0.end_line", 1, "end_line lies before line - at `$.findings[0]`"),
        ("findings.0.path", "/etc/passwd", "at `$.findings[0].path`"),
        ("findings.0.path", "a/../../b", "at `$.findings[0].path`"),
        ("findings.0.path", "a\n/../b", "at `$.findings[0].path`"),
        ("findings.0.fingerprint", "x --> @all", "at `$.findings[0].fingerprint`"),
        ("findings.0.docs", "javascript:alert(1)", "at `$.findings[0].docs`"),
        ("findings.0.title", "x" * 65_537, "Expected `str` of length <= 65536 - at `$.findings[0].title`"),
        ("findings.0.comment_line", None, "only an inline finding has a comment_line - at `$.findings[0]`"),
        ("findings.4.comment_line", 4, "only an inline finding has a comment_line - at `$.findings[4]`"),
        (
            "scorecard.security.score",
            100,
            "the score does not follow from the penalty - at `$.scorecard.security`",
        ),
        ("scorecard.security.penalty", 0, "drivers, contributions and penalty do not agree"),
        ("scorecard.security.drivers", [], "drivers, contributions and penalty do not agree"),
        ("scorecard.security.base", 101, "Expected `int` <= 100 - at `$.scorecard.security.base`"),
        ("coverage.evaluations", -1, "Expected `int` >= 0 - at `$.coverage.evaluations`"),
    ],
)
def test_what_is_out_of_order_is_refused_with_its_place(path: str, value: object, message: str) -> None:
    with pytest.raises(report.InvalidReportError) as error:
        report.load(changed(path, value))

    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a review in JSON: Input data was truncated"),
        ("[]", "not a review in JSON: Expected `object`, got `array`"),
        ("{}", "not a review in JSON: Object missing required field `schema`"),
        ('{"schema": 1}', "not a review in JSON: Object missing required field `tool`"),
        ('{"schema": 1, "x": ' + "[" * 100_000, "not a review in JSON: "),
        ("x" * (report.MAX_CHARACTERS + 1), "the report is longer than 33,554,432 characters"),
    ],
    ids=["empty", "list", "object", "incomplete", "deep", "long"],
)
def test_what_is_no_report_is_refused(text: str, message: str) -> None:
    with pytest.raises(report.InvalidReportError) as error:
        report.load(text)

    assert str(error.value).startswith(message)


def test_today_and_paths_of_a_working_tree_are_kept() -> None:
    coverage = replace(CLEAN.coverage, files_not_analysed=(NotAnalysed("a b/ü.tf", "broken"),))
    review = replace(CLEAN, head=None, today=date(2027, 1, 2), coverage=coverage)

    loaded = report.load(report.dump(review))
    assert loaded.today == date(2027, 1, 2) != TODAY
    assert loaded.coverage.files_not_analysed == (NotAnalysed("a b/ü.tf", "broken"),)
