"""EKS add-ons: the resource, and the maps and lists of them in the community modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import Body, ValueBody
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.module_source import module_source
from reviewer.views.view import View
from reviewer.views.yaml_documents import NotYamlError, documents

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.cluster.cluster import Cluster
    from reviewer.views.context import Context

_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "terraform-aws-modules/eks/aws": ("addons", "cluster_addons"),
    "aws-ia/eks-blueprints-addons/aws": ("eks_addons",),
    "cloudposse/eks-cluster/aws": ("addons",),
}
"""The arguments that hold add-ons, per module."""


class Addon(View):
    """``name`` is the add-on's (``vpc-cni``); ``entry`` is its place in a module's argument, else None."""

    name: str
    body: Body
    entry: Value | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every add-on whose name is known."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_eks_addon"):
                name = instance.body.attr("addon_name").data
                if isinstance(name, str):
                    yield cls(instance, instance.address, name, instance.body)
            for call in module.calls():
                yield from cls.of_call(call)

    @classmethod
    def of_call(cls, call: Instance) -> Iterator[Self]:
        """Yield the add-ons that a call of a known module configures."""
        for argument, value in maps_of_call(call):
            entries: list[tuple[str | None, Value]] = []
            if isinstance(value.data, Mapping):
                entries = list(value.data.items())
            elif isinstance(value.data, tuple):
                entries = [(None, each) for each in value.data]
            for key, entry in entries:
                body = ValueBody(entry)
                given = next((body.attr(each).data for each in ("addon_name", "name") if body.has(each)), key)
                name = given if isinstance(given, str) else key
                if name is not None and entry.data is not None:
                    yield cls(call, f'{call.address}.{argument}["{name}"]', name, body, entry)

    @property
    def header(self) -> Range:
        """Return the first line of the entry or the resource."""
        supplier = self.entry.supplier if self.entry is not None else None
        return supplier or self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of an entry changed; a resource is touched as its block is."""
        return None if self.entry is None else changed.supply(self.entry)

    @property
    def configuration(self) -> Value:
        """Return ``configuration_values``: JSON or YAML as a string, or an object."""
        return self.body.attr("configuration_values")


def addons_of(context: Context, cluster: Cluster) -> tuple[Addon, ...]:
    """Return the add-ons of a cluster.

    Raises :class:`UndecidedError` when some add-on has no known name, or belongs to one of several clusters.
    """
    found = tuple(Addon.find(context))
    reason = _unnamed(context)
    if reason is not None:
        raise UndecidedError(reason)
    return tuple(each for each in found if _belongs(each, cluster, context))


def _unnamed(context: Context) -> str | None:
    """Return why there may be add-ons besides those found."""
    for module in context.root.walk():
        for instance in module.resources_of("aws_eks_addon"):
            name = instance.body.attr("addon_name").data
            if isinstance(name, Unknown):
                return name.reason
        for call in module.calls():
            for _, value in maps_of_call(call):
                if isinstance(value.data, Unknown):
                    return value.data.reason
    return None


def maps_of_call(call: Instance) -> Iterator[tuple[str, Value]]:
    """Yield the arguments of a known module that hold add-ons, when they are written."""
    source = module_source(call)
    arguments = _ARGUMENTS.get(source.name, ()) if source is not None and not source.submodule else ()
    for argument in arguments:
        if call.body.has(argument):
            yield argument, call.body.attr(argument)


def _belongs(addon: Addon, cluster: Cluster, context: Context) -> bool:
    clusters = tuple(type(cluster).find(context))
    if len(clusters) == 1 or addon.instance.block is cluster.instance.block:
        return True
    if any(addon.instance.block is each.instance.block for each in clusters):
        return False
    name = (
        addon.body.attr("cluster_name") if addon.entry is None else addon.instance.body.attr("cluster_name")
    )
    data, wanted = name.data, cluster.fact("name").value.data
    if isinstance(data, Unknown):
        if data.reference is not None and data.reference.startswith(f"{cluster.address}."):
            return True
        if any((data.reference or "").startswith(f"{each.address}.") for each in clusters):
            return False
    elif isinstance(data, str) and isinstance(wanted, str):
        return data == wanted
    raise UndecidedError(f"the cluster of `{addon.address}` is not known from the code")


def setting(configuration: Value, name: str) -> str | None:
    """Return a setting at the top of an add-on's configuration as text; None when it is not there.

    Raises :class:`UndecidedError` when the configuration is unknown.
    """
    data = configuration.data
    if isinstance(data, Unknown) and data.document is not None:
        return setting(data.document, name)
    data = configuration.require()
    if isinstance(data, Mapping):
        value = data[name].require() if name in data else None
        return None if value is None else str(value).lower()
    if not isinstance(data, str):
        return None
    return _setting_in_text(data, name)


def _setting_in_text(text: str, name: str) -> str | None:
    """Read JSON or YAML, which is the same to a reader of YAML."""
    try:
        found = documents(text, lambda _node: ())
    except NotYamlError as error:
        raise UndecidedError("the configuration of the add-on cannot be read") from error
    return next((setting(each, name) for each in found), None)
