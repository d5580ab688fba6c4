"""What restricts outgoing traffic besides network policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.repository_files import YAML_SUFFIXES

if TYPE_CHECKING:
    from reviewer.views.context import Context

_MESH = ("REGISTRY_ONLY", "kind: CiliumEgressGatewayPolicy", "kind: CiliumNetworkPolicy")
FIREWALL = ("aws_networkfirewall_firewall", "network-firewall/aws", "REGISTRY_ONLY")


def egress_control(context: Context) -> bool:
    """Tell whether a mesh, an egress gateway or AWS Network Firewall decides what pods may call."""
    tree = context.tree
    return bool(tree.containing(FIREWALL, CONFIGURATION_SUFFIXES) or tree.containing(_MESH, YAML_SUFFIXES))
