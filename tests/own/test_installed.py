"""Checks in Python: found in a real environment, and never in a workspace."""

from __future__ import annotations

import json
import re
import site
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from reviewer.errors import UsageError
from reviewer.own.installed import GROUP, collect
from tests.command import ROOT, TODAY

if TYPE_CHECKING:
    from pathlib import Path

DOCS = (ROOT / "docs" / "own-checks.md").read_text(encoding="utf-8")
CLUSTER = 'resource "aws_eks_cluster" "main" {\n  name = "platform"\n}\n'


def module_of_the_documentation() -> str:
    match = re.search(r'```python title="acme_checks.py"\n(.*?\n)```\n\nThe action', DOCS, re.DOTALL)
    assert match is not None
    return match[1]


def install(folder: Path, value: str = "acme_checks") -> None:
    """Put the package into a folder as pip would."""
    (folder / "acme_checks.py").write_text(module_of_the_documentation(), encoding="utf-8")
    metadata = folder / "acme_checks-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nacme = {value}\n")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment that has all of ours; return its folder of packages."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    [packages] = place.glob("lib/python*/site-packages")
    known = [str(ROOT), *site.getsitepackages()]
    (packages / "ours.pth").write_text("\n".join(known) + "\n", encoding="utf-8")
    return packages


def audit(packages: Path, workspace: Path) -> subprocess.CompletedProcess[str]:
    python = packages.parents[2] / "bin" / "python"
    command = [
        str(python),
        "-I",
        "-B",
        "-m",
        "reviewer",
        "audit",
        "--select",
        "OWN",
        "--format",
        "json",
        *TODAY,
    ]
    return subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)


def test_what_lies_in_the_workspace_is_not_loaded_and_what_is_installed_is(
    environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(CLUSTER)
    install(tmp_path)
    done = audit(environment, tmp_path)
    assert json.loads(done.stdout)["findings"] == []

    install(environment)
    done = audit(environment, tmp_path)
    [found] = json.loads(done.stdout)["findings"]
    assert (found["id"], found["path"], found["line"]) == ("OWN-NAMING-2", "main.tf", 2)
    assert found["message"] == "`platform` does not end with a stage."
    python = environment.parents[2] / "bin" / "python"
    command = [str(python), "-I", "-B", "-m", "reviewer", "checks", "own-naming-2"]
    page = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert page.stdout.startswith("# OWN-NAMING-2: The name of a cluster does not end with its stage")


def check_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "acme_own.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_own", raising=False)


@pytest.mark.parametrize("value", ["acme_own", "acme_own:cluster_name_without_stage", "acme_own:LIST"])
def test_a_module_a_check_and_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    text = module_of_the_documentation() + "\nLIST = [cluster_name_without_stage]\n"
    check_module(tmp_path, monkeypatch, text)
    assert list(collect([EntryPoint("acme", value, GROUP)])) == ["OWN-NAMING-2"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("OWN-NAMING-2", "EKS-SEC-101", "EKS-SEC-101 is not an id such as OWN-NAMING-1"),
        ("cluster_name_without_stage", "api_endpoint_open_to_world", "the name api-endpoint-open-to-world exists already"),
        ("    References:", "    Reference:", "CheckDefinitionError: OWN-NAMING-2: the docstring has no part 'References'"),
        ("from collections.abc", "import nothing_of_the_kind\nfrom collections.abc", "ModuleNotFoundError: "),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    check_module(tmp_path, monkeypatch, module_of_the_documentation().replace(old, new))
    with pytest.raises(UsageError) as error:
        collect([EntryPoint("acme", "acme_own", GROUP)])
    assert str(error.value).startswith("the installed checks 'acme' (acme_own) cannot be used: ")
    assert message in str(error.value)
