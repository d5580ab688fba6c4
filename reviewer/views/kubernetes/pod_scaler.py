"""Horizontal pod autoscalers, and the services that have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.terraform.convert import convert
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.types import NUMBER
from reviewer.terraform.value import UndecidedError, Unknown, Value, number
from reviewer.views.kubernetes.container import containers_of
from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.kubernetes.kubernetes_object import (
    KubernetesObject,
    kubernetes_objects,
    require_known_kinds,
)
from reviewer.views.kubernetes.workload import Workload, is_resized, scaler_minimum
from reviewer.views.repository_files import YAML_SUFFIXES
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import Part

KIND = "HorizontalPodAutoscaler"


class Target(Workload):
    """A workload that an autoscaler names."""

    def containers(self) -> tuple[Part, ...]:
        """Return its containers."""
        return containers_of(self)


class PodScaler(KubernetesObject):
    """A ``HorizontalPodAutoscaler``."""

    KINDS: ClassVar[frozenset[str] | None] = frozenset({KIND})

    def limits(self) -> tuple[Value | None, Value]:
        """Return the least and the greatest number of replicas; None for what is not known."""
        least = self.root.at("spec", "min_replicas")
        most = self.root.at("spec", "max_replicas")
        most.require()
        if least.is_unknown:
            return None, most
        return (number(1) if least.is_null else convert(least, NUMBER)), convert(most, NUMBER)

    def target(self, context: Context) -> Target | None:
        """Return the workload it scales, when the configuration makes it."""
        name = self.root.at("spec", "scale_target_ref", "name")
        for each in map(_target, Workload.find(context)):
            if isinstance(name.data, Unknown):
                if (name.data.reference or "").startswith(f"{each.address}."):
                    return each
            elif name.data is not None and name.data == each.name:
                return each
        return None

    def absent_target(self, context: Context) -> Value | None:
        """Return the name of a target that is nowhere; None when the name refers to something.

        Raises :class:`UndecidedError` when the target may be made by a chart or in another module.
        """
        name = self.root.at("spec", "scale_target_ref", "name")
        if not isinstance(name.require(), str):
            return None
        require_known_kinds(context)
        workloads = list(Workload.find(context))
        if not workloads or any(each.name is None for each in workloads):
            raise UndecidedError(f"the workload that `{self.address}` scales may be in another module")
        if any(True for _ in HelmRelease.find(context)):
            raise UndecidedError(f"the workload that `{self.address}` scales may be part of a chart")
        own = {file.path for module in context.root.walk() for file in module.declarations.files}
        for path in context.tree.containing((str(name.data),), (*CONFIGURATION_SUFFIXES, *YAML_SUFFIXES)):
            if path not in own:
                raise UndecidedError(f"`{path}` may make the workload that `{self.address}` scales")
        return name

    def goes_by_resources(self) -> bool:
        """Tell whether it watches CPU or memory of pods, which it does when no metric is named."""
        spec = self.root.part("spec")
        metrics = spec.parts("metric") if spec is not None else ()
        kinds = [metric.attr("type") for metric in metrics]
        return not kinds or any(each.test(lambda kind: "Resource" in str(kind)) for each in kinds)

    def shares_of_requests(self) -> tuple[str, ...]:
        """Return the resources (``cpu``, ``memory``) of which it watches a share of what is requested."""
        spec = self.root.part("spec")
        if spec is None:
            return ()
        found = ["cpu"] if not spec.attr("target_cpu_utilization_percentage").is_null else []
        for metric in spec.parts("metric"):
            resource = metric.part("resource")
            target = resource.part("target") if resource is not None else None
            name = resource.attr("name").data if resource is not None else None
            if isinstance(name, str) and target is not None and target.attr("type").data == "Utilization":
                found.append(name)
        return tuple(dict.fromkeys(found))


def _target(workload: Workload) -> Target:
    return Target(workload.instance, workload.address, workload.kind, workload.root)


class Services(View):
    """The deployments of a root module that a Service sends traffic to; the first gives the address."""

    deployments: tuple[Workload, ...]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield one subject when there are such deployments."""
        selectors = [_texts(each.root, "spec", "selector") for each in kubernetes_objects(context, "Service")]
        wanted = [each for each in selectors if each]
        found = tuple(
            each
            for each in Workload.find(context)
            if each.kind == "Deployment" and _is_selected(each, wanted)
        )
        if found:
            yield cls(found[0].instance, found[0].address, found)

    def without_scaler(self, context: Context) -> tuple[Workload, ...]:
        """Return those that nothing scales, operators and the like aside."""
        return tuple(
            each
            for each in self.deployments
            if not each.is_singleton
            and not each.is_system
            and scaler_minimum(context, each) is None
            and not is_resized(context, each)
        )


def _is_selected(deployment: Workload, selectors: list[dict[str, object]]) -> bool:
    labels = _texts(deployment.root, "spec", "template", "metadata", "labels")
    return any(selector.items() <= labels.items() for selector in selectors)


def _texts(part: Part, *path: str) -> dict[str, object]:
    """Return the mapping at a path as text; nothing where it is absent or not known."""
    try:
        data = part.at(*path).data
    except UndecidedError:
        return {}
    return {name: str(each.data) for name, each in data.items()} if isinstance(data, Mapping) else {}
