"""Roles, and whether a permissions boundary limits them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.views.fact import is_false
from reviewer.views.module_source import EKS_MODULE, module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.context import Context

_BOUNDARY = re.compile(r"boundar", re.IGNORECASE)
_NEW_IAM = 6
_NEWEST = 99


class RoleBoundary(View):
    """A role, or a module call that makes one. ``arguments`` may hold the boundary, the usual name first."""

    arguments: tuple[str, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every role; service-linked ones, which take no boundary, are other resources."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_iam_role"):
                yield cls(instance, instance.address, ("permissions_boundary",))
            for call in module.calls():
                arguments = _arguments(call)
                if arguments:
                    yield cls(call, call.address, arguments)

    @property
    def written(self) -> str | None:
        """Return the argument that sets a boundary, be it to a variable without value; None without one."""
        return next((each for each in self.arguments if self.instance.body.has(each)), None)

    @property
    def is_limited(self) -> bool:
        """Tell whether a boundary is set, as far as the code shows: null and an empty one limit nothing."""
        return self.written is not None and self.instance.body.attr(self.written).data not in (None, "")

    @property
    def expression(self) -> str:
        """Return the code of the boundary, empty without one."""
        attribute = self.instance.block.attributes.get(self.written or "")
        return attribute.expression.text if attribute is not None else ""


def _arguments(call: Instance) -> tuple[str, ...]:
    source = module_source(call)
    if source is None:
        return ()
    if source.name == EKS_MODULE:
        if source.submodule.endswith("karpenter"):
            return ("iam_role_permissions_boundary_arn", "node_iam_role_permissions_boundary")
        made = not source.submodule and not is_false(call.body.attr("create_iam_role").data)
        return ("iam_role_permissions_boundary",) if made else ()
    if source.name == "terraform-aws-modules/iam/aws" and "role" in source.submodule:
        is_new = any(major >= _NEW_IAM for major in source.majors(1, _NEWEST))
        names = ("permissions_boundary", "role_permissions_boundary_arn")
        return names if is_new else names[::-1]
    if source.name.startswith("cloudposse/eks-"):
        return ("permissions_boundary",)
    return ()


class Practice(Record):
    """That boundaries are in use: ``where``, for people, and the one ``expression`` in the module.

    ``is_set`` is false where one is only declared and no role has it.
    """

    where: str
    expression: str | None
    is_set: bool


def practice_of(role: RoleBoundary, context: Context) -> Practice | None:
    """Return how boundaries are used around a role, None where they are not."""
    others = context.configuration.derived(_limited, context)
    module = role.instance.module
    names = [name for name in module.declarations.variables if _BOUNDARY.search(name)]
    near = {each.expression for each in others if each.instance.module.folder == module.folder}
    if not near and len(names) == 1:
        near = {f"var.{names[0]}"}
    expression = near.pop() if len(near) == 1 else None
    if others:
        return Practice(others[0].address, expression, is_set=True)
    policies = context.configuration.derived(_policies, module)
    where = next(iter((*(f"var.{name}" for name in names), *policies)), None)
    return Practice(where, expression, is_set=False) if where is not None else None


def begins_now(role: RoleBoundary, context: Context) -> bool:
    """Tell whether a role was there before the change and nobody used boundaries then."""
    if context.base is None:
        return False
    before = [each for each in RoleBoundary.find(context.base) if each.address == role.address]
    return bool(before) and practice_of(before[0], context.base) is None


def _limited(context: Context) -> Sequence[RoleBoundary]:
    """Return the roles that have a boundary."""
    return [each for each in RoleBoundary.find(context) if each.is_limited]


def _policies(module: ModuleInstance) -> Sequence[str]:
    """Return the addresses of the policies that are called boundaries."""
    resources = module.declarations.resources
    return [each for each in resources if each.startswith("aws_iam_policy.") and _BOUNDARY.search(each)]
