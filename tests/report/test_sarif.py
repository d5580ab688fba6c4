"""SARIF 2.1.0: valid by the official schema, and saying what viewers and code scanning need."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.checks import CHECKS
from reviewer.finding import Acceptance, Excerpt, Finding, Location, Pillar, Severity, Suggestion
from reviewer.report import Format, Look, catalogue, render
from reviewer.report.sarif import dump
from reviewer.review import Conclusion, Mode, Review, Verdict
from tests.samples import (
    CLEAN,
    ENDPOINT,
    EVERYTHING,
    HEAD,
    HOSTILE_TEXTS,
    LOGS,
    NAT,
    PRIVATE,
    REVIEW,
    SUBNETS,
    TAGS,
    VERSION,
    finding,
    hostile,
)

Document = dict[str, Any]
_SCHEMA = json.loads((Path(__file__).parent / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
_DRAFT = jsonschema.Draft202012Validator
VALIDATOR = _DRAFT(_SCHEMA, format_checker=_DRAFT.FORMAT_CHECKER)


def run_of(text: str) -> Document:
    """Return the one run of a report, after the official schema has found no fault with it."""
    document: Document = json.loads(text)
    faults = [f"{each.json_path}: {each.message}" for each in VALIDATOR.iter_errors(document)]
    assert not faults
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def run_with(*findings: Finding, **changes: Any) -> Document:
    return run_of(dump(replace(REVIEW, findings=findings, **changes)))


def result_of(one: Finding) -> Document:
    (result,) = run_with(one)["results"]
    assert isinstance(result, dict)
    return result


def rules(run: Document) -> dict[str, Document]:
    return {each["id"]: each for each in run["tool"]["driver"]["rules"]}


def test_the_schema_is_strict_enough_to_find_a_misspelt_member() -> None:
    document = json.loads(dump(REVIEW))
    document["runs"][0]["results"][0]["basline"] = "new"

    assert [each.json_path for each in VALIDATOR.iter_errors(document)] == ["$.runs[0].results[0]"]


def test_every_check_is_a_rule_with_its_page() -> None:
    known = rules(run_of(dump(CLEAN)))

    assert list(known) == list(CHECKS)
    check = CHECKS["EKS-SEC-107"]
    rule = known[check.id]
    assert rule["name"] == "api-endpoint-open-to-world"
    assert rule["shortDescription"] == {"text": "The Kubernetes API endpoint answers the whole internet"}
    assert rule["helpUri"].endswith("/docs/checks/EKS-SEC-107.md")
    assert rule["help"]["markdown"] == catalogue.page(check)
    assert rule["defaultConfiguration"] == {"enabled": True, "level": "error"}
    assert rule["properties"] == {
        "tags": ["eks", "issue-2.1", "security", "terraform"],
        "precision": "high",
        "problem.severity": "error",
        "security-severity": "9.5",
        "peers": list(check.peers),
    }


@pytest.mark.parametrize(
    ("severity", "level", "lowest", "highest"),
    [
        (Severity.CRITICAL, "error", 9.0, 10.0),
        (Severity.HIGH, "error", 7.0, 8.9),
        (Severity.MEDIUM, "warning", 4.0, 6.9),
        (Severity.LOW, "note", 0.1, 3.9),
    ],
)
def test_severities_are_levels_and_lie_in_github_s_bands(
    severity: Severity, level: str, lowest: float, highest: float
) -> None:
    run = run_with(finding(id="EKS-NEW-001", severity=severity))

    (result,) = run["results"]
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert result["level"] == level
    assert rule["id"] == "EKS-NEW-001", "a check that only the writer of the report knew"
    assert lowest <= float(rule["properties"]["security-severity"]) <= highest


def test_a_finding_becomes_a_result_on_its_very_text() -> None:
    result = result_of(LOGS)

    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/eks.tf", "uriBaseId": "%SRCROOT%"},
        "region": {
            "startLine": 16,
            "startColumn": 3,
            "endLine": 16,
            "endColumn": 38,
            "snippet": {"text": 'enabled_cluster_log_types = ["api"]'},
        },
        "contextRegion": {
            "startLine": 14,
            "endLine": 18,
            "snippet": {"text": "\n".join(LOGS.excerpt.lines if LOGS.excerpt else ())},
        },
    }
    assert location["logicalLocations"] == [
        {"fullyQualifiedName": "aws_eks_cluster.main", "kind": "resource"}
    ]
    assert result["ruleId"] == "EKS-OBS-101"
    assert result["partialFingerprints"] == {"eksReviewFinding/v1": "a1b2c3d4e5f60718"}
    assert result["message"] == {
        "text": "enabled_cluster_log_types lacks audit and authenticator: nobody can tell who did what.\n\n"
        "Fix: Send all five log types to CloudWatch.",
        "markdown": "`enabled_cluster_log_types` lacks `audit` and `authenticator`: nobody can tell who did"
        " what.\n\n**Fix:** Send all five log types to CloudWatch.",
    }


def test_without_the_source_the_region_is_the_lines() -> None:
    several = finding(line=12, end_line=14, excerpt=Excerpt("infra/eks.tf", 12, ("a", "b", "c")))
    physical = result_of(several)["locations"][0]["physicalLocation"]

    assert physical["region"] == {"startLine": 12, "endLine": 14}
    assert "contextRegion" not in physical, "it must be wider than the region"
    assert result_of(finding())["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 12,
        "endLine": 12,
    }


def test_the_index_of_the_rule_leads_to_the_rule() -> None:
    run = run_of(dump(REVIEW))

    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_way_of_a_value_is_told_by_related_locations() -> None:
    origins = (*ENDPOINT.origins, Location("infra/eks.tf", 30, 32))
    related = result_of(replace(ENDPOINT, origins=origins))["relatedLocations"]

    places = [
        (each["id"], each["physicalLocation"]["artifactLocation"]["uri"], each["physicalLocation"]["region"])
        for each in related
    ]
    assert places == [
        (1, "infra/eks.tf", {"startLine": 21, "endLine": 21}),
        (2, "infra/eks.tf", {"startLine": 30, "endLine": 32}),
    ]
    assert "relatedLocations" not in result_of(LOGS), "its only origin is where it stands"


def test_a_suggestion_becomes_a_fix_of_whole_lines() -> None:
    (fix,) = result_of(LOGS)["fixes"]

    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "infra/eks.tf"
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 16, "endLine": 16},
            "insertedContent": {"text": LOGS.suggestion.replacement if LOGS.suggestion else ""},
        }
    ]
    assert fix["description"]["text"].endswith("CloudWatch bills the additional logs.")


def test_a_fix_that_deletes_lines_leaves_no_empty_one() -> None:
    (fix,) = result_of(finding(suggestion=Suggestion("infra/eks.tf", 12, 13, "")))["fixes"]

    assert fix["artifactChanges"][0]["replacements"] == [
        {"deletedRegion": {"startLine": 12, "startColumn": 1, "endLine": 14, "endColumn": 1}}
    ]


@pytest.mark.parametrize(
    ("one", "state", "kind", "level"),
    [
        (ENDPOINT, "new", "fail", "error"),
        (TAGS, "new", "fail", "note"),
        (PRIVATE, "unchanged", "fail", "error"),
        (NAT, "absent", "pass", "none"),
        (VERSION, "absent", "open", "none"),
    ],
)
def test_the_baseline_state_says_what_the_change_did(one: Finding, state: str, kind: str, level: str) -> None:
    result = result_of(one)

    assert (result["baselineState"], result["kind"], result["level"]) == (state, kind, level)


def test_an_audit_compares_with_nothing() -> None:
    (result,) = run_with(ENDPOINT, mode=Mode.AUDIT)["results"]

    assert "baselineState" not in result


def test_a_suppression_is_in_the_source_with_its_reason_and_its_end() -> None:
    open_, accepted = run_with(ENDPOINT, SUBNETS)["results"]

    assert open_["suppressions"] == [], "some have one, so this one says that it has none"
    assert accepted["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "edge nodes take UDP straight from players",
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": "infra/nodes.tf", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 6},
                }
            },
            "properties": {"until": "2027-03-01"},
        }
    ]
    assert "suppressions" not in result_of(ENDPOINT)


def test_code_scanning_gets_open_findings_alone() -> None:
    run = run_of(render(Format.SARIF, REVIEW, Look(open_only=True)))

    shown = [each["ruleId"] for each in run["results"]]
    assert shown == [each.id for each in REVIEW.findings if each not in {SUBNETS, NAT, VERSION}]
    assert not [each for each in run["results"] if each.get("suppressions")]


def test_results_of_other_tools_have_rules_of_their_own() -> None:
    imported = finding(id="CKV_AWS_38", source="checkov", docs="https://docs.example/CKV_AWS_38")
    run = run_with(ENDPOINT, imported)

    (extension,) = run["tool"]["extensions"]
    assert extension["name"] == "checkov"
    assert [each["id"] for each in extension["rules"]] == ["CKV_AWS_38"]
    assert extension["rules"][0]["helpUri"] == "https://docs.example/CKV_AWS_38"
    assert run["results"][1]["rule"] == {"id": "CKV_AWS_38", "index": 0, "toolComponent": {"index": 0}}
    assert "CKV_AWS_38" not in rules(run)


def test_other_tools_and_the_baseline_are_valid_sarif_too() -> None:
    run = run_of(dump(EVERYTHING))

    accepted = [each for each in run["results"] if each["suppressions"]]
    assert [each["suppressions"][0]["kind"] for each in accepted] == ["inSource", "external"]
    assert accepted[1]["baselineState"] == "unchanged"
    first = run["results"][0]
    assert first["properties"]["confirmedBy"] == ["checkov CKV_AWS_38", "trivy AWS-0041"]
    assert [each["name"] for each in run["tool"]["extensions"]] == ["trivy"]


def test_an_incomplete_review_did_not_succeed_and_says_which_file_is_missing() -> None:
    verdict = Verdict(Conclusion.ERROR, "`infra/broken.tf` could not be read.")
    (invocation,) = run_of(dump(replace(REVIEW, verdict=verdict)))["invocations"]

    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert invocation["exitCodeDescription"] == "infra/broken.tf could not be read."
    first = invocation["toolExecutionNotifications"][0]
    assert (first["level"], first["message"]["text"]) == (
        "error",
        "Not analysed: line 8: a closing brace is missing",
    )
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "infra/broken.tf"


def test_findings_that_fail_the_gate_are_no_failure_of_the_tool() -> None:
    (invocation,) = run_of(dump(REVIEW))["invocations"]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    undecided = [each["message"]["text"] for each in invocation["toolExecutionNotifications"][1:]]
    assert undecided[0] == "EKS-SEC-110 on aws_eks_node_group.main is undecided: var.subnet_ids has no value"
    notices = invocation["toolConfigurationNotifications"]
    assert notices[0]["message"]["text"].startswith("A suppression does not count")
    assert notices[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    assert "locations" not in notices[1]


def test_the_revision_is_named_where_the_repository_is_known() -> None:
    known = run_of(render(Format.SARIF, REVIEW, Look(repository="https://ghe.example/o/r")))

    assert known["versionControlProvenance"] == [
        {
            "repositoryUri": "https://ghe.example/o/r",
            "revisionId": HEAD,
            "mappedTo": {"uriBaseId": "%SRCROOT%"},
        }
    ]
    assert "versionControlProvenance" not in run_of(dump(REVIEW))
    assert "versionControlProvenance" not in run_of(
        dump(replace(REVIEW, head=None), repository="https://x.y")
    )


def test_reviews_and_audits_share_a_category_so_that_they_can_be_compared() -> None:
    ids = [run_with(mode=mode)["automationDetails"]["id"] for mode in Mode]

    assert ids == ["eks-review/", "eks-review/"]


def test_the_same_review_gives_the_same_text() -> None:
    assert dump(REVIEW) == dump(replace(REVIEW))
    assert dump(REVIEW).endswith("}\n")


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_stay_data(text: str) -> None:
    run = run_of(dump(hostile(text)))

    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert "://" not in uri
        assert not uri.startswith("/")
        assert "](http" not in result["message"]["text"]


def test_texts_of_the_code_are_neither_links_nor_placeholders() -> None:
    message = result_of(finding(message="`{0}` and [here](https://evil.example)", hint=""))["message"]

    assert message["text"] == "{\u200b0} and here"
    assert "{0}" not in message["markdown"]
    assert "](http" not in message["markdown"]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.tf", "a%20b/%C3%BC.tf"),
        ("a?b#c.tf", "a%3Fb%23c.tf"),
        ("https://evil.example/x", "https%3A//evil.example/x"),
        ("//evil.example/x", "evil.example/x"),
        ("\ud800.tf", "%3F.tf"),
    ],
)
def test_paths_are_relative_uris(path: str, uri: str) -> None:
    result = result_of(finding(path=path))

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_valid_report(text: str) -> None:
    one = finding(
        title=text,
        message=text,
        path=text or "x",
        address=text,
        excerpt=Excerpt(text or "x", 11, (text, text, text)),
        suppressed=Acceptance(text, date(2027, 1, 1), text or "x", 1),
        source=text or "x",
    )
    review: Review = replace(REVIEW, findings=(one,), verdict=Verdict(Conclusion.FAILURE, text))

    assert run_of(dump(review))["results"][0]["ruleId"] == "EKS-SEC-306"


def test_the_scorecard_goes_along() -> None:
    properties = run_of(dump(REVIEW))["properties"]

    assert properties["conclusion"] == "failure"
    score = REVIEW.scorecard[Pillar.SECURITY]
    assert properties["scorecard"]["security"] == {"score": score.score, "base": score.base, "target": 95}
    assert properties["today"] == "2026-11-23"
