"""Kubernetes objects of the configuration and of YAML files, as subjects of checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.views.kubernetes_object import KubernetesObject, kubernetes_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.engine.touched import ChangedLines
    from reviewer.terraform.text import Range


@dataclass(frozen=True, slots=True, eq=False)
class RepositoryObject(KubernetesObject):
    """An object of one of ``WANTED`` kinds, wherever it is written."""

    WANTED: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the objects that Terraform makes and those in YAML files of the repository."""
        for each in kubernetes_objects(context, *cls.WANTED):
            yield cls(each.instance, each.address, each.kind, each.root)

    @property
    def header(self) -> Range:
        """Return the first line of the document, or of the resource."""
        return (self.root.range if self.instance.kind == "file" else None) or self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether lines of a document in a YAML file changed; resources are touched as blocks are."""
        if self.instance.kind != "file":
            return None
        return self.root.range is not None and changed.meet(self.root.range)


@dataclass(frozen=True, slots=True, eq=False)
class NodePool(RepositoryObject):
    """A pool of nodes that Karpenter or EKS Auto Mode makes."""

    WANTED: ClassVar[tuple[str, ...]] = ("NodePool", "Provisioner")
