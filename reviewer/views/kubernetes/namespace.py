"""Namespaces and the limits that hold in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.kubernetes.container import resource
from reviewer.views.kubernetes.kubernetes_object import kubernetes_objects
from reviewer.views.kubernetes.repository_object import RepositoryObject
from reviewer.views.kubernetes.workload import is_system_namespace
from reviewer.views.root import is_aside

if TYPE_CHECKING:
    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, Part


MEMORY_LIMIT = "memory limit"
"""What a container must set besides its requests."""


class Namespace(RepositoryObject):
    """A namespace that the configuration makes, or a YAML file of the repository."""

    WANTED: ClassVar[tuple[str, ...]] = ("Namespace",)

    @property
    def is_system(self) -> bool:
        """Tell whether it belongs to the cluster or an add-on, as far as its name is known."""
        return self.name is not None and is_system_namespace(self.name)

    def is_repeated(self, context: Context) -> bool:
        """Tell whether an earlier document makes a namespace of the same name: overlays and copies do."""
        same = (each for each in Namespace.find(context) if each.name == self.name and not each.is_aside)
        return self.name is not None and next(same, self).address != self.address

    @property
    def is_aside(self) -> bool:
        """Tell whether it is part of an example or a test."""
        return is_aside(self.header.path.rpartition("/")[0])

    def has_limits(self, context: Context) -> bool:
        """Tell whether a quota or default limits hold, or raise :class:`UndecidedError`."""
        undecided = None
        for each in kubernetes_objects(context, "ResourceQuota", "LimitRange"):
            place = each.root.at("metadata", "namespace")
            if isinstance(place.data, Unknown):
                if (place.data.reference or "").startswith(f"{self.address}."):
                    return True
                undecided = UndecidedError(place.data.reason)
            elif place.data == self.name:
                return True
        if self.name is None:
            undecided = UndecidedError(f"the name of `{self.address}` is not known from the code")
        if undecided is not None:
            raise undecided
        return False


def has_default_limits(context: Context, workload: KubernetesObject) -> bool:
    """Tell whether a LimitRange may set defaults: one of the workload's namespace, or of an unknown one."""
    for each in kubernetes_objects(context, "LimitRange"):
        if each.namespace is None or workload.namespace is None or each.namespace == workload.namespace:
            return True
    return False


def missing_resources(container: Part) -> list[str]:
    """Return what a container does not set: requests, which a limit alone implies, and a memory limit."""
    missing = [
        f"{name} request"
        for name in ("cpu", "memory")
        if resource(container, "requests", name).is_null and resource(container, "limits", name).is_null
    ]
    if resource(container, "limits", "memory").is_null:
        missing.append(MEMORY_LIMIT)
    return missing
