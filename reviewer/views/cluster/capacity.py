"""How a node group buys its capacity: spot or on demand, and from how many pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.terraform.value import NULL, UndecidedError
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.launch_template import template_of
from reviewer.views.cluster.machines import Machines
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.component.component import find_component, find_here, find_in_root
from reviewer.views.fact import is_true
from reviewer.views.inputs import has_blocks

if TYPE_CHECKING:
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_ALL = 100
_PLACED = ("placement", "capacity_reservation_specification")
"""Blocks of a launch template that tie instances to a place, or to capacity that is in one."""


def is_spot(group: NodeGroup) -> bool:
    """Tell whether all nodes of a group are spot instances."""
    if group.is_managed:
        return group.fact("capacity_type").value.test(lambda kind: kind == "SPOT")
    if group.fact("market_type").value.test(lambda kind: kind == "spot"):
        return True
    if not group.fact("spot_price").value.is_null:
        return True
    if group.fact("override_types").value.elements():
        return all(_number(group.fact(each).value) == 0 for each in ("on_demand_base", "on_demand_share"))
    policy = group.mixed_policy()
    share = policy.blocks("instances_distribution").first() if policy is not None else None
    if share is None:
        return False
    base = _number(share.attr("on_demand_base_capacity")) or 0
    above = _number(share.attr("on_demand_percentage_above_base_capacity"))
    return base == 0 and above == 0


def _number(value: Value) -> object:
    return convert(value, NUMBER).require()


def is_placed(group: NodeGroup) -> bool:
    """Tell whether a group must be where it is: accelerators, reserved capacity, or a placement group."""
    if group.is_accelerated() or bool(group.fact("placement").value.data):
        return True
    if group.is_managed and group.fact("capacity_type").value.data == "CAPACITY_BLOCK":
        return True
    try:
        template = template_of(group)
    except UndecidedError:
        return False
    return template is not None and any(has_blocks(template.body, each) for each in _PLACED)


def spot_pools(group: NodeGroup) -> int | None:
    """Return how many instance types a group may use; None when they are chosen by attributes.

    A group without types of its own has one: what its launch template says, or the default of the API.
    """
    if not group.is_managed and not group.fact("instance_requirements").value.is_null:
        return None
    if group.mixed_policy() is None:
        return len(group.types.value.elements()) or 1
    overrides = group.overrides().require()
    if any(
        each.has("instance_requirements") or each.blocks("instance_requirements").known for each in overrides
    ):
        return None
    return len(overrides) or 1


def has_other_baseline(group: NodeGroup, context: Context) -> bool:
    """Tell whether something else than spot groups runs pods and would survive a wave of reclaims.

    Only the first of several spot groups is told that nothing does, and only beside the cluster itself:
    elsewhere more groups may be declared.
    """
    clusters, first = Cluster.find(context), next(iter(NodeGroup.find(context)))
    if next(iter(clusters), None) is None or first.address != group.address:
        return True
    if has_auto_mode(context):
        return True
    if not all(map(is_spot, NodeGroup.find(context))):
        return True
    return has_fargate(context)


def has_fargate(context: Context) -> bool:
    """Tell whether some pods run on Fargate, or raise :class:`UndecidedError`."""
    return find_in_root(context, "fargate") is not None


def has_no_nodes(context: Context) -> bool:
    """Tell whether all pods run on Fargate, or raise :class:`UndecidedError`; Karpenter on it makes nodes."""
    if not has_fargate(context) or list(NodeGroup.find(context)) or has_auto_mode(context):
        return False
    return find_component(context, "karpenter") is None


def has_karpenter(context: Context) -> bool:
    """Tell whether Karpenter makes nodes beside those of groups, or raise :class:`UndecidedError`.

    What another root module installs may be for this cluster or for another one.
    """
    if find_in_root(context, "karpenter") is not None:
        return True
    elsewhere = find_here(context, "karpenter")
    if elsewhere is None:
        return False
    place = "" if elsewhere.at is None else f" (`{elsewhere.at}`)"
    raise UndecidedError(f"`{elsewhere.what}`{place} installs Karpenter, on this cluster or on another one")


def has_auto_mode(context: Context) -> bool:
    """Tell whether EKS Auto Mode makes nodes beside those of groups, or raise :class:`UndecidedError`."""
    return any(each.fact("auto_mode").value.test(is_true) for each in Cluster.find(context))


def has_mixed_capacity(group: NodeGroup) -> bool:
    """Tell whether a self-managed group mixes spot and on-demand instances."""
    policy = group.mixed_policy()
    share = policy.blocks("instances_distribution").first() if policy is not None else None
    above = share.attr("on_demand_percentage_above_base_capacity") if share is not None else NULL
    percentage = _number(above)
    return isinstance(percentage, int) and percentage < _ALL


def carries_sustained_load(machines: Machines, context: Context) -> bool:
    """Tell whether a group is where the applications run: not one for add-ons, nor beside faster groups."""
    if machines.group is None or machines.group.is_for_system():
        return False
    others = [each for each in Machines.find(context) if each.group is not machines.group]
    if any(kind for each in others for kind, _ in each.known() if not kind.is_burstable):
        return False
    if has_auto_mode(context):
        return False
    return find_component(context, "karpenter") is None
