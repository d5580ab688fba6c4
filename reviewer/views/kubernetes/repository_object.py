"""Kubernetes objects of the configuration and of YAML files, as subjects of checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.kubernetes.helm_values import documents_of
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject, Part, kubernetes_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class RepositoryObject(KubernetesObject):
    """An object of one of ``WANTED`` kinds, wherever it is written.

    ``IN_RELEASES`` tells to look among the values of Helm releases, too, where charts such as ``raw`` take
    whole objects from.
    """

    WANTED: ClassVar[tuple[str, ...]] = ()
    IN_RELEASES: ClassVar[bool] = False

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the objects that Terraform makes and those in YAML files of the repository."""
        for each in kubernetes_objects(context, *cls.WANTED):
            yield cls(each.instance, each.address, each.kind, each.root)
        for release in HelmRelease.find(context) if cls.IN_RELEASES else ():
            for kind, found in _in_values(release, cls.WANTED):
                yield cls(release.instance, release.address, kind, Part(ValueBody(found), is_manifest=True))

    @property
    def is_template(self) -> bool:
        """Tell whether it is a document whose name something else fills in."""
        return self.instance.kind == "file" and self.name is None

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether lines of a document in a YAML file changed; resources are touched as blocks are."""
        if self.instance.kind != "file":
            return None
        return self.root.range is not None and changed.meet(self.root.range)


class NodePool(RepositoryObject):
    """A pool of nodes that Karpenter or EKS Auto Mode makes."""

    WANTED: ClassVar[tuple[str, ...]] = ("NodePool", "Provisioner")
    IN_RELEASES: ClassVar[bool] = True


def _in_values(release: HelmRelease, kinds: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
    """Yield the objects of some kinds among the values of a release, as far as these are known."""
    values = release.instance.body.attr("values")
    pending = list(values.data) if isinstance(values.data, tuple) else []
    while pending:
        value = pending.pop(0)
        if isinstance(value.data, str | Unknown):
            pending += _read(value)
        elif isinstance(value.data, tuple):
            pending += value.data
        elif isinstance(value.data, Mapping):
            kind = value.data["kind"].data if "kind" in value.data else None
            if kind in kinds and "spec" in value.data:
                yield str(kind), value
            else:
                pending += value.data.values()


def _read(value: Value) -> tuple[Value, ...]:
    """Return the objects in a string; none when it holds no YAML."""
    if isinstance(value.data, str) and "kind" not in value.data:
        return ()
    try:
        return documents_of(value)
    except UndecidedError:
        return ()
