"""No check and no view may fall over values that are not known, null, or of a type that nobody expects."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from reviewer.checks import CHECKS
from reviewer.checks.runner import Outcome, Subjects, evaluate, search
from reviewer.config.config import Config
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.syntax import parse
from reviewer.terraform.text import SourceText
from reviewer.views.context import Context
from tests.checks.harness import TODAY
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reviewer.checks.check import Check
    from reviewer.terraform.syntax import Attribute, Block

KEPT = frozenset({"source", "version", "providers", "provider", "alias"})
"""What says which resource or module it is."""


def attributes(blocks: Iterable[Block]) -> Iterator[Attribute]:
    for block in blocks:
        if block.type in {"variable", "terraform"}:
            continue
        yield from (each for each in block.attributes.values() if each.name not in KEPT)
        yield from attributes(block.blocks)


def rewritten(code: str, expression: str, *, only_top: bool) -> str:
    """Return the code with every argument worth ``expression``; or with those of the outermost blocks only."""
    file = parse(SourceText("main.tf", code))
    blocks = file.blocks
    found = (
        [
            each
            for block in blocks
            for each in block.attributes.values()
            if each.name not in KEPT and block.type != "terraform"
        ]
        if only_top
        else list(attributes(blocks))
    )
    for each in sorted(found, key=lambda each: each.expression.start, reverse=True):
        place = each.expression
        code = code[: place.start] + expression + code[place.end :]
    return code


def literals(code: str, expression: str) -> str:
    """Return the code with every plain literal that stands alone worth ``expression``, inside objects, too."""
    names = "|".join(KEPT)
    return re.sub(
        rf'^(\s*(?!(?:{names})\b)[\w-]+\s*=\s*)(?:"[^"]*"|true|false|[\d.]+|\[[^\[\]]*\])(?=\s*(?:#.*)?$)',
        lambda match: match[1] + expression,
        code,
        flags=re.MULTILINE,
    )


WAYS: Mapping[str, Callable[[str, str], str]] = {
    "every argument": lambda code, expression: rewritten(code, expression, only_top=False),
    "outer arguments": lambda code, expression: rewritten(code, expression, only_top=True),
    "every literal": literals,
}

EXTRA = """
module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"
  cluster_addons = {
    vpc-cni = {
      configuration_values = "x"
    }
  }
  eks_managed_node_groups = {
    one = {
      min_size         = 1
      ami_type         = "AL2_x86_64"
      instance_types   = ["m5.large"]
      capacity_type    = "SPOT"
      subnet_ids       = ["a"]
      metadata_options = "x"
      taints           = "x"
      labels           = "x"
      update_config    = "x"
      remote_access    = "x"
      block_device_mappings = "x"
    }
  }
}

resource "kubectl_manifest" "x" {
  yaml_body = <<-EOT
    kind: Deployment
    metadata: ${terraform.workspace}
    spec: ${terraform.workspace}
  EOT
}
"""
"""Spellings that no example shows."""


def everything(change: Callable[[str], str]) -> dict[str, str]:
    """Return one configuration that calls the Terraform code of every example as a module."""
    codes = [EXTRA]
    for check in CHECKS.values():
        for example in (check.documentation.bad, check.documentation.good):
            codes += [code for path, code in example.files if path.endswith(".tf")]
    files = {f"m{number}/main.tf": change(code) for number, code in enumerate(codes)}
    calls = (f'module "m{number}" {{\n  source = "./m{number}"\n}}\n' for number in range(len(codes)))
    return {**files, "main.tf": "".join(calls)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "expression",
    [
        "terraform.workspace",
        "null",
        "[]",
        "{}",
        '""',
        '"x"',
        "-1",
        "[terraform.workspace]",
        "{ a = terraform.workspace }",
    ],
)
def test_every_check_ends_in_an_outcome(expression: str, way: str) -> None:
    configuration = Configuration(tree(everything(lambda code: WAYS[way](code, expression))), Sources())
    context = Context(configuration, configuration.root(""), Config(), TODAY, is_production=True)
    for kind, checks in groupby(sorted(CHECKS.values(), key=by_kind), key=lambda check: check.on):
        subjects = search(kind, context)
        assert not subjects.failed, subjects.reason
        for check in checks:
            broken = [each for each in outcomes(check, subjects, context) if each.failed]
            assert [(each.address, each.reason) for each in broken] == []


def by_kind(check: Check) -> str:
    return f"{check.on.__module__}.{check.on.__name__}"


def outcomes(check: Check, subjects: Subjects, context: Context) -> Iterator[Outcome]:
    return (evaluate(check, subject, context) for subject in subjects.found)
