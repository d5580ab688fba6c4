"""The real Checkov, on a real change. It lives in an environment of its own: `make test-checkov` makes it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from reviewer.finding import Confirmation, Status
from reviewer.imported.load import load
from tests.imported.world import HEAD, by_id, review, write

ROOT = Path(__file__).resolve().parents[2]
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"

pytestmark = pytest.mark.skipif(
    not CHECKOV.exists(), reason="Checkov is not installed: `make test-checkov` installs it, and runs this"
)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with Checkov's results on the head, as JSON and as SARIF."""
    folder = tmp_path_factory.mktemp("checkov")
    write(folder / "head", HEAD)
    command = (
        str(CHECKOV),
        "-d",
        ".",
        "-o",
        "json",
        "-o",
        "sarif",
        "--output-file-path",
        str(folder / "out"),
    )
    environment = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [*command, "--quiet"],
        cwd=folder / "head",
        env=environment,
        capture_output=True,
        check=False,
        timeout=300,
    )
    return folder / "out"


def test_it_is_the_version_that_is_pinned() -> None:
    done = subprocess.run([str(CHECKOV), "--version"], capture_output=True, text=True, check=True)
    pinned = (ROOT / "benchmarks" / "requirements-checkov.txt").read_text().strip()
    assert pinned == f"checkov=={done.stdout.strip()}"


@pytest.mark.parametrize("name", ["results_json.json", "results_sarif.sarif"])
def test_its_results_are_folded_in(tmp_path: Path, scanned: Path, name: str) -> None:
    result = review(tmp_path, load(scanned / name, name))
    endpoint = by_id(result.findings)["eks-review", "EKS-SEC-107"]
    assert Confirmation("checkov", "CKV_AWS_38") in endpoint.confirmed_by
    logging = by_id(result.findings)["checkov", "CKV_AWS_18"]
    assert (logging.status, logging.path, logging.line) == (Status.INTRODUCED, "infra/logs.tf", 1)
    assert not [each for each in result.findings if each.path == "infra/locks.tf"]
