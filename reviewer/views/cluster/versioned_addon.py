"""Add-ons that are resources, and clusters that are: where somebody must keep add-on versions in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.addon import Addon
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

CORE_ADDONS = ("vpc-cni", "coredns", "kube-proxy")


class VersionedAddon(View):
    """Either an ``aws_eks_addon``, or an ``aws_eks_cluster`` whose core add-ons are in question."""

    addon: Addon | None = None
    cluster: Cluster | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the resources; modules resolve versions themselves."""
        for addon in Addon.find(context):
            if addon.instance.type == "aws_eks_addon":
                yield cls(addon.instance, addon.address, addon=addon)
        for cluster in Cluster.find(context):
            if cluster.source == "aws_eks_cluster":
                yield cls(cluster.instance, cluster.address, cluster=cluster)

    def lookup(self) -> str | None:
        """Return ``data.aws_eks_addon_version.name`` when exactly one looks up the version of this add-on."""
        if self.addon is None:
            return None
        found = [
            f"data.aws_eks_addon_version.{each.name}"
            for each in self.instance.module.resources_of("data.aws_eks_addon_version")
            if each.key is None and each.body.attr("addon_name").data == self.addon.name
        ]
        return found[0] if len(found) == 1 else None


def manages_core_addons(context: Context) -> bool:
    """Tell whether a core add-on is an EKS add-on; raises :class:`UndecidedError` when that may be."""
    if any(each.name in CORE_ADDONS for each in Addon.find(context)):
        return True
    for path in context.tree.containing(CORE_ADDONS, (*CONFIGURATION_SUFFIXES, ".tfvars")):
        raise UndecidedError(f"`{path}` mentions core add-ons, but not in a way that is read here")
    for module in context.root.walk():
        for instance in module.resources_of("aws_eks_addon"):
            if instance.body.attr("addon_name").is_unknown:
                raise UndecidedError(f"the name of `{instance.address}` is not known from the code")
    return False
