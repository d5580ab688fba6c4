"""``eks-review init``: two files to begin with, and nothing that is there is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.cli.local import check_names
from reviewer.cli.main import main
from reviewer.cli.starter import WORKFLOW_PATH, workflow
from reviewer.config.config import Config
from reviewer.config.file import load
from tests.change.repo import Repo, run_git

ROOT = Path(__file__).resolve().parents[2]
NEXT = "Next: commit them, open a pull request, and make the check “EKS Review” required.\n"


def test_it_writes_a_configuration_that_changes_nothing_and_the_workflow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = Repo.create(tmp_path / "repo")
    (repo.root / "infra").mkdir()
    assert main(["init", "--repo", str(repo.root / "infra")]) == 0
    assert capsys.readouterr().out == f"wrote .eks-review.yml\nwrote {WORKFLOW_PATH}\n{NEXT}"
    written = (repo.root / ".eks-review.yml").read_text(encoding="utf-8")
    assert load(written, checks=check_names()) == Config()
    assert "\n# fail-on: high\n" in written
    assert (repo.root / WORKFLOW_PATH).read_text(encoding="utf-8") == workflow()
    assert main(["init", "--repo", str(repo.root)]) == 0
    stays = "is already there, and stays as it is"
    assert capsys.readouterr().out == f".eks-review.yml {stays}\n{WORKFLOW_PATH} {stays}\n", "nothing is next"


@pytest.mark.parametrize("link", [False, True])
def test_what_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str], *, link: bool) -> None:
    repo = Repo.create(tmp_path / "repo")
    if link:
        repo.link(".eks-review.yml", "nowhere.yml")
    else:
        repo.write(".eks-review.yml", "fail-on: low\n")
    assert main(["init", "--repo", str(repo.root)]) == 0
    assert capsys.readouterr().out == (
        f".eks-review.yml is already there, and stays as it is\nwrote {WORKFLOW_PATH}\n{NEXT}"
    )
    if link:
        assert not (repo.root / "nowhere.yml").exists()
    else:
        assert (repo.root / ".eks-review.yml").read_text(encoding="utf-8") == "fail-on: low\n"


def test_it_wants_a_working_tree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--repo", str(tmp_path)]) == 2
    assert "is not inside a git repository" in capsys.readouterr().err
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    assert main(["init", "--repo", str(tmp_path / "bare.git")]) == 2
    assert "is a bare repository: run this in a checkout" in capsys.readouterr().err
    assert not (tmp_path / ".eks-review.yml").exists()


def test_a_folder_in_the_way_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.write(".github", "a file\n")
    assert main(["init", "--repo", str(repo.root)]) == 2
    assert capsys.readouterr().err == f"eks-review: {WORKFLOW_PATH} cannot be written: Not a directory\n"


def test_the_example_is_the_same_workflow() -> None:
    example = ROOT / "examples" / "workflows" / "review.yml"
    assert example.read_text(encoding="utf-8") == workflow(), "run `make docs`"
