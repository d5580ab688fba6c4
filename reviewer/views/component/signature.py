"""What gives a component away: the rows of ``data/components.yaml``, and how names are compared with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reviewer.data import table
from reviewer.globs import is_like
from reviewer.record import Record
from reviewer.terraform.value import Unknown
from reviewer.views.module_source import module_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.config.table_kinds import ComponentNames
    from reviewer.terraform.instance import Instance

WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet"})
RELEASES = frozenset({"Application", "ApplicationSet", "HelmRelease", "HelmChart", "Kustomization"})
"""Objects by which Argo CD, Flux and K3s install something, named after it by habit."""


_KNOWN = ("terraform-aws-modules/", "aws-ia/")
_ENDS = ("?ref=", ".git", '/aws"', '/kubernetes"')
"""What follows the name of a module in a source from elsewhere."""


class Signature(Record):
    """One component. See the head of the table for what each list means."""

    title: str
    charts: tuple[str, ...] = ()
    addons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()

    def is_chart(self, names: Iterable[str]) -> bool:
        """Tell whether one of the names is that of a chart."""
        return any(is_like(name.lower(), pattern) for name in names for pattern in self.charts)

    def is_kind(self, kind: str, api_version: str) -> bool:
        """Tell whether objects of a kind are the component."""
        for each in self.kinds:
            group, _, wanted = each.rpartition("/")
            if kind == wanted and group in api_version:
                return True
        return False

    @property
    def may_be_object(self) -> bool:
        """Tell whether some Kubernetes object can be the component, or set it by a label."""
        by_label = any("/" in each for each in self.settings)
        return bool(self.kinds or self.charts or self.workloads or by_label)

    def is_named(self, kind: str, name: str) -> bool:
        """Tell whether an object is the component by its name: a workload of it, or what releases it."""
        if kind == "ConfigMap":
            return name in self.workloads
        if kind in WORKLOADS:
            return name in self.workloads or self.is_chart([name])
        return kind in RELEASES and self.is_chart([name])

    def is_module(self, call: Instance) -> bool:
        """Tell whether a call's source is a module that installs the component."""
        source, written = module_source(call), call.body.attr("source").data
        names = [written.partition("?")[0]] if isinstance(written, str) else []
        if source is not None:
            names.append(f"{source.name}//{source.submodule}" if source.submodule else source.name)
        return any(_fits(call, pattern, name) for pattern in self.modules for name in names)

    def in_source(self, call: Instance) -> bool:
        """Tell whether a call's source names a chart, as ``…/terraform-aws-velero`` does."""
        source = call.body.attr("source").data
        if not isinstance(source, str):
            return False
        words = source.partition("?")[0].removesuffix(".git").lower()
        return any(
            each in words and re.search(rf"(?:^|[/_.-]){re.escape(each)}(?:$|[/])", words)
            for each in self.charts
        )

    def may_be_in_source(self, call: Instance) -> bool:
        """Tell whether a call's source is code from elsewhere whose name has one of the words.

        What the modules of well-known authors install is in the other lists.
        """
        source = call.body.attr("source").data
        if not isinstance(source, str) or source.startswith(".") or any(each in source for each in _KNOWN):
            return False
        name = source.partition("?")[0].removesuffix(".git").lower()
        return any(
            each in name and re.search(rf"(?:^|[/_.-]){re.escape(each)}(?:$|[/_.-])", name)
            for each in self.words
        )

    def is_resource(self, instance: Instance) -> bool | None:
        """Tell whether a resource is the component; None when an argument that decides is unknown."""
        name = instance.type if instance.kind == "resource" else f"{instance.kind}.{instance.type}"
        answer: bool | None = False
        for each in self.resources:
            wanted, _, condition = each.partition(".") if "=" in each else (each, "", "")
            if wanted == name:
                holds = _holds(instance, condition)
                if holds:
                    return True
                answer = None if holds is None else answer
        return answer

    def may_be_set_in(self, text: str) -> bool:
        """Tell whether a block's text names one of the settings, without which it does not have it."""
        return any(each.partition("=")[0] in text for each in self.settings)

    def is_spoken_of(self, text: str) -> bool:
        """Tell whether a block's text leaves a trace of it, or names a chart as a string or a part of one."""
        if any(each in text for each in self.traces):
            return True
        named = [each for each in self.charts if "*" not in each and each in text]
        return any(re.search(rf'[":]{re.escape(each)}[":*]', text) for each in named)

    def needles(self) -> tuple[str, ...]:
        """Return the texts without which no file declares the component."""
        names = [each.strip("*-") for each in (*self.charts, *self.addons, *self.workloads)]
        types = [each.partition("=")[0].rpartition(".")[0] or each for each in self.resources if "=" in each]
        types += [
            each.removeprefix("data.").removeprefix("ephemeral.")
            for each in self.resources
            if "=" not in each
        ]
        kinds = [each.rpartition("/")[2] for each in self.kinds]
        modules = [
            each.partition(" ")[0].strip("*/").rpartition("//")[2].removesuffix("/aws")
            for each in self.modules
        ]
        settings = [each.partition("=")[0] for each in self.settings]
        modules += [f"{word}{end}" for word in self.words for end in _ENDS]
        names += [*self.flags, *self.hints, *self.traces]
        found = (*names, *types, *kinds, *modules, *settings, *self.providers)
        return tuple(dict.fromkeys(found))


def signature(name: str, own: Iterable[ComponentNames] = ()) -> Signature:
    """Return the signature of a component of the table, with those of the components it includes.

    ``own`` are names that the user adds.
    """
    rows: Mapping[str, Mapping[str, Any]] = table("components")["components"]
    names = (name, *rows[name].get("any_of", ()))
    signs = [pair for each in names for pair in rows[each].items() if pair[0] not in {"title", "any_of"}]
    signs += [pair for added in own if added.component in names for pair in added.signs]
    lists: dict[str, tuple[str, ...]] = {}
    for sign, entries in signs:
        lists[sign] = (*lists.get(sign, ()), *entries)
    return Signature(rows[name]["title"], **lists)


def _fits(call: Instance, pattern: str, name: str) -> bool:
    source, _, condition = pattern.partition(" ")
    return is_like(name, source) and _holds(call, condition) is not False


def _holds(instance: Instance, condition: str) -> bool | None:
    """Tell whether ``argument=value`` holds; None when the argument is unknown."""
    if not condition:
        return True
    argument, _, wanted = condition.partition("=")
    data = instance.body.attr(argument).data
    return None if isinstance(data, Unknown) else data == wanted
