"""The roles that nodes run with, and the policies attached to them: what every pod on a node can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.iam.managed_policy import AttachedPolicy
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_PODS_ONLY = ("fargate_profiles.", "fargate_profile_defaults.")


class NodeRolePolicy(View):
    """One policy of a node role: ``attached`` by its ARN, or written ``inline`` at ``at``."""

    attached: AttachedPolicy | None
    attribute: str
    at: Range

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every policy of every role that nodes are known to run with."""
        roles = roles_of_nodes(context)
        for each in AttachedPolicy.find(context):
            if is_of_nodes(each, roles):
                yield cls(each.instance, each.address, each, each.attribute, each.arn.supplier or each.header)
        for module in context.root.walk():
            for instance in module.resources_of("aws_iam_role_policy"):
                if roles.include(instance.body.attr("role")):
                    yield cls(instance, instance.address, None, "policy", instance.range)
            own = (each for each in module.resources_of("aws_iam_role") if each.address in roles.addresses)
            for instance in own:
                for block in instance.body.blocks("inline_policy"):
                    where = block.range or instance.range
                    yield cls(instance, instance.address, None, "inline_policy", where)


class NodeRoles(Record):
    """The roles of nodes: ``addresses`` in the code, and ``names`` by which attachments may know them."""

    addresses: frozenset[str]
    names: frozenset[str]

    def include(self, role: Value) -> bool:
        """Tell whether a value is the name, id or ARN of one of the roles."""
        return _role_of(role) in self.addresses or (isinstance(role.data, str) and role.data in self.names)


def is_of_nodes(attached: AttachedPolicy, roles: NodeRoles) -> bool:
    """Tell whether a policy is attached to one of ``roles``, or to one that a module makes for nodes."""
    if attached.kind == "nodes":
        return not attached.attribute.startswith(_PODS_ONLY)
    if attached.instance.type == "aws_iam_role":
        return attached.address in roles.addresses
    holders = attached.role.data if isinstance(attached.role.data, tuple) else (attached.role,)
    return any(roles.include(each) for each in holders)


def roles_of_nodes(context: Context) -> NodeRoles:
    """Return the roles in the code that node groups run with."""
    found: NodeRoles = context.configuration.derived(_collect, context)
    return found


def _collect(context: Context) -> NodeRoles:
    arguments = tuple(_role_arguments(context))
    given = {each.data for each in arguments if isinstance(each.data, str)}
    addresses = {_role_of(each) for each in arguments}
    names = set[str]()
    for module in context.root.walk():
        for each in module.resources_of("aws_iam_role"):
            name = each.body.attr("name").data
            if each.address in addresses or (isinstance(name, str) and name in given):
                addresses.add(each.address)
                names.update({name} if isinstance(name, str) else ())
    return NodeRoles(frozenset(each for each in addresses if each is not None), frozenset(names))


def _role_arguments(context: Context) -> Iterator[Value]:
    """Yield the roles of managed groups, and those of the instance profiles of launch templates they use."""
    made = {
        each.address: each
        for module in context.root.walk()
        for each in module.resources_of("aws_launch_template", "aws_iam_instance_profile")
    }
    for group in NodeGroup.find(context):
        body = group.instance.body
        if group.source == "aws_eks_node_group":
            yield body.attr("node_role_arn")
        elif group.instance.kind == "module":
            yield group.bodies[0].attr("iam_role_arn")
        for block in body.blocks("launch_template") if group.instance.kind == "resource" else ():
            template = made.get(_address(block.attr("id")) or _address(block.attr("name")) or "")
            for profile in template.body.blocks("iam_instance_profile") if template is not None else ():
                address = _address(profile.attr("name")) or _address(profile.attr("arn"))
                holder = made.get(address or "")
                if holder is not None:
                    yield holder.body.attr("role")


def _role_of(value: Value) -> str | None:
    """Return the address of the role that a value is the name, id or ARN of."""
    address = _address(value)
    return address if address is not None and "aws_iam_role." in address else None


def _address(value: Value) -> str | None:
    """Return the address of the resource that a value is an attribute of."""
    reference = value.reference
    return reference.rpartition(".")[0] if reference else None
