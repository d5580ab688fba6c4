"""``--import-sarif`` on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.change.repo import Repo
from tests.command import TODAY, run
from tests.imported.world import BASE, HEAD, RECORDED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo.create(tmp_path_factory.mktemp("import") / "repo")
    repo.commit(dict(BASE))
    for path, text in HEAD.items():
        repo.write(path, text)
    repo.write("infra/tflint.json", (RECORDED / "tflint.json").read_text())
    return repo


def test_several_files_are_folded_into_one_review(repo: Repo) -> None:
    files = (str(RECORDED / "checkov.json"), str(RECORDED / "trivy.sarif"), "infra/tflint.json")
    options = [part for file in files for part in ("--import-sarif", file)]
    done = run("review", *options, "--format", "json", *TODAY, cwd=repo.root)
    assert done.code == 1, done.err
    report = json.loads(done.out)
    sources = {(each["source"], each["id"]) for each in report["findings"]}
    assert {("checkov", "CKV_AWS_18"), ("tflint", "terraform_unused_declarations")} < sources
    assert ("trivy", "AWS-0089") in sources
    assert [each["source"] for each in report["coverage"]["imported"]] == ["checkov", "tflint", "trivy"]


def test_an_audit_takes_them_too(repo: Repo) -> None:
    done = run("audit", "--import-sarif", str(RECORDED / "checkov.json"), *TODAY, cwd=repo.root)
    assert "CKV_AWS_119" in done.out
    assert "imported: 13 results of checkov, 13 in what was audited" in done.out


def test_the_terminal_says_who_found_it(repo: Repo) -> None:
    done = run("review", "--import-sarif", str(RECORDED / "checkov.json"), *TODAY, cwd=repo.root)
    assert "= by: also checkov (CKV_AWS_39, CKV_AWS_38)" in done.out
    assert "medium[CKV_AWS_18]: Ensure the S3 bucket has access logging enabled" in done.out
    assert "= by: checkov\n" in done.out


def test_what_is_no_file_of_results_is_wrong_use(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "half.sarif").write_text('{"runs": [\n  {')
    done = run("review", "--import-sarif", str(tmp_path / "half.sarif"), *TODAY, cwd=repo.root)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"eks-review: {tmp_path}/half.sarif:2:4: the results are not valid JSON: Input data was truncated\n"
    )
    done = run("review", "--import-sarif", "nowhere.sarif", *TODAY, cwd=repo.root)
    assert (done.code, done.err) == (
        2,
        "eks-review: nowhere.sarif: the results cannot be read: No such file or directory\n",
    )
