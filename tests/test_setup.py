"""What the files around the code promise: locks, action, image, workflows, make and .ci/run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import reviewer
from scripts.lock import LOCKS, compiled_from, dependencies_digest, stale

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
WORKFLOWS = sorted([*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("examples/workflows/*.yml")])


def tracked_files() -> list[Path]:
    """Return the files that git tracks; skip the test where the sources are no git checkout."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files are tracked")
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def load_yaml(path: Path) -> dict[Any, Any]:
    """Return the mapping in `path`; YAML 1.1 reads the key `on` of a workflow as True."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


# --- the locks ------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, Requirement]:
    """Return the pinned requirements of one lock by canonical name."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    lines = [line.rstrip(" \\") for line in text.splitlines() if re.match(r"[A-Za-z]", line)]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def version_of(pin: Requirement) -> str:
    """Return the one version of a pin such as `click==8.3.1`."""
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    return specifier.version


def declared(table: str) -> list[Requirement]:
    """Return the requirements of pyproject.toml that a lock must satisfy."""
    tables = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    wanted = list(tables["project"]["dependencies"])
    if table == "dev.lock":
        wanted += tables["dependency-groups"]["dev"]
    return [Requirement(text) for text in wanted]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_was_compiled_from_this_pyproject(name: str) -> None:
    assert compiled_from(ROOT / "requirements" / name) == dependencies_digest(PYPROJECT), "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_satisfies_every_requirement(name: str) -> None:
    pinned = pins(name)
    for requirement in declared(name):
        assert requirement.specifier.contains(version_of(pinned[canonicalize_name(requirement.name)]))


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_of_a_lock_has_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[A-Za-z])", text)[1:]
    without = [block.split()[0] for block in blocks if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)]
    assert without == []


def test_both_locks_pin_the_same_versions() -> None:
    runtime, dev = pins("runtime.lock"), pins("dev.lock")
    assert {name: str(dev.get(name)) for name in runtime} == {name: str(pin) for name, pin in runtime.items()}


@contextmanager
def index_that_may_not_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    try:
        yield
    except subprocess.CalledProcessError as error:
        if re.search(r"Failed to fetch|error sending request|network", error.stderr):
            pytest.skip("the package index does not answer: the locks were compared with pyproject.toml only")
        raise


def test_compiling_the_locks_again_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with index_that_may_not_answer(monkeypatch):
        assert stale(PYPROJECT, ROOT / "requirements") == [], "run `make lock`"


def test_a_changed_requirement_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = tmp_path / "pyproject.toml"
    text = PYPROJECT.read_text(encoding="utf-8")
    changed.write_text(text.replace('"click>=', '"click!=8.2.0,>='), encoding="utf-8")
    with index_that_may_not_answer(monkeypatch):
        assert stale(changed, ROOT / "requirements") == list(LOCKS)


def test_top_level_holds_what_is_documented_and_nothing_that_was_left_behind() -> None:
    documented = {
        *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "docs", "mkdocs.yml"),
        *("action.yml", "Dockerfile", ".dockerignore", "pyproject.toml", "requirements", "Makefile", ".ci"),
        *("reviewer", "tests", "examples", "benchmarks", "scripts"),
        *(".github", ".gitignore", ".editorconfig", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml"),
    }
    assert {path.relative_to(ROOT).parts[0] for path in tracked_files()} <= documented


def test_no_tracked_file_names_a_package_index() -> None:
    hosts = ("pypi" + ".org", "python" + "hosted.org", "npmjs" + ".org", "--" + "extra-index-url")
    naming = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked_files()
        for host in hosts
        if host.encode() in path.read_bytes()
    ]
    assert naming == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_pins_hashes_and_comments_only(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    shape = re.compile(
        r"(#.*|[A-Za-z0-9._-]+==\S+( ; .+?)? \\| {4}--hash=sha256:[0-9a-f]{64}( \\)?| {4}# .*)"
    )
    assert [line for line in lines if not shape.fullmatch(line)] == []
    assert [line for line in lines if "://" in line] == []


# --- the action -----------------------------------------------------------------------------------


def test_action_inputs_and_defaults_are_the_documented_ones() -> None:
    inputs = load_yaml(ROOT / "action.yml")["inputs"]
    assert {name: entry["default"] for name, entry in inputs.items()} == {
        "github-token": "${{ github.token }}",
        "config": ".eks-review.yml",
        "fail-on": "high",
        "gate": "introduced",
        "max-comments": "30",
        "comment": "true",
        "status-context": "",
        "resolve-threads": "false",
        "sarif-file": "",
        "json-file": "",
        "html-file": "",
        "markdown-file": "",
        "import-sarif": "",
        "plan-file": "",
    }


def test_action_outputs_are_the_documented_ones() -> None:
    assert list(load_yaml(ROOT / "action.yml")["outputs"]) == [
        "conclusion",
        "findings",
        "introduced",
        "fixed",
        "score-security",
        "score-reliability",
        "score-performance",
        "score-cost-optimization",
        "score-operational-excellence",
        "review-url",
        "json",
    ]


def test_action_is_built_from_the_dockerfile_and_passes_no_arguments() -> None:
    assert load_yaml(ROOT / "action.yml")["runs"] == {"using": "docker", "image": "Dockerfile"}


# --- the image ------------------------------------------------------------------------------------


def instructions(keyword: str) -> list[str]:
    """Return what follows each `keyword` in the Dockerfile, continuation lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [
        line.removeprefix(keyword).strip() for line in text.splitlines() if line.startswith(f"{keyword} ")
    ]


def entry_point() -> list[str]:
    """Return the image's entry point as its list of words."""
    (words,) = instructions("ENTRYPOINT")
    parsed = json.loads(words)
    assert isinstance(parsed, list)
    return parsed


def test_image_starts_the_action_isolated_from_the_workspace() -> None:
    assert entry_point() == ["/opt/venv/bin/python", "-I", "-u", "-B", "-m", "reviewer", "action"]


@pytest.fixture
def hostile_workspace(tmp_path: Path) -> Path:
    """Return a working directory whose files bear the names of modules that the reviewer imports."""
    (tmp_path / "reviewer").mkdir()
    names = ("github", "yaml", "click", "json", "reviewer/__init__", "reviewer/__main__")
    for name in names:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken over')\n", encoding="utf-8")
    return tmp_path


def run_in(workspace: Path, arguments: list[str]) -> str:
    """Return all that this interpreter prints when started in `workspace` with no GitHub environment."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "PYTHON"))
    }
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=workspace, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def test_entry_point_imports_nothing_from_the_workspace(hostile_workspace: Path) -> None:
    printed = run_in(hostile_workspace, entry_point()[1:])
    assert "taken over" not in printed
    assert "No module named reviewer" not in printed, "install the project: `make test` does"


def test_without_isolation_the_workspace_would_be_imported(hostile_workspace: Path) -> None:
    arguments = [word for word in entry_point()[1:] if word != "-I"]
    assert "taken over" in run_in(hostile_workspace, arguments)


def test_image_has_one_base_and_it_is_pinned_by_digest() -> None:
    first, *others = instructions("FROM")
    assert re.fullmatch(r"python:3\.13-slim-trixie@sha256:[0-9a-f]{64} AS base", first)
    assert others == ["base AS build", "base"]


def test_image_sets_neither_user_nor_working_directory() -> None:
    assert (instructions("USER"), instructions("WORKDIR")) == ([], [])


def test_image_installs_from_the_hashed_lock_without_building() -> None:
    (install,) = (line for line in instructions("RUN") if "pip --python" in line)
    assert "--require-hashes --no-deps --only-binary=:all: -r /build/runtime.lock" in install


def test_build_context_is_an_allow_list_of_what_is_copied() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    copied = [line.split()[0] for line in instructions("COPY") if not line.startswith("--from")]
    assert rules[0] == "*"
    assert [rule[1:] for rule in rules if rule.startswith("!")] == copied
    assert [source for source in copied if not (ROOT / source).exists()] == []


# --- workflows ------------------------------------------------------------------------------------


def uses(path: Path) -> list[str]:
    """Return every `uses:` of a workflow with the comment behind it."""
    return re.findall(r"(?m)^\s*(?:- )?uses:\s*(.+?)\s*$", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_action_is_pinned_by_commit_with_its_version_in_a_comment(path: Path) -> None:
    pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    # The example names this action by its release line and says to pin it.
    own = "eks-review/eks-review@v1" if "examples" in path.parts else "./"
    found = uses(path)
    assert found
    assert [use for use in found if use != own and not pinned.fullmatch(use)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_workflow_grants_nothing_by_default_and_each_job_says_what_it_needs(path: Path) -> None:
    workflow = load_yaml(path)
    assert workflow["permissions"] == {}
    assert [name for name, job in workflow["jobs"].items() if not job.get("permissions")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_workflow_has_no_path_filter_that_would_leave_a_required_check_waiting(path: Path) -> None:
    filters = {name: options for name, options in load_yaml(path)[True].items() if isinstance(options, dict)}
    assert [name for name, options in filters.items() if {"paths", "paths-ignore"} & set(options)] == []


# --- the doors: make and .ci/run ------------------------------------------------------------------


def make(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run make in the repository, outside any make that runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment |= {"PATH": path} if path else {}
    program = shutil.which("make")
    if program is None:
        pytest.skip("make is not installed")
    command = [program, "--no-print-directory", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def executable(path: Path, script: str) -> Path:
    """Write `script` to `path` and let it be run."""
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_make_says_when_python_is_too_old(tmp_path: Path) -> None:
    old = executable(tmp_path / "python3.9", "#!/bin/sh\nexit 1\n")
    done = make("demo", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        f"EKS Review needs Python 3.11 or newer, and '{old}' is not: "
        "install it, or name one with 'make PYTHON=python3.12 ...'."
    )


def test_make_says_when_git_is_missing(tmp_path: Path) -> None:
    done = make("demo", f"PYTHON={sys.executable}", f"VENV={tmp_path / 'venv'}", path=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "EKS Review reads changes with git, and there is no git on PATH: install it."
    )


def test_make_without_a_target_lists_the_targets() -> None:
    listed = make().stdout
    assert "make demo " in listed
    assert "make test " in listed


@pytest.mark.parametrize(
    ("failing", "called", "code"),
    [("none", "check\ntest\n", 0), ("check", "check\n", 1), ("test", "check\ntest\n", 1)],
)
def test_ci_runs_check_and_test_and_fails_with_either(
    tmp_path: Path, failing: str, called: str, code: int
) -> None:
    log = tmp_path / "called"
    executable(tmp_path / "make", f'#!/bin/sh\necho "$1" >> "{log}"\n[ "$1" != {failing} ]\n')
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHON": sys.executable,
    }
    done = subprocess.run(["bash", ROOT / ".ci" / "run"], env=environment, capture_output=True, check=False)
    assert (log.read_text(encoding="utf-8"), done.returncode) == (called, code)


def test_version_is_the_one_of_the_changelog_or_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"(?m)^## \[(Unreleased|{re.escape(reviewer.__version__)})\]", changelog)
