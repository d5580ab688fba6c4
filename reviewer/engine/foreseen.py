"""What reviews look for in all Terraform code of a repository, so that a large one is read once.

Nothing depends on this list but time: what is not in it is searched for on its own.
"""

from __future__ import annotations

from reviewer.change.search import Foreseen
from reviewer.checks.scaling import AUTOSCALER_TAGS
from reviewer.data import table
from reviewer.engine.roots import RELATIVE_SOURCES
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.cluster.node_subnet import SECOND_RANGES
from reviewer.views.cluster.versioned_addon import CORE_ADDONS
from reviewer.views.component.other_installer import RELEASES, ROLES
from reviewer.views.component.signature import signature
from reviewer.views.kubernetes.egress_control import FIREWALL
from reviewer.views.kubernetes.metrics_user import CLUSTERS
from reviewer.views.repository.repository import PROVIDERS


def foreseen() -> Foreseen:
    """Return the texts that views and checks search the repository for."""
    components = (text for name in table("components")["components"] for text in signature(name).needles())
    fixed = (
        *RELATIVE_SOURCES,
        *PROVIDERS,
        *CLUSTERS,
        *SECOND_RANGES,
        *FIREWALL,
        *CORE_ADDONS,
        *AUTOSCALER_TAGS,
        *RELEASES,
        *ROLES,
        *table("tools")["declared"],
    )
    return Foreseen(frozenset({*fixed, *components}), frozenset({*CONFIGURATION_SUFFIXES, ".tfvars"}))
