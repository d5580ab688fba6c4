"""``python -m benchmarks.checks``: what the checks of a section cost on top of reading the configuration.

One cluster configuration of 60 resources is read and evaluated, value by value; then the checks run on all
of it. Processor time of this process, so that others on the machine do not count.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from benchmarks import terraform
from reviewer.checks import CHECKS
from reviewer.checks.runner import evaluate, search
from reviewer.config.config import Config
from reviewer.engine.touched import instances, values
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.views.context import Context
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewer.checks.check import Check
    from reviewer.checks.runner import Subjects
    from reviewer.views.view import View

TODAY = date(2026, 11, 23)
GOAL_SECONDS = 0.15
RESOURCES = 60
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "1-2": ("EKS-CFG", "EKS-SEC"),
    "3-5": ("EKS-REL", "EKS-OBS", "EKS-COST"),
    "6-10": ("EKS-OPS", "EKS-GOV", "EKS-TEST", "EKS-DOC", "EKS-UPG"),
}
"""Prefixes of the checks by the document's sections."""

OTHERS = """\
resource "aws_launch_template" "node" {
  name      = "node"
  user_data = base64encode("#!/bin/bash\\nexport REGION=${var.region}\\n")

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 50
      encrypted   = true
    }
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_db_instance" "main" {
  identifier                  = "main"
  storage_encrypted           = true
  manage_master_user_password = true
}

resource "aws_eks_addon" "cni" {
  cluster_name = local.name
  addon_name   = "vpc-cni"
}

resource "kubernetes_secret_v1" "app" {
  data = {
    host     = "db.internal"
    password = data.aws_secretsmanager_secret_version.db.secret_string
  }
}

data "aws_secretsmanager_secret_version" "db" {
  secret_id = "db"
}

resource "helm_release" "app" {
  name  = "app"
  chart = "app"

  values = [yamlencode({ image = { tag = "1.2.3" }, replicas = 3 })]
}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time, and how much there was to do."""

    reading: float
    checking: float
    resources: int
    evaluations: int


def configuration() -> Mapping[str, str]:
    """Return the files of a root module with 60 resources and data sources."""
    return {**terraform.module(18, 1), "others.tf": OTHERS}


def measured(checks: Sequence[Check]) -> Cost:
    """Read the configuration, value by value, and run the checks on it."""
    files = tree(configuration())
    started = time.process_time()
    root = Configuration(files, Sources()).root("")
    found = [each for each in instances(root) if each.kind != "module"]
    for instance in found:
        for value in values(instance.body):
            list(value.walk())
    read = time.process_time()
    context = Context(root.configuration, root, Config(), TODAY, is_production=True)
    subjects: dict[type[View], Subjects] = {}
    evaluations = 0
    for check in checks:
        if check.on not in subjects:
            subjects[check.on] = search(check.on, context)
        for subject in subjects[check.on].found:
            evaluate(check, subject, context)
            evaluations += 1
    return Cost(read - started, time.process_time() - read, len(found), evaluations)


def main() -> int:
    """Measure and print; with ``--strict`` a missed goal is exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__)
    parser.add_argument("sections", choices=SECTIONS, help="one a process: the first pays for what it loads")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    checks = [each for each in CHECKS.values() if each.id.startswith(SECTIONS[options.sections])]
    cold = measured(checks)
    costs = [measured(checks) for _ in range(options.runs)]
    reading = statistics.median(each.reading for each in costs)
    checking = statistics.median(each.checking for each in costs)
    print(
        f"{cold.resources} resources, {len(checks)} checks, {cold.evaluations} evaluations.\n"
        f"The first time, with tables and grammar to load: reading {cold.reading:.3f} s, "
        f"checks {cold.checking:.3f} s (goal {GOAL_SECONDS:.2f} s).\n"
        f"Median of {options.runs} more: reading {reading:.3f} s, checks {checking:.3f} s."
    )
    return int(options.strict and cold.checking > GOAL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
