"""What a block is called in a check's ``resources``: ``aws_eks_cluster``, ``module:eks``, ``provider:aws``.

A trigger may be broader than what the check looks at; it only decides whether the check runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer import globs
from reviewer.views.kubernetes.kubernetes_object import types_of_manifests
from reviewer.views.module_source import module_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.syntax import Block

_VERSIONED = re.compile(r"_v\d+(?:beta\d+)?$")
_MODULES = {
    "terraform-aws-modules/eks/aws": "eks",
    "terraform-aws-modules/vpc/aws": "vpc",
    "terraform-aws-modules/security-group/aws": "security-group",
    "terraform-aws-modules/iam/aws": "iam",
    "aws-ia/eks-blueprints-addons/aws": "blueprints-addons",
    "aws-ia/eks-blueprints-addon/aws": "blueprints-addon",
    "cloudposse/eks-cluster/aws": "cloudposse-eks-cluster",
    "cloudposse/eks-node-group/aws": "cloudposse-eks-node-group",
}


def labels_of_instance(instance: Instance) -> frozenset[str]:
    """Return what a resource, data source or module call is called in triggers.

    A manifest is called like the typed resources that would make its objects, too.
    """
    if instance.kind == "module":
        return _labels_of_call(instance)
    kind = _VERSIONED.sub("", instance.type)
    if instance.kind == "data":
        return frozenset({f"data:{kind}"})
    made = types_of_manifests(instance)
    return frozenset({kind, f"resource:{kind}", *made, *(f"resource:{each}" for each in made)})


def _labels_of_call(call: Instance) -> frozenset[str]:
    source = module_source(call)
    if source is None:
        return frozenset({"module:local"})
    name = _MODULES.get(source.name, source.name)
    short = f"module:{name}"
    if not source.submodule:
        return frozenset({short})
    leaf = source.submodule.rpartition("/")[2]
    return frozenset(
        {
            short,
            f"{short}//{source.submodule}",
            f"{short}-{leaf}",
            f"module:{source.name}//{source.submodule}",
        }
    )


def labels_of_block(block: Block) -> frozenset[str]:
    """Return what a provider, variable, output or settings block is called in triggers."""
    match block.type, block.labels:
        case (("provider" | "output"), (name,)):
            return frozenset({f"{block.type}:{name}"})
        case "variable", (name,):
            return frozenset({f"variable:{name}", *_likenesses(name)})
        case "terraform", _:
            nested = {f"terraform:{each.type}" for each in block.blocks}
            return frozenset({"terraform", "terraform:settings", *nested})
    return frozenset({block.type})


def _likenesses(variable: str) -> Iterable[str]:
    words = {"region": "region", "version": "version", "zone": "azs", "az": "azs"}
    return (f"variable:{likeness}-like" for word, likeness in words.items() if word in variable.lower())


def triggers(resource: str, labels: Iterable[str], paths: Iterable[str]) -> bool:
    """Tell whether a touched block (by its labels) or a changed file is one of a check's ``resources``."""
    if resource.startswith("file:"):
        pattern = resource.removeprefix("file:")
        return any(globs.matches(pattern, path) for path in paths)
    return any(globs.is_like(label, resource) for label in labels)
