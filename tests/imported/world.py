"""A change of a small platform, and what other tools say about its head.

The files in ``recorded/`` that Checkov wrote were made by running it on :data:`HEAD`. tflint, tfsec and Trivy
are programs of their own that no package index has: their files have the form of what they really wrote in
public repositories (tflint 0.51, tfsec 1.28, Trivy 0.45 and later), with the rules, places and texts for this code.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import pipeline
from reviewer.change.change import Change, from_directories
from reviewer.config.config import Config
from reviewer.engine.settings import Given
from reviewer.imported.load import load, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.finding import Finding
    from reviewer.imported.result import Results
    from reviewer.review import Review

TODAY = date(2026, 11, 23)
RECORDED = Path(__file__).parent / "recorded"

_CLUSTER = """\
resource "aws_eks_cluster" "main" {
  name     = "platform"
  role_arn = aws_iam_role.cluster.arn
  version  = "1.34"

  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  vpc_config {
    subnet_ids              = aws_subnet.private[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["203.0.113.0/24"]
  }
}
"""
_GROUP = """\
resource "aws_security_group" "jump" {
  name        = "jump"
  description = "The way in"

  ingress {
    description = "SSH from the office"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["203.0.113.0/24"]
  }

  tags = { Team = "platform" }
}
"""
_TABLE = """\
resource "aws_dynamodb_table" "locks" {
  name         = "locks"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "LockID"

  attribute {
    name = "LockID"
    type = "S"
  }
}
"""
_BUCKET = """\
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
"""
_VARIABLE = """\
variable "unused" {
  type = string
}
"""

BASE = {"infra/eks.tf": _CLUSTER, "infra/jump.tf": _GROUP, "infra/locks.tf": _TABLE}
HEAD = {
    "infra/eks.tf": _CLUSTER.replace("203.0.113.0/24", "0.0.0.0/0"),
    "infra/jump.tf": _GROUP.replace('"platform" }', '"network" }'),
    "infra/locks.tf": _TABLE,
    "infra/logs.tf": _BUCKET,
    "infra/variables.tf": _VARIABLE,
}
"""The API opened to the world, a tag edited, a table left alone, a bucket and a variable added."""


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder, and return the folder."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def change(root: Path, base: dict[str, str] | None = None, head: dict[str, str] | None = None) -> Change:
    """Return the change between two sets of files."""
    return from_directories(write(root / "base", base or BASE), write(root / "head", head or HEAD))


def review(
    root: Path,
    *results: Results,
    config: Config | None = None,
    base: dict[str, str] | None = None,
    head: dict[str, str] | None = None,
) -> Review:
    """Review the change with results folded in."""
    given = Given(tuple(results))
    return pipeline.review(change(root, base, head), config or Config(), today=TODAY, given=given)


def recorded(name: str) -> Results:
    """Return the results in a recorded file."""
    return load(RECORDED / name, name)


def of(text: str, name: str = "results.json", folder: str = "") -> Results:
    """Return the results in a text."""
    return parse(text.encode(), name, folder)


def by_id(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    """Return findings by source and id."""
    return {(each.source, each.id): each for each in findings}
