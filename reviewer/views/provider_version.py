"""Which major version of a provider a root module uses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.views.module_source import ModuleSource

if TYPE_CHECKING:
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Attribute, Block
    from reviewer.views.context import Context

_LOCK = ".terraform.lock.hcl"
_HORIZON = 20


def only_from(context: Context, provider: str, major: int) -> bool:
    """Tell whether no provider before ``major`` can be in use, by its constraint or the lock file."""
    constraint = _locked(context, provider) or _required(context, provider)
    if constraint is None:
        return False
    admitted = ModuleSource(provider, "", constraint).majors(0, _HORIZON)
    return bool(admitted) and min(admitted) >= major


def requirements(root: ModuleInstance, provider: str) -> Iterator[tuple[Block, Attribute]]:
    """Yield the entries for a provider, each in its block of required providers."""
    for settings in root.declarations.settings:
        for block in settings.nested("required_providers"):
            if provider in block.attributes:
                yield block, block.attributes[provider]


def _required(context: Context, provider: str) -> str | None:
    for block, _ in requirements(context.root, provider):
        data = context.root.body(block).attr(provider).data
        version = data["version"].data if isinstance(data, Mapping) and "version" in data else data
        if isinstance(version, str):
            return version
    return None


def _locked(context: Context, provider: str) -> str | None:
    path = posixpath.join(context.root.folder, _LOCK)
    try:
        text = context.tree.read(path).decode(errors="replace")
    except (MissingFileError, UnreadableFileError):
        return None
    pattern = rf'^provider "[^"\n]*/{re.escape(provider)}" \{{\s*version\s*=\s*"([^"\n]+)"'
    match = re.search(pattern, text, re.MULTILINE)
    return match[1] if match else None
