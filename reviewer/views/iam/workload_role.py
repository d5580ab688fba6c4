"""Whether add-ons can act in AWS: their roles, and the trust of roles for EKS Pod Identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.cluster.addon import Addon
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.fact import is_false, is_true
from reviewer.views.iam.iam_statement import IamStatement
from reviewer.views.iam.managed_policy import AttachedPolicy
from reviewer.views.iam.node_role import is_of_nodes, roles_of_nodes
from reviewer.views.iam.policy_source import Purpose
from reviewer.views.iam.role_trust import is_of_cluster
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

POD_IDENTITY = "pods.eks.amazonaws.com"
_MODULE = "terraform-aws-modules/eks-pod-identity/aws"
_ANNOTATION = "eks.amazonaws.com/role-arn"


class WorkloadRole(View):
    """Either an ``addon`` that calls AWS, or a ``statement`` that lets EKS Pod Identity assume a role."""

    addon: Addon | None = None
    statement: IamStatement | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every such add-on, then every such statement."""
        known = table("addon_roles")["addons"]
        for addon in Addon.find(context):
            row = known.get(addon.name)
            if row is not None and (not row.get("ipv6_only") or _is_ipv6(addon, context)):
                yield cls(addon.instance, addon.address, addon=addon)
        for statement in IamStatement.find(context):
            if _is_for_pods(statement):
                yield cls(statement.instance, statement.address, statement=statement)

    @property
    def header(self) -> Range:
        """Return the first line of the entry or the block."""
        return self.addon.header if self.addon is not None else self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether changed lines touch the add-on; a statement is touched as its block is."""
        return self.addon.is_touched(changed) if self.addon is not None else None


def has_role(addon: Addon, context: Context) -> bool:
    """Tell whether an add-on has a role of its own, or nodes whose role does.

    Raises :class:`UndecidedError` when the code does not show it.
    """
    row = table("addon_roles")["addons"][addon.name]
    return (
        _has_own(addon)
        or (addon.name == "aws-ebs-csi-driver" and _is_auto(context))
        or _is_associated(row, context)
        or _nodes_have(row, context)
    )


def is_role_of_pods(principal: Value, context: Context) -> bool:
    """Tell whether a principal is a role of the code that pods assume: with EKS Pod Identity, or IRSA."""
    reference = principal.reference
    role = (reference or "").removesuffix(".arn")
    if "aws_iam_role." not in role:
        return False
    for statement in IamStatement.find(context):
        addresses = {each.address for each in (statement.instance, *statement.source.users)}
        is_trust = role in addresses and statement.is_for(Purpose.TRUST) and bool(statement.principals)
        if is_trust and (_is_for_pods(statement) or is_of_cluster(statement)):
            return True
    return any(
        _refers(each.body.attr("role_arn"), reference)
        for module in context.root.walk()
        for each in module.resources_of("aws_eks_pod_identity_association")
    )


def _refers(value: Value, reference: str | None) -> bool:
    return isinstance(value.data, Unknown) and value.data.reference == reference


def _is_for_pods(statement: IamStatement) -> bool:
    for principal in statement.principals or ():
        identifiers = principal.identifiers
        elements = identifiers.data if isinstance(identifiers.data, tuple) else (identifiers,)
        if any(each.data == POD_IDENTITY for each in elements):
            return True
    return False


def _is_ipv6(addon: Addon, context: Context) -> bool:
    """Tell whether an add-on that is a resource certainly runs in a cluster of IPv6 addresses."""
    clusters = [each for each in Cluster.find(context) if each.source == "aws_eks_cluster"]
    families = [
        block.attr("ip_family").data
        for each in clusters
        for block in each.body.blocks("kubernetes_network_config")
    ]
    return addon.entry is None and len(clusters) == 1 and families == ["ipv6"]


def _has_own(addon: Addon) -> bool:
    if not addon.body.attr("service_account_role_arn").is_null:
        return True
    blocks = addon.body.blocks("pod_identity_association")
    if blocks.known or blocks.undecided:
        return True
    configuration = addon.configuration
    if configuration.is_unknown:
        configuration.require()
    return isinstance(configuration.data, str) and _ANNOTATION in configuration.data


def _is_auto(context: Context) -> bool:
    """Tell whether a cluster runs in Auto Mode, which has block storage built in."""
    return any(is_true(each.fact("auto_mode").value.data) for each in Cluster.find(context))


def _is_associated(row: Mapping[str, Any], context: Context) -> bool:
    """Tell whether EKS Pod Identity gives the add-on's service account a role elsewhere in the code."""
    for module in context.root.walk():
        for instance in module.resources_of("aws_eks_pod_identity_association"):
            if instance.body.attr("service_account").test(lambda name: name in row["accounts"]):
                return True
        for call in module.calls():
            source = module_source(call)
            flags = row["flags"] if source is not None and source.name == _MODULE else ()
            if any(is_true(call.body.attr(flag).data) for flag in flags):
                return True
    return False


def _nodes_have(row: Mapping[str, Any], context: Context) -> bool:
    """Tell whether all that an add-on needs is attached to the role of nodes in the code."""
    roles = roles_of_nodes(context)
    attached = [each for each in AttachedPolicy.find(context) if is_of_nodes(each, roles)]
    if any((each.policy or "").rpartition("/")[2] in row["policies"] for each in attached):
        return True
    if any(each.policy is None for each in attached):
        raise UndecidedError(
            "a policy of one's own is attached to the nodes and may allow what the add-on needs"
        )
    _require_known_roles(context)
    return False


def _require_known_roles(context: Context) -> None:
    """Raise :class:`UndecidedError` when nodes run with a role that is not in the code."""
    groups = list(NodeGroup.find(context))
    if not groups:
        raise UndecidedError("the role of the nodes is not in the code")
    for group in groups:
        body = group.bodies[0]
        given = body.attr("node_role_arn" if group.source == "aws_eks_node_group" else "iam_role_arn")
        data = given.data
        is_own = isinstance(data, Unknown) and "aws_iam_role." in (data.reference or "")
        foreign = not given.is_null and not is_own
        if foreign or is_false(body.attr("create_iam_role").data):
            raise UndecidedError(f"the role of `{group.address}` is not in the code")
