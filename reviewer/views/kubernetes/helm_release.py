"""Helm releases: ``helm_release``, and the blueprints' module for one add-on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.fact import is_false
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

ADDON_MODULE = "aws-ia/eks-blueprints-addon/aws"


class HelmRelease(View):
    """One release. ``is_module`` tells that it is a call of the blueprints' module, whose names differ."""

    is_module: bool

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every release that the configuration installs."""
        for module in context.root.walk():
            for instance in module.resources_of("helm_release"):
                yield cls(instance, instance.address, is_module=False)
            for call in module.calls():
                if _is_addon(call):
                    yield cls(call, call.address, is_module=True)

    @property
    def name(self) -> Value:
        """Return the name of the release."""
        return self.instance.body.attr("name")

    @property
    def chart(self) -> Value:
        """Return the chart: a name, a path, or an OCI address."""
        return self.instance.body.attr("chart")

    @property
    def repository(self) -> Value:
        """Return the address of the chart's repository."""
        return self.instance.body.attr("repository")

    @property
    def version_argument(self) -> str:
        """Return the name of the argument that pins the chart."""
        return "chart_version" if self.is_module else "version"

    @property
    def version(self) -> Value:
        """Return the version of the chart."""
        return self.instance.body.attr(self.version_argument)

    def chart_names(self) -> frozenset[str]:
        """Return what the chart may be known by: the end of its address, and the release's name."""
        texts = (each.data for each in (self.chart, self.name))
        return frozenset(text.rstrip("/").rpartition("/")[2] for text in texts if isinstance(text, str))


def _is_addon(call: Instance) -> bool:
    """Tell whether a call makes a release: the module may be there for its role alone."""
    source = module_source(call)
    if source is None or source.name != ADDON_MODULE:
        return False
    return not any(is_false(call.body.attr(each).data) for each in ("create", "create_release"))
