"""Launch templates, and which one a node group uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.body import BlockBody, Body, ValueBody
from reviewer.terraform.value import UndecidedError
from reviewer.views.network.vpc import refers_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.terraform.instance import Instance
    from reviewer.views.cluster.node_group import NodeGroup

_BOOT = re.compile(r"user_?data|bootstrap|kubelet_|cloudinit")
_NOTHING: tuple[object, ...] = (None, False, "", (), {})
_REFERENCE = re.compile(r"(aws_launch_template\.[\w-]+)")


def template_reference(group: NodeGroup) -> str | None:
    """Return ``aws_launch_template.name`` when a resource uses such a template of its module; else None."""
    block = _block(group)
    for name in ("id", "name"):
        attribute = block.block.attributes.get(name) if block is not None else None
        match = _REFERENCE.search(attribute.expression.text) if attribute is not None else None
        if match is not None and match[1] in group.instance.module.declarations.resources:
            return match[1]
    return None


def has_user_data(group: NodeGroup) -> bool:
    """Tell whether nodes run a script when they boot, which is written for one system; or may do so."""
    written = (body.attr(name) for body in group.bodies for name in _names(body) if _BOOT.search(name))
    if any(each.data not in _NOTHING for each in written):
        return True
    if group.source != "aws_eks_node_group":
        return False
    try:
        template = template_of(group)
    except UndecidedError:
        return True
    return template is not None and template.body.has("user_data")


def _names(body: Body) -> Iterable[str]:
    """Return the names of the arguments of a group, as far as they are known."""
    if isinstance(body, BlockBody):
        return body.block.attributes
    return body.value.data if isinstance(body, ValueBody) and isinstance(body.value.data, Mapping) else ()


def template_of(group: NodeGroup) -> Instance | None:
    """Return the launch template of a node group that is a resource, None when it has none.

    Raises :class:`UndecidedError` when the template is not in the same module, or may be any of several.
    """
    block = _block(group)
    if block is None:
        return None
    reference = template_reference(group)
    instances = group.instance.module.resource(reference).instances if reference is not None else ()
    if not instances:
        raise UndecidedError(f"the launch template of `{group.address}` is not in the code")
    if len(instances) == 1:
        return instances[0]
    names = [block.attr(name) for name in ("id", "name")]
    found = next((each for each in instances if any(refers_to(name, each) for name in names)), None)
    if found is None:
        raise UndecidedError(f"which launch template `{group.address}` uses is not known from the code")
    return found


def _block(group: NodeGroup) -> BlockBody | None:
    found = group.bodies[0].blocks("launch_template").first()
    return found if isinstance(found, BlockBody) else None
