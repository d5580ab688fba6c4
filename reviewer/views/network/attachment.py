"""What a security group protects, as far as references in the code tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.body import ValueBody, elements_with_keys
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.fact import is_false, is_true
from reviewer.views.kubernetes.ingress import annotation
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.module_source import module_source
from reviewer.views.network.security_rule_sources import group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context
    from reviewer.views.network.security_rule import SecurityRule

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
_CONTROLLER_ANNOTATIONS = (
    "alb.ingress.kubernetes.io/security-groups",
    "service.beta.kubernetes.io/aws-load-balancer-security-groups",
)
"""How an Ingress or a Service names the groups of the load balancer that is made for it."""


class Attachment(Record, eq=False):
    """``what`` has the group, for people.

    ``is_public`` is true for what is meant to face the internet, None for a load balancer that may.
    """

    what: str
    is_public: bool | None


def attachments(rule: SecurityRule, context: Context) -> tuple[Attachment, ...]:
    """Return what the group of a rule is attached to; () when nothing in the code tells."""
    own = _of_cluster(rule)
    if own is not None:
        return (own,)
    found: Mapping[str, tuple[Attachment, ...]] = context.configuration.derived(_collect, context)
    return found.get(rule.group, ())


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


def _collect(context: Context) -> Mapping[str, tuple[Attachment, ...]]:
    found: dict[str, list[Attachment]] = {}
    origins = frozenset(_cloudfront_origins(context))
    for module in context.root.walk():
        for instance in (*module.resources(), *module.calls()):
            if instance.kind == "resource" and instance.type in _PLACES:
                attachment = _attachment(instance, origins)
                for group in _groups(instance):
                    found.setdefault(group, []).append(attachment)
            elif _is_tagged(instance):
                found.setdefault(instance.address, []).append(_CONTROLLER)
    for each in KubernetesObject.find(context):
        for group in _annotated(each) if each.kind in {"Ingress", "Service"} else ():
            found.setdefault(group, []).append(_CONTROLLER)
    return {group: tuple(each) for group, each in found.items()}


_CONTROLLER = Attachment("a load balancer of the AWS Load Balancer Controller", is_public=True)


def _attachment(instance: Instance, origins: frozenset[str]) -> Attachment:
    """Return what the instance is. CloudFront in front makes an internal load balancer a public one."""
    name = f"`{instance.address}`"
    if instance.type not in _BALANCERS:
        return Attachment(name, is_public=False)
    internal = instance.body.attr("internal").data
    if internal is None or is_false(internal) or instance.address in origins:
        return Attachment(name, is_public=True)
    if is_true(internal):
        return Attachment(f"the internal load balancer {name}", is_public=False)
    return Attachment(f"the load balancer {name}", is_public=None)


def _cloudfront_origins(context: Context) -> Iterator[str]:
    """Yield the addresses of what CloudFront forwards to, by the name or the ARN that it is given."""
    for module in context.root.walk():
        for instance in module.resources_of("aws_cloudfront_distribution"):
            yield from _owners(each.attr("domain_name") for each in instance.body.blocks("origin"))
        for instance in module.resources_of("aws_cloudfront_vpc_origin"):
            endpoints = instance.body.blocks("vpc_origin_endpoint_config")
            yield from _owners(each.attr("arn") for each in endpoints)
        for call in module.calls():
            source = module_source(call)
            if source is not None and source.name == "terraform-aws-modules/cloudfront/aws":
                for name, argument in (("origin", "domain_name"), ("vpc_origin", "arn")):
                    entries = elements_with_keys(call.body.attr(name))
                    yield from _owners(ValueBody(entry).attr(argument) for _, entry in entries)


def _owners(values: Iterable[Value]) -> Iterator[str]:
    """Yield the addresses of the resources whose attributes the values are."""
    for value in values:
        reference = value.reference
        if reference is not None:
            yield reference.rpartition(".")[0]


def _is_tagged(instance: Instance) -> bool:
    """Tell whether the tags of a group say that the AWS Load Balancer Controller uses it."""
    if instance.kind != "module" and instance.type != "aws_security_group":
        return False
    tags = instance.body.attr("tags").data
    return isinstance(tags, dict) and any(key.startswith(_CONTROLLER_TAGS) for key in tags)


def _annotated(thing: KubernetesObject) -> Iterator[str]:
    """Yield the groups that an Ingress or a Service asks the AWS Load Balancer Controller to use."""
    for name in _CONTROLLER_ANNOTATIONS:
        try:
            value = annotation(thing, name)
        except UndecidedError:
            continue
        parts = value.data.parts if isinstance(value.data, Unknown) else ()
        written = value.data if isinstance(value.data, str) else ""
        yield from (each.strip() for each in written.split(","))
        yield from filter(None, map(group_of, parts or (value,)))


def _groups(instance: Instance) -> Iterator[str]:
    for block, argument in _PLACES[instance.type]:
        bodies: tuple[Body, ...] = tuple(instance.body.blocks(block)) if block else (instance.body,)
        for body in bodies:
            value = body.attr(argument)
            elements = value.data if isinstance(value.data, tuple) else (value,)
            yield from filter(None, map(group_of, elements))
