"""The forms in which tools really write, version by version: each was seen in what one of them printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Severity
from reviewer.imported.peers import canonical, checks_like
from tests.imported.world import HEAD, of, review

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review

MODULE = """\
module "logs" {
  source = "terraform-aws-modules/s3-bucket/aws"
  bucket = "acme-logs"
}
"""


def shown(result: Review) -> list[tuple[str, str, str, int]]:
    return [(each.source, each.id, each.path, each.line) for each in result.findings if each.is_imported]


def told(result: Review, tool: str) -> list[str]:
    return [each.message for each in result.notices if tool in each.message]


# --- tflint ---------------------------------------------------------------------------------------


def run(name: str, *results: object) -> dict[str, object]:
    return {"tool": {"driver": {"name": name, "version": "0.51.1"}}, "results": results}


def sarif(*runs: object) -> str:
    return json.dumps({"version": "2.1.0", "runs": runs})


REQUIRED = {
    "ruleId": "terraform_required_version",
    "level": "warning",
    "message": {"text": 'terraform "required_version" attribute is required'},
}
UNCLOSED = {
    "ruleId": "Unclosed configuration block",
    "level": "error",
    "message": {"text": "There is no closing brace for this block before the end of the file."},
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "infra/eks.tf"},
                "region": {"startLine": 1, "startColumn": 11, "endLine": 1, "endColumn": 12},
            }
        }
    ],
}


def test_tflint_0_51_names_no_file_in_sarif_for_what_is_missing_everywhere(tmp_path: Path) -> None:
    result = review(tmp_path, of(sarif(run("tflint", REQUIRED), run("tflint-errors"))))
    assert shown(result) == []
    assert [(each.results, each.shown) for each in result.coverage.imported] == [(1, 0)]
    assert told(result, "tflint") == [
        "1 result of `tflint` names no file, so nothing is shown of it: `terraform_required_version`."
    ]


def test_tflint_0_51_names_an_empty_file_in_json(tmp_path: Path) -> None:
    place = {"filename": "", "start": {"line": 0, "column": 0}, "end": {"line": 0, "column": 0}}
    rule = {"name": "terraform_required_version", "severity": "warning", "link": ""}
    text = json.dumps({"issues": [{"rule": rule, "message": "m", "range": place, "callers": []}] * 2})
    result = review(tmp_path, of(text, "infra/tflint.json", "infra"))
    assert told(result, "tflint") == [
        "1 result of `tflint` names no file, so nothing is shown of it: `terraform_required_version`."
    ]


def test_errors_of_tflint_in_sarif_are_no_findings_but_a_scan_that_saw_less(tmp_path: Path) -> None:
    plugin = {"ruleId": "application_error", "level": "error", "message": {"text": 'Plugin "aws" not found.'}}
    result = review(tmp_path, of(sarif(run("tflint"), run("tflint-errors", UNCLOSED, plugin, *[plugin] * 4))))
    assert shown(result) == []
    about = "`results.json`: its results may be incomplete: "
    assert told(result, "tflint") == [
        (
            f"{about}`tflint says: infra/eks.tf:1: Unclosed configuration block: There is no closing brace for this"
            " block before the end of the file.`."
        ),
        f'{about}`tflint says: Plugin "aws" not found.`.',
        f'{about}`tflint says: Plugin "aws" not found.`.',
        f"{about}`tflint says 3 more errors`.",
    ]


def test_errors_of_tflint_in_json_are_told_without_colours_on_one_line(tmp_path: Path) -> None:
    message = "Failed to run in infra; exit status 1\n\n\x1b[31mError\x1b[0m: Argument or block required\n"
    text = json.dumps({"issues": [], "errors": [{"message": message, "severity": "error"}]})
    assert told(review(tmp_path, of(text)), "tflint") == [
        (
            "`results.json`: its results may be incomplete: `tflint says: Failed to run in infra; exit status 1"
            " Error: Argument or block required`."
        )
    ]


def test_a_way_up_from_a_folder_that_nobody_named_ends_at_the_root(tmp_path: Path) -> None:
    place = {"filename": "../infra/variables.tf", "start": {"line": 1}, "end": {"line": 1}}
    rule = {"name": "terraform_unused_declarations", "severity": "warning"}
    text = json.dumps({"issues": [{"rule": rule, "message": "unused", "range": place}]})
    assert shown(review(tmp_path, of(text, "out/scans/tflint.json", "out/scans"))) == [
        ("tflint", "terraform_unused_declarations", "infra/variables.tf", 1)
    ]


# --- tfsec ----------------------------------------------------------------------------------------


def tfsec(rule: str, **more: object) -> dict[str, object]:
    place = {"filename": "/builds/platform/infra/logs.tf", "start_line": 1, "end_line": 3}
    return {"rule_id": rule, "description": "Something is wrong.", "location": place, **more}


def test_tfsec_before_1_0_says_in_words_what_became_of_a_rule() -> None:
    found = of(
        json.dumps(
            {
                "results": [
                    tfsec(
                        "aws-s3-enable-versioning",
                        severity="MEDIUM",
                        status="failed",
                        legacy_rule_id="AWS077",
                    ),
                    tfsec("aws-s3-no-public-buckets", severity="HIGH", status="passed"),
                    tfsec("aws-s3-specify-public-access-block", severity="LOW", status="ignored"),
                ]
            }
        )
    )
    assert [(each.id, each.severity) for each in found.results] == [
        ("aws-s3-enable-versioning", Severity.MEDIUM)
    ]
    assert found.suppressed == 1


def test_the_first_tfsec_had_one_link_and_no_status() -> None:
    (result,) = of(
        json.dumps(
            {"results": [tfsec("AWS002", severity="ERROR", link="https://tfsec.dev/docs/aws/AWS002/")]}
        )
    ).results
    assert (result.id, result.severity, result.docs) == (
        "AWS002",
        Severity.HIGH,
        "https://tfsec.dev/docs/aws/AWS002/",
    )


@pytest.mark.parametrize("old", ["AWS008", "AWS018", "AWS079"])
def test_a_number_of_an_old_tfsec_is_no_number_of_trivy(old: str) -> None:
    assert canonical(old) == old
    assert checks_like(old) == ()


def test_names_of_tfsec_before_version_1_mean_what_they_meant() -> None:
    assert [each.id for each in checks_like("aws-vpc-no-public-ingress-sgr")] == [
        each.id for each in checks_like("AVD-AWS-0107")
    ]


# --- Trivy ----------------------------------------------------------------------------------------


def trivy(target: str, scanned: str, first: int = 1, last: int = 3, **cause: object) -> str:
    problem = {
        "ID": "AWS-0089",
        "Title": "S3 Bucket Logging",
        "Message": "Bucket has logging disabled",
        "Severity": "LOW",
        "Status": "FAIL",
        "CauseMetadata": {"StartLine": first, "EndLine": last, **cause},
    }
    results = [{"Target": target, "Class": "config", "Type": "terraform", "Misconfigurations": [problem]}]
    return json.dumps({"SchemaVersion": 2, "ArtifactName": scanned, "Results": results})


@pytest.mark.parametrize(
    ("target", "scanned"),
    [
        ("logs.tf", "infra"),
        ("logs.tf", "./infra/"),
        ("logs.tf", "/builds/platform/infra"),
        ("logs.tf", "infra/logs.tf"),
        ("infra/logs.tf", "."),
        ("../../infra/logs.tf", "clusters/sandbox"),
    ],
)
def test_a_target_of_trivy_is_seen_from_what_was_scanned(tmp_path: Path, target: str, scanned: str) -> None:
    head = {**HEAD, "logs.tf": "# another file of that name\n\n\n"}
    result = review(tmp_path, of(trivy(target, scanned)), head=head)
    assert shown(result) == [("trivy", "AWS-0089", "infra/logs.tf", 1)]


@pytest.mark.parametrize(
    "target",
    [
        "terraform-aws-modules/s3-bucket/aws/main.tf",
        "git::https:/github.com/terraform-aws-modules/terraform-aws-s3-bucket?ref=v5.2.0/main.tf",
    ],
)
def test_what_is_wrong_in_a_module_from_elsewhere_is_shown_at_its_call(tmp_path: Path, target: str) -> None:
    calls = [
        {
            "Resource": "module.inner",
            "Filename": "modules/s3/main.tf",
            "Location": {"StartLine": 5, "EndLine": 8},
        },
        {"Resource": "module.logs", "Filename": "logs.tf", "Location": {"StartLine": 1, "EndLine": 4}},
    ]
    head = {**HEAD, "infra/logs.tf": MODULE}
    result = review(tmp_path, of(trivy(target, "infra", 25, 36, Occurrences=calls)), head=head)
    assert shown(result) == [("trivy", "AWS-0089", "infra/logs.tf", 1)]
    (finding,) = (each for each in result.findings if each.is_imported)
    assert finding.address == "module.logs"
    assert told(result, "trivy") == []


def test_a_module_from_elsewhere_is_named_as_such_in_sarif(tmp_path: Path) -> None:
    uri = "https:/github.com/terraform-aws-modules/terraform-aws-rds?ref=v2.0.0/main.tf"
    place = {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "ROOTPATH"}}}
    found = {"ruleId": "AVD-AWS-0080", "message": {"text": "m"}, "locations": [place]}
    text = sarif({**run("Trivy", found), "originalUriBaseIds": {"ROOTPATH": {"uri": "file:///"}}})
    assert told(review(tmp_path, of(text)), "trivy") == [
        f"1 result names a file that this revision does not have, as `trivy` calls it: `{uri}`."
    ]


@pytest.mark.parametrize("root", ["file:///builds/platform/", "file:///builds/platform/infra/"])
def test_a_file_of_a_module_is_not_taken_for_one_of_the_same_name(tmp_path: Path, root: str) -> None:
    place = {"uri": "terraform-aws-modules/rds/aws/logs.tf", "uriBaseId": "ROOTPATH"}
    region = {"startLine": 1, "endLine": 2}
    at = {"physicalLocation": {"artifactLocation": place, "region": region}}
    found = {"ruleId": "AVD-AWS-0133", "message": {"text": "m"}, "locations": [at]}
    text = sarif({**run("Trivy", found), "originalUriBaseIds": {"ROOTPATH": {"uri": root}}})
    result = review(tmp_path, of(text), head={**HEAD, "logs.tf": MODULE})
    assert shown(result) == []
    (message,) = told(result, "trivy")
    assert message.startswith("1 result names a file that this revision does not have, as `trivy` calls it: ")


def test_a_file_of_a_downloaded_module_is_not_taken_for_one_of_the_same_name(tmp_path: Path) -> None:
    result = tfsec("aws-s3-enable-versioning", severity="MEDIUM", status=0)
    result["location"] = {"filename": "/builds/platform/.terraform/modules/b/logs.tf", "start_line": 1}
    head = {**HEAD, "logs.tf": MODULE}
    assert shown(review(tmp_path, of(json.dumps({"results": [result]})), head=head)) == []


def test_trivy_before_0_20_printed_a_list(tmp_path: Path) -> None:
    text = json.dumps(json.loads(trivy("infra/logs.tf", ""))["Results"])
    assert shown(review(tmp_path, of(text))) == [("trivy", "AWS-0089", "infra/logs.tf", 1)]
