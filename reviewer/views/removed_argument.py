"""Arguments that the pinned major version of a module or provider does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.record import Record
from reviewer.views.module_source import EKS_MODULE, module_source
from reviewer.views.provider_version import only_from, requirements
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context
    from reviewer.views.module_source import ModuleSource

OLDEST, NEWEST = 17, 21
_ACCESS_ENTRIES, _RENAMES = 20, 21
_PROVIDERS = {"aws_eks_addon": "aws", "helm_release": "helm"}
_KARPENTER = "modules/karpenter"


class Removed(Record):
    """``name`` was removed from ``what``, or is called ``new``; ``is_future``: a later one has it."""

    name: str
    what: str
    major: int
    new: str | None = None
    is_future: bool = False
    is_block: bool = False


class VersionedBlock(View):
    """A call of the EKS module or a submodule, an EKS add-on, or a Helm release."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every such block."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_eks_addon", "helm_release"):
                yield cls(instance, instance.address)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name == EKS_MODULE:
                    yield cls(call, call.address)

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether another version of the provider is asked for: what it removed is removed here."""
        provider = _PROVIDERS.get(self.instance.type)
        if provider is None:
            return None
        entries = requirements(self.instance.module.root, provider)
        return any(changed.meet(entry.range) for _, entry in entries) or None

    def removed(self, context: Context) -> Iterator[Removed]:
        """Yield the written arguments that do not exist."""
        if self.instance.type == "aws_eks_addon":
            if self.instance.body.has("resolve_conflicts") and only_from(context, "aws", 6):
                yield Removed("resolve_conflicts", "AWS provider", 6)
        elif self.instance.type == "helm_release":
            types = [each for each in ("set", "set_list", "set_sensitive") if _has_block(self.instance, each)]
            if types and only_from(context, "helm", 3):
                yield from (Removed(each, "Helm provider", 3, is_block=True) for each in types)
        else:
            source = module_source(self.instance)
            yield from _of_module(self.instance, source) if source is not None else ()


def _of_module(call: Instance, source: ModuleSource) -> Iterator[Removed]:
    majors = source.majors(OLDEST, NEWEST)
    known = table("removed_arguments")
    if not source.constraint or not majors:
        return
    renamed: Mapping[str, str] = known["renamed_in_submodules_of_21" if source.submodule else "renamed_in_21"]
    body = call.body
    if min(majors) >= _RENAMES:
        for old, new in renamed.items():
            if body.has(old):
                yield Removed(old, "module", _RENAMES, new)
        is_karpenter = source.submodule == _KARPENTER
        gone = known["removed_from_karpenter_in_21" if is_karpenter else "removed_in_21"]
        if not source.submodule or is_karpenter:
            yield from (Removed(each, "module", _RENAMES) for each in gone if body.has(each))
    elif max(majors) < _RENAMES:
        for old, new in renamed.items():
            if body.has(new):
                yield Removed(new, "module", max(majors), old, is_future=True)
    if min(majors) >= _ACCESS_ENTRIES and not source.submodule:
        yield from (
            Removed(each, "module", _ACCESS_ENTRIES) for each in known["removed_in_20"] if body.has(each)
        )


def _has_block(instance: Instance, kind: str) -> bool:
    return any(True for _ in instance.block.nested(kind))
