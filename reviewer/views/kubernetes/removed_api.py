"""Kubernetes objects of APIs that were removed, in Terraform and in YAML files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.lifecycle import Minor, supported
from reviewer.views.cluster.versions import minor_of
from reviewer.views.kubernetes.kubernetes_object import Part, kubernetes_objects
from reviewer.views.kubernetes.repository_object import RepositoryObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


_SAMPLES = frozenset({"fixtures", "samples", "testdata", "tests"})


class ApiObject(RepositoryObject):
    """An object of a kind that was once in an API that is gone."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the manifests of such kinds, and the typed resources that use a removed API."""
        kinds = dict.fromkeys(kind for row in table("removed_apis")["apis"] for kind in row["kinds"])
        for each in kubernetes_objects(context, *kinds):
            instance = each.instance
            if each.root.is_manifest and not (is_of_chart(instance, context) or _is_sample(instance)):
                yield cls(each.instance, each.address, each.kind, each.root)
        for module in context.root.walk():
            for instance in module.resources_of(*table("removed_apis")["resources"]):
                kind = table("removed_apis")["resources"][instance.type]["kind"]
                part = Part(instance.body, is_manifest=False)
                yield cls(instance, instance.address, kind, part)

    @property
    def api(self) -> Value | None:
        """Return ``apiVersion`` as it is written; None for a typed resource."""
        return self.root.attr("api_version") if self.root.is_manifest else None

    def removal(self) -> Mapping[str, Any] | None:
        """Return the row of ``data/removed_apis.yaml`` for the object's API; None when it is still there."""
        name = table("removed_apis")["resources"].get(self.instance.type, {}).get("api")
        if self.api is not None:
            name = self.api.require()
        rows = (
            row for row in table("removed_apis")["apis"] if row["api"] == name and self.kind in row["kinds"]
        )
        return next(rows, None)


def _is_sample(instance: Instance) -> bool:
    """Tell whether a file is what a test feeds to a policy, such as one that must refuse old APIs.

    A folder called ``test`` may be an environment, and examples are there to be applied.
    """
    return instance.kind == "file" and not _SAMPLES.isdisjoint(instance.address.split("/")[:-1])


def is_of_chart(instance: Instance, context: Context) -> bool:
    """Tell whether a file is a template of a Helm chart, which picks its API when it is installed."""
    chart, found, _ = instance.address.rpartition("/templates/")
    path = f"{chart}/Chart.yaml" if chart else "Chart.yaml"
    return instance.kind == "file" and bool(found) and path in context.tree.paths()


def target_version(context: Context) -> Minor:
    """Return the version of the root module's cluster; unless it is known, the oldest in standard support."""
    versions = [minor_of(cluster.fact("version").value) for cluster in Cluster.find(context)]
    known = [each for each in versions if each is not None]
    if known and len(known) == len(versions):
        return min(known)
    major, _, minor = supported(context.today, context.config.kubernetes_versions)[0].partition(".")
    return int(major), int(minor)
