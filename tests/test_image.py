"""The image itself, where there is an engine: `make test-image IMAGE=name` starts it as a runner does."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.github.test_process import service, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.fake import FakeGitHub
    from tests.github.world import World

__all__ = ["service", "terraform"]
IMAGE = os.environ.get("EKS_REVIEW_IMAGE", "")
RUNNER = 1001
"""The user that owns the workspace on GitHub's machines."""

pytestmark = pytest.mark.skipif(not IMAGE, reason="no image is named: make test-image IMAGE=name")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a container of which nothing may be written but what is mounted."""
    command = ["docker", "run", "--rm", "--read-only", "--tmpfs=/tmp", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def shell(script: str) -> str:
    """Return what a shell in the image says, which must succeed."""
    done = run("--network=none", "--entrypoint=sh", IMAGE, "-ec", script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_review_of_a_pull_request_leaves_its_reports_and_nothing_of_root(
    terraform: World, service: FakeGitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = {str(terraform.root): "/github/workspace", str(terraform.files): "/github/file_commands"}
    variables = {
        **terraform.environment(service.environment, head=None),
        "INPUT_JSON-FILE": "out/review.json",
        "INPUT_HTML-FILE": "review.html",
    }
    if os.geteuid() == 0:
        # The stand-in for GitHub runs git, too, in this process; the action gets none of this.
        for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
            monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
        for folder in (terraform.root, terraform.files):
            for path in (folder, *folder.rglob("*")):
                os.chown(path, RUNNER, RUNNER, follow_symlinks=False)
    owner = terraform.root.stat().st_uid
    arguments = [f"--volume={outside}:{inside}" for outside, inside in mounts.items()]
    for name, value in variables.items():
        for outside, inside in mounts.items():
            value = value.replace(outside, inside)  # noqa: PLW2901 - the same value, as seen from inside
        arguments.append(f"--env={name}={value}")
    done = run(*arguments, "--network=host", "--workdir=/github/workspace", IMAGE)
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((terraform.root / "out/review.json").read_text())
    assert report["verdict"]["conclusion"] == "failure"
    assert "\nfailure\n" in (terraform.files / "output").read_text()
    assert [each.path for each in service.pull.threads if "EKS-SEC-107" in each.root.body] == ["infra/eks.tf"]
    foreign = {path for path in terraform.root.rglob("*") if path.lstat().st_uid != owner}
    assert foreign == set()


def test_nothing_in_the_workspace_is_imported(tmp_path: Path) -> None:
    for name in ("github", "yaml", "click", "json", "reviewer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the workspace')\n")
    before = sorted(tmp_path.iterdir())
    mount = f"--volume={tmp_path}:/github/workspace"
    done = run("--network=none", mount, "--workdir=/github/workspace", IMAGE)
    said = done.stdout + done.stderr
    # Without an event there is nothing to review, and that is no success.
    assert done.returncode in {2, 3}, said
    assert "imported from the workspace" not in said
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_not_needed_is_not_there() -> None:
    assert shell("command -v pip pip3 gcc cc make curl wget ssh || true") == ""
    modules = "import importlib.util as u; print([n for n in ('pip', 'ensurepip') if u.find_spec(n)])"
    assert shell(f'/opt/venv/bin/python -I -c "{modules}"') == "[]\n"
    assert shell("ls $(git --exec-path) 2>/dev/null || true") == ""
    assert "ii" in shell("dpkg --list git | tail -1")


def test_code_is_compiled_and_belongs_to_root() -> None:
    assert shell("find /opt/venv ! -user root -o -type f -perm /022") == ""
    package = "/opt/venv/lib/python3.13/site-packages"
    missing = (
        f"find {package}/reviewer -name '*.py' | while read -r path; do "
        'compiled="$(dirname "$path")/__pycache__/$(basename "$path" .py).cpython-313.pyc"; '
        'test -e "$compiled" || echo "$path"; done'
    )
    assert shell(missing) == ""
    assert shell(f"find {package}/hcl2 -name '.lark_cache.bin'").count("\n") == 1
