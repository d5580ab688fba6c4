"""The action's input ``import-sarif``: which files it reads, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from reviewer.errors import UsageError
from reviewer.github.imports import MAX_FILES, read_imports
from tests.github.test_process import service, start, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.fake import FakeGitHub
    from tests.github.world import World

__all__ = ["service", "terraform"]
EMPTY = '{"issues": []}'


def issue(path: str, line: int) -> str:
    """Return a result of tflint."""
    place = {"filename": path, "start": {"line": line}, "end": {"line": line}}
    rule = {"name": "aws_iam_role_invalid_name", "severity": "error"}
    return json.dumps({"issues": [{"rule": rule, "message": "`main` is no valid name", "range": place}]})


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for path in ("tflint.json", "scans/a.sarif", "scans/b.sarif", "scans/deep/c.sarif"):
        (tmp_path / "w" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "w" / path).write_text(EMPTY)
    return tmp_path / "w"


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["tflint.json"], ["tflint.json"]),
        (["scans/*.sarif"], ["scans/a.sarif", "scans/b.sarif"]),
        (["scans/**/*.sarif"], ["scans/a.sarif", "scans/b.sarif", "scans/deep/c.sarif"]),
        (["scans/b.sarif", "scans/*.sarif"], ["scans/b.sarif", "scans/a.sarif"]),
        ([], []),
    ],
)
def test_files_and_globs_are_read_each_file_once(
    workspace: Path, patterns: list[str], expected: list[str]
) -> None:
    assert [each.path for each in read_imports(workspace, patterns)] == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nothing/*.sarif", "Input `import-sarif`: no file in the workspace matches 'nothing/*.sarif'."),
        ("/etc/passwd", "expected a path or glob inside the workspace."),
        ("scans/../../x", "expected a path or glob inside the workspace."),
        ("scans", "no file in the workspace matches 'scans'."),
        ("link.json", "Input `import-sarif`: 'link.json' leads out of the workspace."),
        ("bad.json", "Input `import-sarif`: bad.json:1:1: the results are not valid JSON: invalid character"),
    ],
)
def test_what_cannot_be_read_is_refused(workspace: Path, pattern: str, message: str) -> None:
    (workspace.parent / "outside.json").write_text(EMPTY)
    (workspace / "link.json").symlink_to(workspace.parent / "outside.json")
    (workspace / "bad.json").write_text("oops")
    with pytest.raises(UsageError) as raised:
        read_imports(workspace, [pattern])
    assert message in str(raised.value)


def test_a_glob_that_matches_everything_is_refused(workspace: Path) -> None:
    for number in range(MAX_FILES + 1):
        (workspace / f"{number}.json").write_text(EMPTY)
    with pytest.raises(UsageError, match=f"matches {MAX_FILES + 2} files; {MAX_FILES} are read at most"):
        read_imports(workspace, ["*.json"])


def test_results_become_comments_that_say_whose_they_are(terraform: World, service: FakeGitHub) -> None:
    (terraform.root / "infra" / "tflint.json").write_text(issue("eks.tf", 10))
    result = start(terraform, service, **{"INPUT_IMPORT-SARIF": "infra/*.json"})
    assert result.code == 1
    (thread,) = [each for each in service.pull.threads if "aws_iam_role_invalid_name" in each.root.body]
    assert (thread.path, thread.line) == ("infra/eks.tf", 10)
    assert "found by `tflint`" in thread.root.body
    assert "Imported: 1 result of tflint, 1 on what this change touches." in result.summary


def test_a_file_that_is_no_results_ends_the_job_as_wrong_use(terraform: World, service: FakeGitHub) -> None:
    (terraform.root / "tflint.json").write_text('{"issues": [')
    result = start(terraform, service, **{"INPUT_IMPORT-SARIF": "tflint.json"})
    assert result.code == 2
    assert "tflint.json:1:13: the results are not valid JSON" in result.log
    assert service.writes() == []
