"""The image without an engine: its entry point, started as a runner starts it, in a workspace of somebody else."""

from __future__ import annotations

import compileall
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import hcl2
import pytest

import reviewer
from tests.github.test_process import service, terraform

if TYPE_CHECKING:
    from tests.github.fake import FakeGitHub
    from tests.github.world import World

__all__ = ["service", "terraform"]
ROOT = Path(__file__).resolve().parent.parent
RUNNER = 1001
"""The user that owns the workspace on GitHub's machines."""


def entry_point() -> list[str]:
    """Return what the image starts, with this interpreter in place of the image's."""
    line = next(
        each for each in (ROOT / "Dockerfile").read_text().splitlines() if each.startswith("ENTRYPOINT")
    )
    return [sys.executable, *json.loads(line.removeprefix("ENTRYPOINT "))[1:]]


def everything(*folders: Path) -> dict[str, tuple[int, int]]:
    """Return every path below the folders with its time and size."""
    paths = (path for folder in folders for path in folder.rglob("*") if not path.is_symlink())
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in paths}


def environment_of(world: World, github: FakeGitHub, scratch: Path, **inputs: str) -> dict[str, str]:
    scratch.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nowhere",
        "TMPDIR": str(scratch),
        **world.environment(github.environment, head=None),
        **{f"INPUT_{name.upper()}": value for name, value in inputs.items()},
    }


def start(world: World, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        entry_point(),
        cwd=world.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_entry_point_writes_nowhere_but_where_it_must(
    terraform: World, service: FakeGitHub, tmp_path: Path
) -> None:
    """So the image can be started with ``--read-only`` and a temporary folder."""
    package, grammar = Path(reviewer.__path__[0]), Path(hcl2.__path__[0])
    # Compiled, as in the image: a test beside this one may be the first to import something and write it.
    for folder in (package, grammar):
        compileall.compile_dir(folder, quiet=2)
    environment = environment_of(terraform, service, tmp_path / "scratch", **{"json-file": "out/review.json"})
    before = everything(package, grammar, terraform.root)
    done = start(terraform, environment)
    assert done.returncode == 1, done.stdout + done.stderr
    after = everything(package, grammar, terraform.root)
    changed = {path for path in after if after[path] != before.get(path)}
    out = terraform.root / "out"
    assert changed - {str(terraform.root)} == {str(out), str(out / "review.json")}
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give a workspace to somebody else, as a runner has it"
)
def test_root_in_a_workspace_of_the_runner_leaves_nothing_of_root_behind(
    terraform: World, service: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The stand-in for GitHub runs git, too, in this process; the action gets none of this.
    for name, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    reports = {"json-file": "out/review.json", "html-file": "review.html"}
    environment = environment_of(terraform, service, tmp_path / "scratch", **reports)
    for path in (terraform.root, *terraform.root.rglob("*"), terraform.files, *terraform.files.rglob("*")):
        os.chown(path, RUNNER, RUNNER, follow_symlinks=False)
    done = start(terraform, environment)
    assert done.returncode == 1, done.stdout + done.stderr
    owners = {str(path): path.lstat().st_uid for path in terraform.root.rglob("*")}
    assert {path for path, owner in owners.items() if owner != RUNNER} == set()
    assert json.loads((terraform.root / "out/review.json").read_text())["verdict"]["conclusion"] == "failure"


READ_ONLY = """
set -e
mount --make-rprivate /
for folder in "$WORKSPACE" "$FILES" "$TMPDIR"; do mount --bind "$folder" "$folder"; done
mount --bind "$(mktemp -d)" "$(git --exec-path)"
mount -o remount,ro,bind /
if touch /opt/written 2>/dev/null; then exit 99; fi
exec env "$@"
"""
"""What ``docker run --read-only --tmpfs /tmp`` gives: all is read-only but what the runner mounts.

Of git there is the program alone, as in the image.
"""


@pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine lets nobody mount",
)
def test_all_but_the_workspace_may_be_read_only(
    terraform: World, service: FakeGitHub, tmp_path: Path
) -> None:
    reports = {"json-file": "out/review.json", "sarif-file": "review.sarif"}
    environment = environment_of(terraform, service, tmp_path / "scratch", **reports)
    done = subprocess.run(
        # The shell forgets variables with a hyphen, such as INPUT_GITHUB-TOKEN, so they go through `env`.
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            READ_ONLY,
            "sh",
            *map("=".join, environment.items()),
            *entry_point(),
        ],
        cwd=terraform.root,
        env={**environment, "WORKSPACE": str(terraform.root), "FILES": str(terraform.files)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert json.loads((terraform.root / "out/review.json").read_text())["verdict"]["conclusion"] == "failure"
    assert (terraform.root / "review.sarif").exists()
    assert "\nfailure\n" in (terraform.files / "output").read_text()


def test_the_last_stage_installs_git_alone_and_no_package_manager_of_python_stays() -> None:
    """What the built image has is tested by ``tests/test_image.py``, where there is an engine."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = [line for line in text[text.rindex("\nFROM ") :].splitlines() if not line.startswith("#")]
    code = "\n".join(final)
    assert "--without-pip" in text
    assert re.findall(r"apt-get (?!update)(.*)", code) == ["download git \\"]
    assert "rm -rf git_*.deb /var/lib/apt/lists/* /usr/local/bin/pip*" in code


def test_every_input_and_output_stands_in_the_documentation() -> None:
    import yaml

    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    names = [*action["inputs"], *action["outputs"]]
    assert [name for name in names if f"`{name}`" not in page] == []
