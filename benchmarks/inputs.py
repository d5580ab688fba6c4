"""The inputs: repositories with a change in them, generated the same on every machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import terraform

if TYPE_CHECKING:
    from pathlib import Path

Files = Mapping[str, str]
"""Text by path."""

_GIT_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


@dataclass(frozen=True, slots=True)
class Goal:
    """What a case shall not exceed on two cores: seconds and mebibytes of the whole process.

    With ``above`` the seconds come on top of those of another case of the same run.
    """

    seconds: float
    mebibytes: float
    above: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One input: ``change`` returns the files at the base, and those that differ at the head."""

    name: str
    text: str
    change: Callable[[], tuple[Files, Files]]
    goal: Goal | None = None


def small() -> tuple[Files, Files]:
    """Return a root module of 40 files and a change of 3, one of them a value that many blocks use."""
    base = terraform.module(40, 1)
    newer = terraform.module(40, 2)
    head = {path: newer[path] for path in ("rules_0007.tf", "nodes_0012.tf")}
    head["terraform.tfvars"] = terraform.TFVARS.replace("203.0.113.0/24", "192.0.2.0/24")
    return base, head


def medium() -> tuple[Files, Files]:
    """Return five modules that a root calls, and a change of 30 files in them."""
    calls = "".join(
        f'module "part_{number}" {{\n  source       = "./modules/part-{number}"\n'
        '  office_cidrs = ["203.0.113.0/24"]\n}\n\n'
        for number in range(5)
    )
    base = {"main.tf": f"{terraform.PROVIDERS}\n{terraform.VARIABLES}\n{calls}"}
    head: dict[str, str] = {}
    for number in range(5):
        folder = f"modules/part-{number}"
        old, new = (terraform.module(13, release, start=number * 100) for release in (1, 2))
        base |= {f"{folder}/{path}": text for path, text in old.items() if path not in _OF_ROOTS}
        changed = [path for path in old if old[path] != new[path]][:6]
        head |= {f"{folder}/{path}": new[path] for path in changed}
    return base, head


_OF_ROOTS = ("providers.tf", "terraform.tfvars")


def large(files: int = 300) -> tuple[Files, Files]:
    """Return one root module in which every block of ``files`` files is touched."""
    base, head = terraform.module(files, 1), terraform.module(files, 2)
    return base, {path: text for path, text in head.items() if base[path] != text}


def monorepo() -> tuple[Files, Files]:
    """Return 250 root modules of 40 files, and a change of 3 files in one of them."""
    base = {
        f"teams/team-{number:03}/{path}": text
        for number in range(250)
        for path, text in terraform.module(40, 1, start=number * 40).items()
    }
    changed = ("rules_4003.tf", "nodes_4008.tf", "storage_4005.tf")
    newer = terraform.module(40, 2, start=4000)
    return base, {f"teams/team-100/{path}": newer[path] for path in changed}


_VALUES = {
    "main.tf": """\
locals {
  teams = {
    for index in range(200) : format("team-%03d", index) => {
      cidr  = cidrsubnet("10.0.0.0/8", 12, index)
      days  = index % 2 == 0 ? 30 : 90
      ports = [for port in [5432, 6379, 9092] : port if port != index]
    }
  }
}

module "tenant" {
  source   = "./modules/tenant"
  for_each = local.teams

  name  = each.key
  cidr  = each.value.cidr
  days  = each.value.days
  ports = each.value.ports
}
""",
    "modules/tenant/main.tf": """\
variable "name" { type = string }
variable "cidr" { type = string }
variable "days" { type = number }
variable "ports" { type = list(number) }

module "logs" {
  source = "../logs"
  name   = upper(var.name)
  days   = var.days
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  for_each = toset([for port in var.ports : tostring(port)])

  security_group_id = "sg-${var.name}"
  cidr_ipv4         = var.cidr
  from_port         = each.value
  to_port           = each.value
  ip_protocol       = "tcp"
}
""",
    "modules/logs/main.tf": """\
variable "name" { type = string }
variable "days" { type = number }

locals {
  names = [for kind in ["app", "audit"] : join("/", ["", "teams", lower(var.name), kind])]
}

resource "aws_cloudwatch_log_group" "logs" {
  count = length(local.names)

  name              = local.names[count.index]
  retention_in_days = max(var.days, 30)
}
""",
}


def values() -> tuple[Files, Files]:
    """Return modules in modules for each of 200 teams, and a change of two of the expressions."""
    head = {
        "main.tf": _VALUES["main.tf"].replace("12, index", "13, index"),
        "modules/logs/main.tf": _VALUES["modules/logs/main.tf"].replace("var.days, 30", "var.days, 60"),
    }
    return _VALUES, head


def findings() -> tuple[Files, Files]:
    """Return 2,000 rules in 20 files that the change opens to the world."""
    base = {"providers.tf": terraform.PROVIDERS, "variables.tf": terraform.VARIABLES}
    paths = {f"rules_{number:02}.tf": number for number in range(20)}
    base |= {path: terraform.rules(number, 1, count=100) for path, number in paths.items()}
    head = {path: terraform.rules(number, 1, count=100, cidr="0.0.0.0/0") for path, number in paths.items()}
    return base, head


CASES = (
    Case("small", "3 changed files in a folder of 40", small, Goal(0.35, 80)),
    Case("medium", "30 changed files, 5 modules", medium),
    Case("large", "300 files, every block touched", large, Goal(2.0, 200)),
    Case("monorepo", "10,000 untouched files, 3 touched", monorepo, Goal(0.5, 200, "small")),
    Case("values", "modules in modules, for_each over 200", values),
    Case("findings", "2,000 findings", findings),
    Case("growth-1", "20 files, every block touched", lambda: large(20)),
    Case("growth-4", "80 files, every block touched", lambda: large(80)),
    Case("growth-16", "320 files, every block touched", lambda: large(320)),
)


def make(case: Case, folder: Path) -> None:
    """Write the repository of a case: the base on ``main``, the head on a branch that is checked out."""
    folder.mkdir(parents=True)
    base, head = case.change()
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _commit(folder, base)
    _git(folder, "checkout", "--quiet", "-b", "change")
    _commit(folder, head)


def _commit(folder: Path, files: Files) -> None:
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-verify", "--message=files")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=_GIT_ENVIRONMENT, check=True)
