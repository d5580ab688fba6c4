"""Fargate profiles and the namespaces they select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import Body, ValueBody, elements_with_keys
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class FargateProfile(View):
    """``selectors`` are its selectors; ``entry`` its place in the module's map, else None."""

    name: str
    body: Body
    entry: Value | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every profile: the resource, and entries of the community module's map."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_eks_fargate_profile"):
                yield cls(instance, instance.address, instance.name, instance.body)
        for cluster in Cluster.find(context):
            if cluster.source == "module-eks":
                for key, value in elements_with_keys(cluster.body.attr("fargate_profiles")):
                    address = f'{cluster.address}.fargate_profiles["{key.data}"]'
                    yield cls(cluster.instance, address, str(key.data), ValueBody(value), value)

    @property
    def header(self) -> Range:
        """Return the first line of the profile."""
        return self.body.range or self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of an entry changed."""
        return None if self.entry is None else changed.supply(self.entry)

    def selectors(self) -> tuple[Body, ...]:
        """Return the selectors; raises :class:`UndecidedError` when they are not all known."""
        name = "selectors" if self.entry is not None else "selector"
        return self.body.blocks(name).require()
