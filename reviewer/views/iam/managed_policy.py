"""Policies attached to roles, users and groups by their ARN, however that is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import Unknown, Value, string
from reviewer.views.module_source import EKS_MODULE, module_source
from reviewer.views.text import end_of
from reviewer.views.view import View

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.context import Context

_ATTACHMENTS = {
    "aws_iam_role_policy_attachment": ("policy_arn", "role"),
    "aws_iam_user_policy_attachment": ("policy_arn", "user"),
    "aws_iam_group_policy_attachment": ("policy_arn", "group"),
    "aws_iam_policy_attachment": ("policy_arn", "roles"),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", "role_name"),
    "aws_iam_role": ("managed_policy_arns", ""),
}
_SHARED_NAME = "iam_role_additional_policies"
"""What modules of EKS and of other services call the policies of the one role that they make."""

_ARN = re.compile(r"(?:arn:[^:]*)?:iam::aws:policy/(?P<name>.+)")
_LOOKUP = re.compile(r"data\.aws_iam_policy\.([\w-]+)(?:\[[^\]]*\])?\.arn")


class AttachedPolicy(View):
    """``arn`` is one policy, ``owner`` who gets it: ``role``, ``user``, ``group``, ``cluster``, ``nodes``.

    ``attribute`` is the path of the argument. ``role`` is the attached role's name or a reference to it, null
    in modules.
    """

    arn: Value
    owner: str
    kind: str
    attribute: str
    role: Value

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every attachment; an unknown list of policies is one attachment of an unknown policy."""
        for module in context.root.walk():
            for instance in module.resources_of(*_ATTACHMENTS):
                yield from cls._of_resource(instance)
            for call in module.calls():
                if module_source(call) is not None:
                    yield from cls._of_call(call)

    @classmethod
    def _of_resource(cls, instance: Instance) -> Iterator[Self]:
        argument, holder = _ATTACHMENTS[instance.type]
        role = instance.body.attr(holder) if holder else _name_of(instance)
        kind = next((each for each in ("user", "group") if holder == each), "role")
        for arn in _each(instance.body.attr(argument)):
            yield cls(instance, instance.address, arn, _owner(role, instance), kind, argument, role)

    @classmethod
    def _of_call(cls, call: Instance) -> Iterator[Self]:
        source = module_source(call)
        is_cluster = source is not None and source.name == EKS_MODULE and not source.submodule
        makes_nodes = source is not None and source.name.split("/")[1].startswith("eks")
        for path, body in _holders(call):
            for group, arguments in table("managed_policies")["arguments"].items():
                for argument in arguments:
                    kind = group
                    if group == "nodes" and not path and argument == _SHARED_NAME:
                        kind = "cluster" if is_cluster else "nodes" if makes_nodes else "role"
                    for arn in _each(body.attr(argument)):
                        owner = call.address
                        yield cls(call, call.address, arn, owner, kind, f"{path}{argument}", Value(None))

    @property
    def policy(self) -> str | None:
        """Return the name of the AWS managed policy, None for a policy of the customer's own.

        Raises :class:`UndecidedError` when the code does not tell.
        """
        data, text = self.arn.data, end_of(self.arn)
        match = _ARN.fullmatch(text) if text else None
        if match is not None:
            return match["name"]
        looked_up = _looked_up(self.instance.module, self.arn)
        if looked_up is not None:
            return looked_up
        if isinstance(data, Unknown) and (data.reference or "").startswith(("aws_iam_policy.", "module.")):
            return None
        self.arn.require()
        return None


def is_broad(policy: str) -> bool:
    """Tell whether an AWS managed policy grants far more than any one workload needs."""
    policies = table("managed_policies")
    name = policy.removeprefix("service-role/")
    return name in policies["broad"] or name.endswith(policies["broad_suffix"])


def _holders(call: Instance) -> Iterator[tuple[str, Body]]:
    """Yield the call itself and each node group in it, with its path."""
    yield "", call.body
    for name in table("managed_policies")["node_groups"]:
        groups = call.body.attr(name)
        if name.endswith("_defaults"):
            yield f"{name}.", ValueBody(groups)
        elif isinstance(groups.data, Mapping):
            for key, group in groups.data.items():
                if not group.is_unknown:
                    yield f"{name}.{key}.", ValueBody(group)


def _each(arns: Value) -> Iterator[Value]:
    """Yield single ARNs of one, a list, a set or a map of them."""
    if isinstance(arns.data, Unknown):
        yield arns
    else:
        yield from arns.elements()


def _looked_up(module: ModuleInstance, arn: Value) -> str | None:
    """Return the name that a ``data.aws_iam_policy`` asks for."""
    reference = arn.reference
    match = _LOOKUP.search(reference or "")
    address = f"data.aws_iam_policy.{match[1]}" if match else None
    if address is None or address not in module.declarations.resources:
        return None
    for instance in module.resource(address).instances:
        name = instance.body.attr("name").data
        if isinstance(name, str):
            return name
    return None


def _name_of(role: Instance) -> Value:
    return role.body.attr("name") if role.body.has("name") else string(role.name)


def _owner(role: Value, instance: Instance) -> str:
    """Return who gets the policy: the address that a reference names, a name, or the attachment itself."""
    if instance.type == "aws_iam_role":
        return instance.address
    first = role.data[0] if isinstance(role.data, tuple) and role.data else role
    if isinstance(first.data, str):
        return first.data
    reference = first.reference
    return re.sub(r"\.(?:name|id|arn)$", "", reference) if reference else instance.address
