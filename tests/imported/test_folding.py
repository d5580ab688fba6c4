"""Results of other tools in a review: what of them is shown, as what, where, and with what weight."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer import pipeline
from reviewer.change.directory import DirectoryTree
from reviewer.config.choices import FailOn, ImportedResults, NewSuppressions
from reviewer.config.config import Config
from reviewer.config.rule_kinds import PathRule, SeverityRule
from reviewer.engine.settings import Given
from reviewer.finding import Confirmation, Pillar, Placement, Severity, Status
from reviewer.github.plan import Rendering, comment_body
from reviewer.github.remarks import remarks_of
from reviewer.report.markdown import comment
from reviewer.review import Conclusion, Imported
from tests.imported.world import BASE, HEAD, RECORDED, TODAY, by_id, of, recorded, review, write

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.finding import Finding
    from reviewer.review import Review


def imported(review: Review) -> dict[str, Finding]:
    return {each.id: each for each in review.findings if each.is_imported}


def sarif(*results: dict[str, object], tool: str = "scanner") -> str:
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool}}, "results": results}]}
    )


def at(
    path: str, first: int, last: int | None = None, rule: str = "R-1", **more: object
) -> dict[str, object]:
    region = {"startLine": first, "endLine": last or first}
    place = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": region}}
    return {"ruleId": rule, "message": {"text": "Something is wrong"}, "locations": [place], **more}


# --- what of real results is shown ----------------------------------------------------------------


def test_checkovs_own_results_are_placed_by_the_argument_that_it_names(tmp_path: Path) -> None:
    result = review(tmp_path, recorded("checkov.json"))
    found = imported(result)
    # The table is not touched. CKV_AWS_38 and _39 say what EKS-SEC-107 says, CKV_AWS_58 what EKS-SEC-306 says.
    bucket = {"CKV_AWS_18", "CKV_AWS_21", "CKV_AWS_144", "CKV_AWS_145", "CKV2_AWS_6", "CKV2_AWS_61"}
    assert set(found) == {*bucket, "CKV2_AWS_62", "CKV2_AWS_5"}
    new = found["CKV_AWS_18"]
    assert (new.status, new.path, new.line, new.address) == (
        Status.INTRODUCED,
        "infra/logs.tf",
        1,
        "aws_s3_bucket.logs",
    )
    assert (new.placement, new.comment_line) == (Placement.INLINE, 1)
    # A tag was edited, which is not what the tool looked at.
    old = found["CKV2_AWS_5"]
    assert (old.status, old.path, old.line, old.placement) == (
        Status.EXISTING,
        "infra/jump.tf",
        1,
        Placement.SUMMARY,
    )
    assert result.coverage.imported == (Imported("checkov", 13, 11, 3, 0),)


def test_results_of_one_meaning_are_one_finding(tmp_path: Path) -> None:
    result = review(tmp_path, recorded("checkov.json"), recorded("tfsec.sarif"), recorded("trivy.json"))
    endpoint = by_id(result.findings)["eks-review", "EKS-SEC-107"]
    assert endpoint.confirmed_by == (
        Confirmation("checkov", "CKV_AWS_39"),
        Confirmation("checkov", "CKV_AWS_38"),
        Confirmation("tfsec", "aws-eks-no-public-cluster-access-to-cidr"),
        Confirmation("trivy", "AWS-0041"),
    )
    secrets = by_id(result.findings)["eks-review", "EKS-SEC-306"]
    assert secrets.confirmed_by == (
        Confirmation("checkov", "CKV_AWS_58"),
        Confirmation("trivy", "AWS-0039"),
    )
    assert not {"CKV_AWS_38", "AWS-0041", "AWS-0039"} & set(imported(result))


def test_several_results_on_one_line_are_one_comment_that_claims_no_common_cure(tmp_path: Path) -> None:
    rules = [at("infra/logs.tf", 1, rule=f"R-{number}") for number in (1, 2)]
    rules[1]["message"] = {"text": "The bucket has no owner"}
    [remark] = [
        each
        for each in remarks_of(review(tmp_path, of(sarif(*rules))), standing=(), barred=())
        if each.finding.is_imported
    ]
    body = comment_body(remark.finding, remark.others, Rendering(summary=lambda *_: "", comment=comment))
    assert "settles" not in body
    assert "\n\nFound on the same line:\n\n- Medium: `R-2` The bucket has no owner.\n" in body


def test_a_secret_that_two_tools_see_is_one_finding(tmp_path: Path) -> None:
    database = 'resource "aws_db_instance" "x" {\n  username = "app"\n  password = "%s"\n}\n'
    head = {"infra/db.tf": database % "hunter2-reporting-2024", "infra/db2.tf": database % "${var.unused}"}
    scan = sarif(
        at("infra/db.tf", 3, rule="CKV_SECRET_6"), at("infra/db2.tf", 2, rule="CKV_SECRET_6"), tool="checkov"
    )
    result = review(tmp_path, of(scan), base=BASE, head={**HEAD, **head})
    own = by_id(result.findings)["eks-review", "EKS-SEC-302"]
    assert (own.path, own.line, own.confirmed_by) == (
        "infra/db.tf",
        3,
        (Confirmation("checkov", "CKV_SECRET_6"),),
    )
    assert [(each.path, each.line) for each in imported(result).values()] == [("infra/db2.tf", 2)]


def test_other_tools_are_joined_with_each_other_where_no_check_of_ours_speaks(tmp_path: Path) -> None:
    result = review(
        tmp_path,
        of(sarif(at("infra/logs.tf", 1, 3, "CKV_AWS_21"), tool="Checkov")),
        of(sarif(at("infra/logs.tf", 1, 3, "AVD-AWS-0090"), tool="Trivy")),
    )
    # Both are peers of EKS-OPS-205, which finds nothing wrong with a bucket of this name.
    assert "EKS-OPS-205" not in {each.id for each in result.findings}
    found = imported(result)
    assert set(found) == {"CKV_AWS_21"}
    assert found["CKV_AWS_21"].confirmed_by == (Confirmation("trivy", "AVD-AWS-0090"),)
    assert found["CKV_AWS_21"].pillar is Pillar.RELIABILITY
    assert found["CKV_AWS_21"].issue == "6.2"


def test_what_tflint_says_of_the_folder_it_ran_in(tmp_path: Path) -> None:
    """Tflint names files relative to where it runs: here in ``infra``, where its results lie, too."""
    text = (RECORDED / "tflint.json").read_text()
    result = review(tmp_path, of(text, "infra/tflint.json", "infra"))
    found = imported(result)
    # The first line of the cluster's file is not of the change's making.
    assert {each: found[each].status for each in found} == {
        "terraform_unused_declarations": Status.INTRODUCED,
        "terraform_required_version": Status.EXISTING,
    }
    unused = found["terraform_unused_declarations"]
    assert (unused.path, unused.line, unused.severity) == ("infra/variables.tf", 1, Severity.MEDIUM)
    assert unused.pillar is Pillar.OPERATIONAL_EXCELLENCE
    # Ours says that there is no description: one comment for both.
    own = by_id(result.findings)["eks-review", "EKS-DOC-103"]
    assert own.confirmed_by == (Confirmation("tflint", "terraform_documented_variables"),)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tflint.sarif", {("terraform_unused_declarations", "infra/variables.tf", 1, Status.INTRODUCED)}),
        # It runs on another machine: the longest end of its path that is a file here is meant.
        ("tfsec.json", {("AVD-AWS-0088", "infra/logs.tf", 1, Status.INTRODUCED)}),
        ("trivy.json", {("AWS-0089", "infra/logs.tf", 1, Status.INTRODUCED)}),
        # It is relative to a folder that the file names by its address.
        ("trivy.sarif", {("AWS-0089", "infra/logs.tf", 1, Status.INTRODUCED)}),
    ],
)
def test_every_tool_in_its_own_form(
    tmp_path: Path, name: str, expected: set[tuple[str, str, int, Status]]
) -> None:
    found = imported(review(tmp_path, recorded(name)))
    assert {(each.id, each.path, each.line, each.status) for each in found.values()} == expected


def test_the_same_result_in_two_files_is_one(tmp_path: Path) -> None:
    once = review(tmp_path / "once", recorded("checkov.json"))
    twice = review(tmp_path / "twice", recorded("checkov.json"), recorded("checkov.sarif"))
    assert set(imported(once)) == set(imported(twice))
    assert twice.coverage.imported == once.coverage.imported


# --- introduced or not ----------------------------------------------------------------------------


def status(tmp_path: Path, result: dict[str, object], **changes: str) -> Status | None:
    """Return the status of one result when the cluster's file changes as given; None when it is not shown."""
    head = {**BASE, **changes}
    found = imported(review(tmp_path, of(sarif(result)), head=head))
    return found["R-1"].status if found else None


CLUSTER = "infra/eks.tf"


def test_a_result_on_a_changed_line_is_introduced_and_one_beside_it_is_not(tmp_path: Path) -> None:
    changed = {CLUSTER: HEAD[CLUSTER]}
    assert status(tmp_path / "a", at(CLUSTER, 12), **changed) is Status.INTRODUCED
    assert status(tmp_path / "b", at(CLUSTER, 11), **changed) is Status.EXISTING
    assert status(tmp_path / "c", at("infra/locks.tf", 3), **changed) is None


def test_a_result_about_a_whole_block_is_introduced_with_the_block(tmp_path: Path) -> None:
    assert status(tmp_path, at("infra/logs.tf", 1, 3), **{"infra/logs.tf": HEAD["infra/logs.tf"]}) is (
        Status.INTRODUCED
    )


def test_a_result_about_a_whole_block_stood_before_unless_something_was_taken_away(tmp_path: Path) -> None:
    edited = {CLUSTER: HEAD[CLUSTER]}
    assert status(tmp_path / "a", at(CLUSTER, 1, 14), **edited) is Status.EXISTING
    without = BASE[CLUSTER].replace("    endpoint_private_access = true\n", "")
    assert status(tmp_path / "b", at(CLUSTER, 1, 13), **{CLUSTER: without}) is Status.INTRODUCED


def test_a_block_that_only_moved_is_not_touched(tmp_path: Path) -> None:
    moved = {CLUSTER: f"# The cluster.\n\n{BASE[CLUSTER]}"}
    assert status(tmp_path, at(CLUSTER, 14), **moved) is None


def test_what_the_file_says_of_the_base_is_believed(tmp_path: Path) -> None:
    changed = {CLUSTER: HEAD[CLUSTER]}
    old = at(CLUSTER, 12, baselineState="unchanged")
    new = at(CLUSTER, 11, baselineState="new")
    gone = at(CLUSTER, 12, baselineState="absent")
    assert status(tmp_path / "a", old, **changed) is Status.EXISTING
    assert status(tmp_path / "b", new, **changed) is Status.INTRODUCED
    assert status(tmp_path / "c", gone, **changed) is None


def test_the_argument_that_checkov_names_decides(tmp_path: Path) -> None:
    """CKV_AWS_28 looks at ``point_in_time_recovery``: it is of the change's making when that was taken out."""
    with_recovery = BASE["infra/locks.tf"].replace(
        "  attribute {", "  point_in_time_recovery {\n    enabled = true\n  }\n\n  attribute {"
    )
    edited = BASE["infra/locks.tf"].replace("PAY_PER_REQUEST", "PROVISIONED")
    for base, expected in ((with_recovery, Status.INTRODUCED), (BASE["infra/locks.tf"], Status.EXISTING)):
        result = review(
            tmp_path / expected.value,
            recorded("checkov.json"),
            base={**BASE, "infra/locks.tf": base},
            head={**BASE, "infra/locks.tf": edited},
            config=Config(ignore=("EKS-OPS-203",)),
        )
        assert imported(result)["CKV_AWS_28"].status is expected


def test_other_files_are_shown_where_lines_changed(tmp_path: Path) -> None:
    base, head = {**BASE, "Dockerfile": "FROM a\nUSER 1\n"}, {**BASE, "Dockerfile": "FROM a\nUSER root\n"}
    files = of(sarif(at("Dockerfile", 1, rule="D-1"), at("Dockerfile", 2, rule="D-2")))
    found = imported(review(tmp_path, files, base=base, head=head))
    assert {each.id: (each.status, each.comment_line) for each in found.values()} == {
        "D-2": (Status.INTRODUCED, 2)
    }


def test_an_audit_shows_everything_below_its_folder(tmp_path: Path) -> None:
    tree = DirectoryTree(write(tmp_path, {**HEAD, "other/logs.tf": HEAD["infra/logs.tf"]}))
    files = of(sarif(at("infra/locks.tf", 1, 10), at("other/logs.tf", 1, 3, rule="R-2")))
    result = pipeline.audit(tree, Config(), today=TODAY, path="infra", given=Given((files,)))
    assert {each.id: each.status for each in imported(result).values()} == {"R-1": Status.EXISTING}


# --- weight ---------------------------------------------------------------------------------------

CRITICAL = at("infra/logs.tf", 1, 3, level="error")


@pytest.mark.parametrize(
    ("weight", "conclusion"),
    [
        (ImportedResults.SHOWN, Conclusion.SUCCESS),
        (ImportedResults.GATE, Conclusion.FAILURE),
        (ImportedResults.GATE_AND_SCORE, Conclusion.FAILURE),
    ],
)
def test_they_fail_the_review_only_where_the_configuration_says_so(
    tmp_path: Path, weight: ImportedResults, conclusion: Conclusion
) -> None:
    head = {**BASE, "infra/logs.tf": HEAD["infra/logs.tf"]}
    config = Config(imported_results=weight)
    plain = review(tmp_path / "plain", head=head)
    result = review(tmp_path / "with", of(sarif(CRITICAL)), head=head, config=config)
    assert imported(result)["R-1"].severity is Severity.HIGH
    assert result.verdict.conclusion is conclusion
    if weight is ImportedResults.SHOWN:
        assert result.verdict.reason.endswith(
            "1 result of other tools at that level does not count for this check."
        )
    same_score = result.scorecard == plain.scorecard
    assert same_score is (weight is not ImportedResults.GATE_AND_SCORE)


def test_what_was_there_before_is_in_both_scores(tmp_path: Path) -> None:
    config = Config(imported_results=ImportedResults.GATE_AND_SCORE)
    head = {**BASE, CLUSTER: HEAD[CLUSTER]}
    files = of(sarif(at(CLUSTER, 11, level="error", rule="TRIVY-1"), tool="Trivy"))
    plain = review(tmp_path / "plain", head=head).scorecard[Pillar.SECURITY]
    score = review(tmp_path / "with", files, head=head, config=config).scorecard[Pillar.SECURITY]
    assert score.base is not None
    assert score.score is not None
    assert plain.base is not None
    assert plain.score is not None
    assert score.base < plain.base
    assert score.score < plain.score


@pytest.mark.parametrize("entry", ["AVD-AWS-0089", "AWS-0089"])
def test_any_spelling_of_an_id_can_be_ignored(tmp_path: Path, entry: str) -> None:
    result = review(tmp_path, recorded("trivy.json"), config=Config(ignore=(entry,)))
    assert "AWS-0089" not in imported(result)
    assert result.coverage.imported[0].ignored == 1


def test_a_result_can_be_ignored_for_a_folder_and_given_another_severity(tmp_path: Path) -> None:
    rules = (PathRule("infra/logs.tf", ignore=("CKV_AWS_18",)),)
    severity = (SeverityRule("CKV_AWS_144", Severity.LOW),)
    result = review(
        tmp_path, recorded("checkov.json"), config=Config(paths=rules, severity=severity, fail_on=FailOn.LOW)
    )
    assert "CKV_AWS_18" not in imported(result)
    assert imported(result)["CKV_AWS_144"].severity is Severity.LOW


def test_only_what_is_selected_runs(tmp_path: Path) -> None:
    assert not imported(review(tmp_path / "a", recorded("trivy.json"), config=Config(select=("EKS-SEC",))))
    selected = review(tmp_path / "b", recorded("trivy.json"), config=Config(select=("EKS-SEC", "AWS-0089")))
    assert set(imported(selected)) == {"AWS-0089"}


def test_a_suppression_names_the_rule_of_the_other_tool_or_the_check_of_that_meaning(tmp_path: Path) -> None:
    comment = '# eks-review:ignore CKV_AWS_18, EKS-OPS-205 reason="test data" until=2027-03-01\n'
    head = {**HEAD, "infra/logs.tf": comment + HEAD["infra/logs.tf"]}
    report = json.loads((RECORDED / "checkov.json").read_text())
    for each in report["results"]["failed_checks"]:
        each["file_line_range"] = [line + 1 for line in each["file_line_range"]]
    config = Config(new_suppressions=NewSuppressions.AT_ONCE)
    found = imported(review(tmp_path, of(json.dumps(report)), head=head, config=config))
    accepted = {each.id for each in found.values() if each.suppressed is not None}
    assert accepted == {"CKV_AWS_18", "CKV_AWS_21"}
    assert found["CKV_AWS_18"].placement is Placement.SUMMARY


def test_excluded_files_are_left_out(tmp_path: Path) -> None:
    result = review(tmp_path, recorded("trivy.json"), config=Config(exclude=("infra/logs.tf",)))
    assert "AWS-0089" not in imported(result)


# --- identity -------------------------------------------------------------------------------------


def test_fingerprints_survive_shifted_lines_and_tell_two_results_apart(tmp_path: Path) -> None:
    two = of(sarif(at("infra/logs.tf", 1, 3), at("infra/logs.tf", 2)))
    before = review(tmp_path / "a", two)
    shifted = {**HEAD, "infra/logs.tf": "\n\n" + HEAD["infra/logs.tf"]}
    moved = of(sarif(at("infra/logs.tf", 3, 5), at("infra/logs.tf", 4)))
    after = review(tmp_path / "b", moved, head=shifted)
    prints = [
        [each.fingerprint for each in result.findings if each.is_imported] for result in (before, after)
    ]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 2


def test_what_a_tool_left_out_itself_is_counted(tmp_path: Path) -> None:
    skipped = at("infra/logs.tf", 1, 3, suppressions=[{"kind": "inSource"}])
    refused = at("infra/logs.tf", 1, 3, rule="R-2", suppressions=[{"kind": "inSource", "status": "rejected"}])
    result = review(tmp_path, of(sarif(skipped, refused)))
    assert set(imported(result)) == {"R-2"}
    assert result.coverage.imported == (Imported("scanner", 2, 1, 0, 1),)


def test_files_that_are_not_here_and_runs_that_failed_are_told(tmp_path: Path) -> None:
    text = json.loads(sarif(at("gone/away.tf", 1), at("gone/too.tf", 1, rule="R-2")))
    text["runs"][0]["invocations"] = [{"executionSuccessful": False}]
    result = review(tmp_path, of(json.dumps(text), "scan.sarif"))
    assert [each.message for each in result.notices] == [
        "`scan.sarif`: its results may be incomplete: `scanner says that it did not run to its end`.",
        "2 results name files that this revision does not have, as `scanner` calls it: `gone/away.tf`.",
    ]


def test_blocks_of_the_same_address_in_two_root_modules_are_two(tmp_path: Path) -> None:
    rule = (
        'provider "aws" {{ region = "eu-west-1" }}\n\n'
        'resource "aws_vpc_security_group_ingress_rule" "in" {{\n  security_group_id = "sg-1"\n'
        '  cidr_ipv4         = "0.0.0.0/0"\n  from_port         = {0}\n  to_port           = {0}\n'
        '  ip_protocol       = "tcp"\n}}\n'
    )
    head = {"dev/main.tf": rule.format(80), "prod/main.tf": rule.format(22)}
    text = sarif(at("dev/main.tf", 5, rule="AVD-AWS-0107"), tool="tfsec")
    result = review(tmp_path, of(text), base={"README.md": "x\n"}, head=head)
    assert [(each.path, each.line) for each in imported(result).values()] == [("dev/main.tf", 5)]
    (own,) = (each for each in result.findings if each.id == "EKS-SEC-101")
    assert (own.path, own.address, own.confirmed_by) == (
        "prod/main.tf",
        "aws_vpc_security_group_ingress_rule.in",
        (),
    )


def test_a_finding_that_stands_at_a_value_is_confirmed_at_its_block(tmp_path: Path) -> None:
    main = (
        'provider "aws" { region = "eu-west-1" }\n\nvariable "office" {\n  default = "0.0.0.0/0"\n}\n\n'
        'resource "aws_vpc_security_group_ingress_rule" "in" {\n  security_group_id = "sg-1"\n'
        "  cidr_ipv4         = var.office\n  from_port         = 22\n  to_port           = 22\n"
        '  ip_protocol       = "tcp"\n}\n'
    )
    text = sarif(at("main.tf", 9, rule="AVD-AWS-0107"), tool="tfsec")
    result = review(tmp_path, of(text), base={"README.md": "x\n"}, head={"main.tf": main})
    assert imported(result) == {}
    (own,) = (each for each in result.findings if each.id == "EKS-SEC-101")
    assert (own.line, own.confirmed_by) == (4, (Confirmation("tfsec", "AVD-AWS-0107"),))
