"""Where rules of security groups are written: blocks, resources of their own, and the inputs of modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.body import Blocks, Body, ValueBody
from reviewer.terraform.value import NULL, Unknown, Value, string, tuple_of, unknown
from reviewer.views.module_source import EKS_MODULE, module_source

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance

INGRESS, EGRESS = "ingress", "egress"

SINGLE_RULES = {
    "aws_vpc_security_group_ingress_rule": INGRESS,
    "aws_vpc_security_group_egress_rule": EGRESS,
}
"""Resources that are one rule, of a fixed direction."""

_EKS_RULES = (
    "cluster_security_group_additional_rules",
    "security_group_additional_rules",
    "node_security_group_additional_rules",
)
_EKS_GROUPS = ("eks_managed_node_groups", "self_managed_node_groups")
_GROUP_RULES = {"security_group_ingress_rules": INGRESS, "security_group_egress_rules": EGRESS}
_FAMILIES = ("cidr_blocks", "ipv6_cidr_blocks")


class WrittenRule(Record, eq=False):
    """``attribute`` is the path in the instance. A wholly unknown one stands for those that may be."""

    body: Body
    direction: Value
    attribute: str = ""


_OUTPUTS = (".id", ".security_group_id")


def group_of(value: Value) -> str | None:
    """Return the group that a value is the id of: that id, or the group's address; None where unknown."""
    if isinstance(value.data, str):
        return value.data
    reference = value.reference
    if not reference:
        return None
    return next((reference.removesuffix(each) for each in _OUTPUTS if reference.endswith(each)), reference)


def written_rules(instance: Instance) -> Iterator[WrittenRule]:
    """Yield the rules that a resource or module call makes."""
    if instance.kind == "resource":
        yield from _of_resource(instance)
    elif instance.kind == "module":
        yield from _of_call(instance)


def _of_resource(resource: Instance) -> Iterator[WrittenRule]:
    body = resource.body
    if resource.type in {"aws_security_group", "aws_default_security_group"}:
        for direction in (INGRESS, EGRESS):
            yield from _of_blocks(body.blocks(direction), direction)
    elif resource.type == "aws_security_group_rule":
        yield WrittenRule(body, body.attr("type"))
    elif resource.type in SINGLE_RULES:
        yield WrittenRule(body, string(SINGLE_RULES[resource.type]))


def _of_blocks(blocks: Blocks, direction: str) -> Iterator[WrittenRule]:
    for body in blocks:
        yield WrittenRule(body, string(direction), direction)
    if blocks.undecided is not None:
        yield _undecided(blocks.undecided, direction, direction)


def _undecided(reason: str, direction: str, attribute: str) -> WrittenRule:
    return WrittenRule(ValueBody(unknown(reason)), string(direction), attribute)


def _of_call(call: Instance) -> Iterator[WrittenRule]:
    source = module_source(call)
    name = source.name if source else None
    if name == EKS_MODULE:
        yield from _of_eks(call.body)
    elif source is not None and name == "terraform-aws-modules/security-group/aws":
        yield from _of_security_group(call.body)
        rule = table("sensitive_ports")["module_groups"].get(source.submodule.rpartition("/")[2])
        if rule is not None:
            names = tuple_of((string(rule, call.range),))
            yield from _named(call.body, names, "ingress_cidr_blocks", INGRESS)


def _of_eks(body: Body) -> Iterator[WrittenRule]:
    """Yield the rules of every generation of the EKS module, and of single node groups (since 21)."""
    for argument in _EKS_RULES:
        yield from _of_map(body.attr(argument), None, argument)
    for argument, direction in _GROUP_RULES.items():
        yield from _of_map(body.attr(argument), direction, argument)
        for name in _EKS_GROUPS:
            groups = body.attr(name).data
            for key, group in groups.items() if isinstance(groups, Mapping) else ():
                rules = ValueBody(group).attr(argument) if not group.is_unknown else NULL
                yield from _of_map(rules, direction, f"{name}.{key}.{argument}")


def _of_map(rules: Value, direction: str | None, attribute: str) -> Iterator[WrittenRule]:
    """Yield the rules of a map or list of objects; without a ``direction`` each says its own in ``type``."""
    if isinstance(rules.data, Unknown):
        yield _undecided(rules.data.reason, direction or INGRESS, attribute)
        return
    for rule in rules.elements():
        body = ValueBody(rule)
        kind = string(direction) if direction else body.attr("type")
        yield WrittenRule(body, string(INGRESS) if kind.is_null else kind, attribute)


def _of_security_group(body: Body) -> Iterator[WrittenRule]:
    """Yield the rules of terraform-aws-modules/security-group: spelled out, or named by the module."""
    for prefix in ("", "computed_"):
        for direction in (INGRESS, EGRESS):
            for family in _FAMILIES:
                yield from _spelled_out(body, f"{prefix}{direction}_with_{family}", direction, family)
            argument = f"{prefix}{direction}_rules"
            yield from _named(body, body.attr(argument), argument, direction)


def _spelled_out(body: Body, argument: str, direction: str, family: str) -> Iterator[WrittenRule]:
    rules = body.attr(argument)
    if isinstance(rules.data, Unknown):
        yield _undecided(rules.data.reason, direction, argument)
        return
    for rule in rules.elements():
        if not isinstance(rule.data, Mapping):
            yield WrittenRule(ValueBody(rule), string(direction), argument)
            continue
        fields = {family: body.attr(f"{direction}_{family}"), **rule.data}
        name = fields.get("rule", NULL)
        if isinstance(name.data, str) and "from_port" not in fields:
            fields |= _ports_of(name.data)
        yield WrittenRule(ValueBody(Value(fields, rule.type, rule.origins)), string(direction), argument)


def _named(body: Body, names: Value, argument: str, direction: str) -> Iterator[WrittenRule]:
    """Yield rules such as ``ssh-tcp``, which apply to all of the module's own lists of CIDR blocks."""
    if isinstance(names.data, Unknown):
        yield _undecided(names.data.reason, direction, argument)
        return
    for name in names.elements():
        fields = _ports_of(name.data) if isinstance(name.data, str) else {"protocol": name}
        fields |= {family: body.attr(f"{direction}_{family}") for family in _FAMILIES}
        fields["description"] = string("given by the module")
        yield WrittenRule(ValueBody(Value(fields, origins=name.origins)), string(direction), argument)


def _ports_of(name: str) -> dict[str, Value]:
    row = table("sensitive_ports")["module_rules"].get(name)
    if row is None:
        missing = unknown(f"the ports of the module's rule `{name}` are not known")
        return {"protocol": missing, "from_port": missing, "to_port": missing}
    return {"protocol": string(row["protocol"]), "from_port": Value(row["from"]), "to_port": Value(row["to"])}
