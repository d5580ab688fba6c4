"""Launch templates, and which one a node group uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import UndecidedError

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.views.node_group import NodeGroup

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


def template_of(group: NodeGroup) -> Instance | None:
    """Return the launch template of a node group that is a resource, None when it has none.

    Raises :class:`UndecidedError` when the template is not in the same module.
    """
    if _block(group) is None:
        return None
    reference = template_reference(group)
    instances = group.instance.module.resource(reference).instances if reference is not None else ()
    if not instances:
        raise UndecidedError(f"the launch template of `{group.address}` is not in the code")
    return instances[0]


def _block(group: NodeGroup) -> BlockBody | None:
    found = group.bodies[0].blocks("launch_template").first()
    return found if isinstance(found, BlockBody) else None
