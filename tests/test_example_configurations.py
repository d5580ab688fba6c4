"""Each example configuration is valid for the reader and for an editor, and does what its comments say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from reviewer.checks import CHECKS
from reviewer.config.file import load
from reviewer.pipeline import audit
from tests.trees import tree

if TYPE_CHECKING:
    from reviewer.config.config import Config
    from reviewer.finding import Finding

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples" / "configurations").glob("*.yml"))
NAMES = {each.id: each.name for each in CHECKS.values()}
TODAY = date(2026, 11, 23)


def config(name: str) -> Config:
    path = ROOT / "examples" / "configurations" / f"{name}.yml"
    return load(path.read_text(encoding="utf-8"), path.name, NAMES)


def found(files: dict[str, str], settings: Config, *ids: str) -> list[Finding]:
    checks = {each: CHECKS[each] for each in ids} if ids else CHECKS
    return list(audit(tree(files), settings, today=TODAY, checks=checks).findings)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.stem))
def test_example_is_read_and_fits_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    load(text, path.name, NAMES)
    schema = json.loads((ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8"))
    plain = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - every scalar is text, as the schema wants dates
    numbers = {key: json.loads(value) for key, value in plain.items() if key.endswith(("days", "comments"))}
    flags = {key: json.loads(value) for key, value in plain.items() if value in ("true", "false")}
    ports = {"extra-sensitive-ports": [int(each) for each in plain.get("extra-sensitive-ports", [])]}
    jsonschema.validate({**plain, **numbers, **flags, **ports}, schema)


OPEN = 'resource "aws_eks_cluster" "c" {\n  name = "c"\n  version = "1.35"\n  vpc_config {\n    subnet_ids = []\n  }\n}\n'


def test_adopting_fails_on_nothing_but_what_is_critical_and_leaves_the_old_corner_alone() -> None:
    settings = config("adopting")
    critical = [
        each for each in found({"main.tf": OPEN}, settings) if settings.fail_on.includes(each.severity)
    ]
    assert [each.id for each in critical] == ["EKS-SEC-107"]
    assert found({"legacy/main.tf": OPEN}, settings) == []
    assert not [
        each for each in found({"main.tf": OPEN}, settings) if each.id.startswith(("EKS-DOC", "EKS-TEST"))
    ]


def test_regulated_holds_to_its_regions_networks_and_severities() -> None:
    settings = config("regulated")
    provider = 'provider "aws" {\n  region = "us-east-1"\n}\n'
    rule = 'resource "aws_vpc_security_group_ingress_rule" "r" {\n  ip_protocol = "tcp"\n  from_port = 9443\n  to_port = 9443\n  cidr_ipv4 = "%s"\n}\n'
    assert [each.line for each in found({"main.tf": provider}, settings, "EKS-CFG-102")] == [2]
    assert [each.path for each in found({"a.tf": rule % "192.0.2.0/24"}, settings, "EKS-SEC-101")] == ["a.tf"]
    assert found({"a.tf": rule % "203.0.113.0/25"}, settings, "EKS-SEC-101") == []
    assert [each.severity.value for each in found({"main.tf": OPEN}, settings, "EKS-SEC-306")] == ["critical"]


def test_monorepo_knows_its_own_packages_folders_and_versions() -> None:
    settings = config("monorepo")
    release = 'resource "helm_release" "m" {\n  name  = "m"\n  chart = "acme-metrics"\n}\n'
    scaler = (
        'resource "kubernetes_horizontal_pod_autoscaler_v2" "h" {\n  metadata {\n    name = "h"\n  }\n}\n'
    )
    metrics = [each.id for each in found({"main.tf": OPEN + scaler}, settings, "EKS-REL-204")]
    assert metrics == ["EKS-REL-204"]
    assert found({"main.tf": OPEN + scaler + release}, settings, "EKS-REL-204") == []
    new = OPEN.replace("1.35", "1.37")
    assert found({"main.tf": new}, settings, "EKS-CFG-204", "EKS-CFG-205") == []
    policy = 'resource "aws_iam_role_policy_attachment" "a" {\n  role = "r"\n  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"\n}\n'
    files = {"live/shared/main.tf": policy, "live/dev/main.tf": policy, "vendor/x/main.tf": policy}
    severities = {each.path: each.severity.value for each in found(files, settings, "EKS-SEC-201")}
    assert severities == {"live/shared/main.tf": "critical", "live/dev/main.tf": "high"}
