"""Which major version of a provider a root module uses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.change.tree import MissingFileError, UnreadableFileError
from reviewer.views.module_source import ModuleSource

if TYPE_CHECKING:
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


def _required(context: Context, provider: str) -> str | None:
    root = context.root
    for settings in root.declarations.settings:
        for block in settings.nested("required_providers"):
            data = root.body(block).attr(provider).data
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
