"""A release: what must agree before, and what it does on GitHub, shown with a stand-in for its command line."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import reviewer

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "release.py"
DIGEST = f"ghcr.io/eks-review/eks-review@sha256:{'a' * 64}"
TAG = f"v{reviewer.__version__}"

GH = """\
#!{python}
import json, os, pathlib, sys
log = pathlib.Path({log!r})
text = sys.stdin.read()
arguments = sys.argv[1:]
notes = pathlib.Path(arguments[-1]).read_text() if "--notes-file" in arguments else ""
with log.open("a") as file:
    file.write(json.dumps([arguments, text, notes]) + "\\n")
place = arguments[1]
if "matching-refs" in place:
    print(os.environ["REFS"])
elif "/git/commits/" in place:
    print(json.dumps({{"tree": {{"sha": "base-tree"}}}}))
else:
    print(json.dumps({{"sha": place.rpartition("/")[2]}}))
"""


def script() -> Any:
    spec = importlib.util.spec_from_file_location("release", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("main", "main is not the tag of a release: it is called v1.2.3"),
        ("v1.2", "v1.2 is not the tag of a release: it is called v1.2.3"),
        ("v1.2.3-rc1", "v1.2.3-rc1 is not the tag of a release: it is called v1.2.3"),
        ("v99.0.0", "reviewer/__init__.py names another version than v99.0.0"),
    ],
)
def test_a_tag_that_does_not_fit_is_refused(tag: str, problem: str) -> None:
    done = subprocess.run([sys.executable, SCRIPT, "check", tag], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{problem}\n")


def test_the_notes_are_the_entry_of_the_changelog(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module = script()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text(
        "## [Unreleased]\n\n- new\n\n## [1.2.3] - 2026-01-01\n\n### Added\n\n- this\n\n## [1.2.2]\n\n- old\n\n[1.2.3]: https://x\n"
    )
    assert module.notes("v1.2.3") == "### Added\n\n- this"
    assert module.notes("v1.2.2") == "- old"
    assert module.notes("v1.2.1") == ""


def test_action_yml_names_the_image_by_digest_and_nothing_else_changes() -> None:
    before = (ROOT / "action.yml").read_text(encoding="utf-8")
    after = script().with_image(before, DIGEST)
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert changed == [("  image: Dockerfile", f"  image: docker://{DIGEST}")]


@pytest.mark.parametrize("image", ["ghcr.io/a/b:v1", "ghcr.io/a/b@sha256:abc", f"{DIGEST}\n  evil: true"])
def test_an_image_without_a_digest_is_not_released(image: str) -> None:
    with pytest.raises(SystemExit, match="does not name an image by its digest"):
        script().with_image("  image: Dockerfile\n", image)


@pytest.mark.parametrize("refs", [[], [{"ref": "refs/tags/v0"}], [{"ref": "refs/tags/v0.1.0"}]])
def test_publishing_makes_the_release_and_moves_the_line_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refs: list[dict[str, str]]
) -> None:
    log = tmp_path / "log"
    gh = tmp_path / "gh"
    gh.write_text(GH.format(python=sys.executable, log=str(log)))
    gh.chmod(0o755)
    module = script()
    monkeypatch.setattr(module, "notes", lambda _tag: "- new")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("REFS", json.dumps(refs))
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_SHA", "tagged-commit")
    module.publish(TAG, DIGEST)
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    line = TAG.partition(".")[0]
    bodies = {arguments[1].rpartition("/")[2]: json.loads(text) for arguments, text, _ in calls if text}
    assert bodies["commits"] == {
        "message": f"Use the published image of {TAG}",
        "tree": "trees",
        "parents": ["tagged-commit"],
    }
    assert bodies["trees"]["base_tree"] == "base-tree"
    ((release, _, notes),) = [each for each in calls if each[0][:2] == ["release", "create"]]
    assert release[2] == TAG
    assert "--verify-tag" in release
    assert f"uses: o/r@commits # {TAG}" in notes
    moved = calls[-1]
    if {"ref": f"refs/tags/{line}"} in refs:
        assert moved[0] == ["api", "--method", "PATCH", f"repos/o/r/git/refs/tags/{line}", "--input", "-"]
        assert json.loads(moved[1]) == {"sha": "commits", "force": True}
    else:
        assert json.loads(moved[1]) == {"ref": f"refs/tags/{line}", "sha": "commits"}


WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))


def test_a_release_goes_from_tests_to_image_to_signature() -> None:
    jobs = WORKFLOW["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "check": None,
        "image": "check",
        "publish": "image",
    }
    assert [each["platform"] for each in jobs["image"]["strategy"]["matrix"]["include"]] == [
        "linux/amd64",
        "linux/arm64",
    ]
    commands = "\n".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    for needed in (
        ".ci/run",
        "make test-image IMAGE=eks-review",
        "--sbom=true --provenance=mode=max",
        "gh attestation verify",
        "measure_image.py",
    ):
        assert needed in commands
    assert WORKFLOW[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}


def test_only_the_last_job_can_sign_and_write() -> None:
    rights = {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()}
    assert rights["check"] == {"contents": "read"}
    assert rights["image"] == {"contents": "read", "packages": "write"}
    assert rights["publish"] == {
        "contents": "write",
        "packages": "write",
        "id-token": "write",
        "attestations": "write",
    }


def test_no_expression_stands_inside_a_command_of_a_workflow() -> None:
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
            assert [s["run"] for s in job["steps"] if re.search(r"\$\{\{", s.get("run", ""))] == []
