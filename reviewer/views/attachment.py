"""What a security group protects, as far as references in the code tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.terraform.value import Unknown, Value
from reviewer.views.fact import is_false, is_true
from reviewer.views.security_rule_sources import without_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.checks.context import Context
    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance, ModuleInstance
    from reviewer.views.security_rule import SecurityRule

_PLACES = {
    "aws_eks_cluster": (("vpc_config", "security_group_ids"),),
    "aws_launch_template": (("", "vpc_security_group_ids"), ("network_interfaces", "security_groups")),
    "aws_db_instance": (("", "vpc_security_group_ids"),),
    "aws_rds_cluster": (("", "vpc_security_group_ids"),),
    "aws_docdb_cluster": (("", "vpc_security_group_ids"),),
    "aws_elasticache_cluster": (("", "security_group_ids"),),
    "aws_elasticache_replication_group": (("", "security_group_ids"),),
    "aws_opensearch_domain": (("vpc_options", "security_group_ids"),),
    "aws_elasticsearch_domain": (("vpc_options", "security_group_ids"),),
    "aws_efs_mount_target": (("", "security_groups"),),
    "aws_lb": (("", "security_groups"),),
    "aws_alb": (("", "security_groups"),),
    "aws_elb": (("", "security_groups"),),
}
_BALANCERS = frozenset({"aws_lb", "aws_alb", "aws_elb"})
_CONTROLLER_TAGS = ("elbv2.k8s.aws/", "ingress.k8s.aws/", "service.k8s.aws/")


@dataclass(frozen=True, slots=True, eq=False)
class Attachment:
    """``what`` has the group, for people. ``is_public`` is true for what is meant to face the internet."""

    what: str
    is_public: bool


def attachments(rule: SecurityRule, context: Context) -> tuple[Attachment, ...]:
    """Return what the group of a rule is attached to; () when nothing in the code tells."""
    own = _of_cluster(rule)
    if own is not None:
        return (own,)
    found: Mapping[str, tuple[Attachment, ...]] = context.configuration.derived(_collect, context.root)
    return found.get(rule.group, ())


def serves_ingress(rule: SecurityRule) -> bool:
    """Tell whether the tags of a group say that the AWS Load Balancer Controller uses it."""
    tags = rule.instance.body.attr("tags")
    return (
        any(key.startswith(_CONTROLLER_TAGS) for key in tags.data) if isinstance(tags.data, dict) else False
    )


def _of_cluster(rule: SecurityRule) -> Attachment | None:
    """Return the cluster or its nodes for the groups that EKS or its module makes."""
    if rule.group.startswith("aws_eks_cluster.") or ".aws_eks_cluster." in rule.group:
        return Attachment("the cluster", is_public=False)
    name = rule.group.rpartition(".")[2]
    if name == "node_security_group_id" or rule.attribute.startswith(
        ("node_", "eks_managed", "self_managed")
    ):
        return Attachment("the nodes", is_public=False)
    names = {"cluster_security_group_id", "cluster_primary_security_group_id"}
    if name in names or rule.attribute.startswith(("cluster_security", "security_group_additional")):
        return Attachment("the cluster", is_public=False)
    return None


def _collect(root: ModuleInstance) -> Mapping[str, tuple[Attachment, ...]]:
    found: dict[str, list[Attachment]] = {}
    for module in root.walk():
        for instance in module.resources():
            if instance.kind == "resource" and instance.type in _PLACES:
                attachment = _attachment(instance)
                for group in _groups(instance) if attachment is not None else ():
                    found.setdefault(group, []).extend([attachment] if attachment else [])
    return {group: tuple(each) for group, each in found.items()}


def _attachment(instance: Instance) -> Attachment | None:
    """Return what the instance is; None for a load balancer of which it is unknown whether it is internal."""
    if instance.type not in _BALANCERS:
        return Attachment(f"`{instance.address}`", is_public=False)
    internal = instance.body.attr("internal").data
    if is_true(internal):
        return Attachment(f"the internal load balancer `{instance.address}`", is_public=False)
    if internal is None or is_false(internal):
        return Attachment(f"`{instance.address}`", is_public=True)
    return None


def _groups(instance: Instance) -> Iterator[str]:
    for block, argument in _PLACES[instance.type]:
        bodies: tuple[Body, ...] = tuple(instance.body.blocks(block)) if block else (instance.body,)
        for body in bodies:
            value = body.attr(argument)
            elements = value.data if isinstance(value.data, tuple) else (value,)
            yield from filter(None, map(_address, elements))


def _address(group: Value) -> str | None:
    data = group.data
    if isinstance(data, str):
        return data
    reference = data.reference if isinstance(data, Unknown) else None
    return without_id(reference) if reference else None
