"""What keeps its identity under another address: by ``moved`` blocks, and by what Terraform moves unasked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.engine.roots import has_configuration
from reviewer.terraform.meta_arguments import REPETITION
from reviewer.views.kubernetes.kubernetes_object import without_version
from reviewer.views.module_source import EKS_MODULE, module_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.terraform.instance import Expansion
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.views.module_source import ModuleSource

_ADDRESS = re.compile(r"[\w.\[\]\"-]+")
_OLDEST, _NEWEST = 17, 21


def moves(before: ModuleInstance, after: ModuleInstance) -> Mapping[str, str]:
    """Return what is renamed between two revisions of a root module: full address before → full address now.

    What new ``moved`` blocks say comes first; others were obeyed before. Besides, Terraform takes ``x`` for
    ``x[0]`` when a block gets a ``count``, and back when it loses it; a data source with another label and
    the same contents is the same; so is an object of Kubernetes whose type is written with its version; so
    is a module whose folder is renamed; and so is an argument of the EKS module that a major version calls
    otherwise, with all that is in it.
    """
    done = _written(before).items()
    written = {old: new for old, new in _written(after).items() if (old, new) not in done}
    implied = _implied(before, after, written)
    return {**written, **{old: new for old, new in implied if old not in written}}


def renamed(address: str, aliases: Mapping[str, str]) -> str:
    """Return an address before as it is now: that of what is renamed, or of what is in it."""
    for old, new in aliases.items():
        if _is_in(address, old) and not (_is_in(new, old) and _is_in(address, new)):
            return new + address[len(old) :]
    return address


def _is_in(address: str, of: str) -> bool:
    """Tell whether an address is that of a block, of one of its instances, or of what is in it."""
    return address == of or address.startswith((f"{of}.", f"{of}["))


def _written(root: ModuleInstance) -> Mapping[str, str]:
    """Return what ``moved`` blocks rename: full address before → full address now."""
    found: dict[str, str] = {}
    for module in root.walk():
        for block in module.declarations.moved:
            old, new = block.attributes.get("from"), block.attributes.get("to")
            if old is None or new is None:
                continue
            addresses = (old.expression.text, new.expression.text)
            if all(_ADDRESS.fullmatch(each) for each in addresses):
                found[module.full(addresses[0])] = module.full(addresses[1])
    return found


def _implied(
    before: ModuleInstance, after: ModuleInstance, written: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what needs no ``moved`` block of its own; modules that have one are found by their new names."""
    modules = {each.address: each for each in after.walk()}
    for old in before.walk():
        new = modules.get(renamed(old.address, written))
        if new is None:
            continue
        if _is_renamed(old, new):
            yield old.folder, new.folder
        now = dict(_blocks(new))
        yield from _relabelled(old, new)
        yield from _retyped(old, new)
        yield from _arguments(old, new)
        for address, block in _blocks(old):
            if address in now and _is_counted(block) != _is_counted(now[address]):
                yield from _of_block(old, new, address)


def _is_renamed(old: ModuleInstance, new: ModuleInstance) -> bool:
    """Tell whether the code of a module lies in another folder now, and neither folder has other code."""
    return (
        old.folder != new.folder
        and not has_configuration(new.configuration, old.folder)
        and not has_configuration(old.configuration, new.folder)
    )


def _relabelled(old: ModuleInstance, new: ModuleInstance) -> Iterator[tuple[str, str]]:
    """Yield the data sources that only their labels tell apart: ``moved`` blocks cannot name them."""
    before, after = _data(old), _data(new)
    for content, addresses in before.items():
        gone = [each for each in addresses if each not in new.declarations.resources]
        came = [each for each in after.get(content, ()) if each not in old.declarations.resources]
        if len(gone) == len(came) == 1:
            yield old.full(gone[0]), old.full(came[0])


def _retyped(old: ModuleInstance, new: ModuleInstance) -> Iterator[tuple[str, str]]:
    """Yield the objects of Kubernetes whose type gets a version, or another: `kubernetes_secret_v1`.

    The state follows by import, or the object is made again: either way it is as good or bad as it was.
    """
    before, after = old.declarations.resources, new.declarations.resources
    gone = {_unversioned(each): each for each in before if each not in after}
    for address in after:
        was = gone.get(_unversioned(address))
        if address.startswith("kubernetes_") and address not in before and was is not None:
            yield old.full(was), old.full(address)


def _unversioned(address: str) -> str:
    """Return an address without the version of its type."""
    resource_type, dot, name = address.partition(".")
    return f"{without_version(resource_type)}{dot}{name}"


def _data(module: ModuleInstance) -> dict[tuple[str, str], list[str]]:
    """Return the addresses of data sources by their type and what is written in them."""
    found: dict[tuple[str, str], list[str]] = {}
    for address, block in module.declarations.resources.items():
        if block.type == "data" and REPETITION.isdisjoint(block.attributes):
            whole = block.range
            content = whole.source.text[block.header.end : whole.end]
            found.setdefault((block.labels[0], content), []).append(address)
    return found


def _arguments(old: ModuleInstance, new: ModuleInstance) -> Iterator[tuple[str, str]]:
    """Yield the arguments that an upgrade of the EKS module renames, whether or not they are written.

    The versions tell the upgrade, or an argument that is written under its old name and then its new one.
    """
    for name, block in old.declarations.calls.items():
        head = new.declarations.calls.get(name)
        if head is None or head.range.text == block.range.text:
            continue
        sources = [_eks_module(module, name) for module in (old, new)]
        for major in (18, 21):
            names = table("removed_arguments")[f"renamed_in_{major}"]
            written = any(was in block.attributes and now in head.attributes for was, now in names.items())
            if None not in sources and (written or _is_between(sources, major)):
                for call in old.call(name).instances:
                    pairs = names.items()
                    yield from ((f"{call.address}.{was}", f"{call.address}.{now}") for was, now in pairs)


def _eks_module(module: ModuleInstance, name: str) -> ModuleSource | None:
    """Return the version of the EKS module that a call is of; None when it is of another one."""
    for call in module.call(name).instances[:1]:
        source = module_source(call)
        if source is not None and source.name == EKS_MODULE and not source.submodule:
            return source
    return None


def _is_between(sources: Sequence[ModuleSource | None], major: int) -> bool:
    """Tell whether a major version, or a later one, comes with the second of two versions."""
    before, after = ([] if each is None else each.majors(_OLDEST, _NEWEST) for each in sources)
    return bool(before and after) and max(before) < major <= min(after)


def _of_block(old: ModuleInstance, new: ModuleInstance, address: str) -> Iterator[tuple[str, str]]:
    single, first = old.full(address), old.full(f"{address}[0]")
    addresses = [{each.address for each in _expansion(side, address).instances} for side in (old, new)]
    if single in addresses[0] and first in addresses[1]:
        yield single, first
    elif first in addresses[0] and single in addresses[1]:
        yield first, single


def _blocks(module: ModuleInstance) -> Iterator[tuple[str, Block]]:
    """Yield the resources and calls of a module by their address in it."""
    yield from module.declarations.resources.items()
    for name, block in module.declarations.calls.items():
        yield f"module.{name}", block


def _expansion(module: ModuleInstance, address: str) -> Expansion:
    name = address.removeprefix("module.")
    return module.resource(address) if name == address else module.call(name)


def _is_counted(block: Block) -> bool:
    return "count" in block.attributes
