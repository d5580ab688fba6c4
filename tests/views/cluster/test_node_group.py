"""Node groups that are entries of a module's map: what they are called, and when a change touches them."""

from __future__ import annotations

from datetime import date

from reviewer.config.config import Config
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.views.changed_lines import ChangedLines
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.context import Context
from tests.trees import tree

CODE = """\
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  eks_managed_node_group_defaults = {
    capacity_type = "SPOT"
  }
  eks_managed_node_groups = {
    api = {
      max_size = 5
    }
    web = {
      max_size = var.largest
    }
  }
}

variable "largest" {
  default = 7
}
"""


def groups() -> dict[str, NodeGroup]:
    configuration = Configuration(tree({"main.tf": CODE}), Sources())
    context = Context(configuration, configuration.root(""), Config(), date(2026, 11, 23), is_production=True)
    return {each.name: each for each in NodeGroup.find(context)}


def touched_by(line: str) -> set[str]:
    number = CODE.splitlines().index(line) + 1
    changed = ChangedLines({"main.tf": frozenset({number})})
    return {name for name, group in groups().items() if group.is_touched(changed)}


def test_addresses_name_the_entry() -> None:
    assert {each.address for each in groups().values()} == {
        'module.eks.eks_managed_node_groups["api"]',
        'module.eks.eks_managed_node_groups["web"]',
    }


def test_an_entry_is_touched_by_its_own_lines() -> None:
    assert touched_by("      max_size = 5") == {"api"}


def test_an_entry_is_touched_through_a_variable() -> None:
    assert touched_by("  default = 7") == {"web"}


def test_the_defaults_touch_all() -> None:
    assert touched_by('    capacity_type = "SPOT"') == {"api", "web"}


def test_other_arguments_of_the_module_touch_none() -> None:
    assert touched_by('  version = "~> 20.0"') == set()


def test_facts_come_from_the_entry_then_the_defaults_then_the_version() -> None:
    api = groups()["api"]
    assert [api.fact(name).value.data for name in ("max_size", "capacity_type", "min_size")] == [5, "SPOT", 1]
