"""Files of results that are wrong, huge, deep or made to do harm."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from reviewer.terraform.syntax import Block

from reviewer import pipeline
from reviewer.config.config import Config
from reviewer.engine import foreign
from reviewer.engine.settings import Given
from reviewer.imported import load as loading
from reviewer.imported.load import load, parse
from reviewer.imported.paths import candidates, of_uri
from reviewer.imported.peers import canonical, checks_like
from reviewer.imported.result import MAX_TEXT, InvalidResultsError
from reviewer.report import Format, Look, render
from tests.imported.world import HEAD, TODAY, change, of, recorded, review
from tests.samples import HOSTILE_TEXTS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "r.json:1:1: the results are not valid JSON: Input data was truncated"),
        (b'{"runs": [\n', "r.json:2:1: the results are not valid JSON: Input data was truncated"),
        (b'{"runs": [],\n  }', "r.json:2:3: the results are not valid JSON: "),
        (b"<xml/>", "r.json:1:1: the results are not valid JSON: invalid character"),
        (b"\xff\xfe{\x00}\x00", "r.json:1:1: the results are not valid JSON: invalid character"),
        (b'"text"', "Expected `object | array`, got `str`"),
        (
            b'{"a": 1}',
            "r.json:1:1: this is neither SARIF 2.1.0 nor the JSON of tflint, tfsec, Trivy or Checkov",
        ),
        (
            b'{"version": "1.0.0", "runs": []}',
            "r.json: this is SARIF 1.0.0; results of version 2.1.0 can be read",
        ),
        (
            b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"ruleId": 5}]}]}',
            "Expected `str | null`, got `int` - at `$.runs[0].results[0].ruleId`",
        ),
        (
            b'[{"file": "main.tf"}]',
            "r.json:1:1: this is neither SARIF 2.1.0 nor the JSON of tflint, tfsec, Trivy or Checkov",
        ),
        (b'{"results": [{"long_id": "x"}]}', "missing required field `rule_id` - at `$.results[0]`"),
        (b'{"Results": [{"Class": "config"}]}', "missing required field `Target` - at `$.Results[0]`"),
        (b'{"issues": [{"message": "x"}]}', "missing required field `rule` - at `$.issues[0]`"),
        (b'[{"results": {"failed_checks": [{}]}}]', "`check_id` - at `$[0].results.failed_checks[0]`"),
        (b"[" * 100_000, "r.json: the results are nested too deeply"),
        (b'{"runs": ' + b"[" * 100_000, "r.json: the results are nested too deeply"),
        (
            b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "EKS Review"}}}]}',
            "r.json: these are results of EKS Review itself; import those of other tools",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(content: bytes, message: str) -> None:
    with pytest.raises(InvalidResultsError) as raised:
        parse(content, "r.json")
    assert str(raised.value).startswith("r.json")
    assert message in str(raised.value)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidResultsError, match=r"a\.json: the results cannot be read: No such file"):
        load(tmp_path / "a.json", "a.json")
    with pytest.raises(InvalidResultsError, match=r"b: the results cannot be read: Is a directory"):
        load(tmp_path, "b")
    monkeypatch.setattr(loading, "MAX_BYTES", 10)
    (tmp_path / "c.json").write_text('{"issues": []}')
    with pytest.raises(InvalidResultsError, match=r"c\.json: the results have more than 10 bytes"):
        load(tmp_path / "c.json", "c.json")


def test_too_many_results_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MAX_RESULTS", 1)
    issue = {"rule": {"name": "x"}}
    with pytest.raises(InvalidResultsError, match="2 results are more than the 1 that are read"):
        of(json.dumps({"issues": [issue, issue]}))


@pytest.mark.parametrize(
    "text",
    [
        '{"issues": []}',
        '{"results": null}',
        '{"SchemaVersion": 2, "ArtifactName": "."}',
        '{"passed": 0, "failed": 0, "skipped": 0, "parsing_errors": 0, "resource_count": 0, "checkov_version": "3"}',
        "[]",
        '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": null}]}',
        '\ufeff{"version": "2.1.0", "runs": []}',
    ],
)
def test_nothing_found_is_no_error(text: str) -> None:
    assert of(text).results == ()


@pytest.mark.parametrize(
    ("name", "folder", "expected"),
    [
        ("infra/eks.tf", "", ("infra/eks.tf",)),
        ("eks.tf", "infra", ("eks.tf", "infra/eks.tf")),
        ("./a/../b.tf", "", ("b.tf",)),
        ("../b.tf", "infra", ("b.tf",)),
        ("../../etc/passwd", "infra", ("etc/passwd",)),
        ("..", "", ()),
        ("a\\b.tf", "", ("a/b.tf",)),
        ("C:\\work\\b.tf", "", ("work/b.tf", "b.tf")),
        ("/x/y.tf", "", ("x/y.tf", "y.tf")),
        ("/x/.terraform/modules/y.tf", "", ("x/.terraform/modules/y.tf", ".terraform/modules/y.tf")),
        ("/../../etc/passwd", "", ("etc/passwd", "passwd")),
        ("a\0b", "", ()),
        ("", "", ()),
        ("", "infra", ()),
    ],
)
def test_a_path_never_leaves_the_tree(name: str, folder: str, expected: tuple[str, ...]) -> None:
    assert candidates(name, folder=folder) == expected


def test_only_files_have_a_path() -> None:
    assert of_uri("file:///srv/a%20b.tf") == "/srv/a b.tf"
    assert of_uri("https://example.com/main.tf") == ""
    assert of_uri("git::https://example.com/main.tf") == ""


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_texts_of_other_tools_do_no_harm(tmp_path: Path, text: str) -> None:
    """Every report is made, and what the terminal gets steers nothing."""
    place = {"artifactLocation": {"uri": "infra/logs.tf"}, "region": {"startLine": 1, "endLine": 10**12}}
    rule = {"id": text, "shortDescription": {"text": text}, "helpUri": text, "properties": {"tags": 5}}
    document = {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": text or "x", "rules": [rule]}},
                "results": [
                    {
                        "ruleId": text,
                        "ruleIndex": 0,
                        "message": {"text": text},
                        "locations": [{"physicalLocation": place}],
                    }
                ],
            }
        ],
    }
    result = review(tmp_path, of(json.dumps(document)))
    found = next(each for each in result.findings if each.is_imported)
    assert len(found.title) <= 2 * MAX_TEXT
    for form in Format:
        written = render(form, result, Look(color=False))
        if form is not Format.JSON:  # a program reads that, and gets the texts as they are
            assert not set(written) & set("\x1b\x07\u202e\u2066")
    markdown = render(Format.MARKDOWN, result)
    assert "<script" not in markdown
    assert "```suggestion\nrm" not in markdown
    assert "@octocat" not in markdown.replace("`@octocat", "")
    from reviewer.report import json as report

    assert report.load(render(Format.JSON, result)) is not None


def test_secrets_are_named_and_never_shown(tmp_path: Path) -> None:
    head = {**HEAD, "infra/logs.tf": "locals {\n  # key = AKIAIOSFODNN7EXAMPLE\n  a = 1\n}\n"}
    secret = {"RuleID": "aws-access-key-id", "Title": "AWS Access Key ID", "Severity": "CRITICAL"}
    lines = {"StartLine": 2, "EndLine": 2, "Match": 'key = "AKIAIOSFODNN7EXAMPLE"'}
    target = {"Target": "infra/logs.tf", "Class": "secret", "Secrets": [{**secret, **lines}]}
    result = review(tmp_path, of(json.dumps({"SchemaVersion": 2, "Results": [target]})), head=head)
    found = next(each for each in result.findings if each.id == "aws-access-key-id")
    assert (found.path, found.line, found.excerpt) == ("infra/logs.tf", 2, None)
    assert "AKIAIOSFODNN7" not in render(Format.JSON, result)


def test_lines_that_the_file_does_not_have_are_nowhere(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "recorded" / "trivy.json").read_text()
    far = text.replace('"StartLine": 1, "EndLine": 3', '"StartLine": 4000, "EndLine": 4001')
    assert not [each for each in review(tmp_path, of(far)).findings if each.id == "AWS-0089"]


def test_ids_have_one_spelling() -> None:
    assert canonical("AVD-AWS-0040") == canonical("AWS-0040") == canonical("aws-eks-no-public-cluster-access")
    assert canonical("AVD-KSV-0017") == canonical("KSV017") == "KSV-0017"
    assert canonical("CKV_AWS_38") == "CKV_AWS_38"
    assert [each.id for each in checks_like("CKV_AWS_55")] == ["EKS-SEC-213"]
    # A check that is only akin does not say the same.
    assert checks_like("CKV_AWS_273") == ()


def test_reports_with_imported_results_can_be_read_back(tmp_path: Path) -> None:
    from reviewer.report import json as report

    result = review(tmp_path, recorded("checkov.json"), recorded("trivy.json"))
    assert report.load(report.dump(result)) == result
    assert io.StringIO(report.dump(result)).read().count('"confirmed_by"') == len(result.findings)


def test_very_many_results_on_one_block_cost_no_more_than_their_number(tmp_path: Path) -> None:
    """Twenty thousand results of one rule in one large block: each is compared with few others."""
    lines = "".join(f"    key{number} = {number}\n" for number in range(20_000))
    block = f'resource "aws_s3_bucket" "big" {{\n  tags = {{\n{lines}  }}\n}}\n'
    results = [
        {
            "ruleId": "R-1",
            "message": {"text": "x"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "infra/big.tf"},
                        "region": {"startLine": number + 3},
                    }
                }
            ],
        }
        for number in range(20_000)
    ]
    text = json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": results}]})
    scanned = of(text)
    change_of = change(tmp_path, head={**HEAD, "infra/big.tf": block})
    calls: list[int] = []
    real = foreign.arguments

    def counted(each: Block) -> object:
        calls.append(1)
        return real(each)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign, "arguments", counted)
        result = pipeline.review(change_of, Config(), today=TODAY, given=Given((scanned,)))
    assert result.coverage.imported[0].shown == 20_000
    assert len({each.fingerprint for each in result.findings if each.is_imported}) == 20_000
    assert len(calls) <= 2
