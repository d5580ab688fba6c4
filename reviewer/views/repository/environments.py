"""The same platform in several environments: sibling folders, or variable files of one folder."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.versions import environment_files, minor_of, version_variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_PRODUCTION = re.compile(r"prod(?:uction)?|prd|live")
_LOWER = re.compile(
    r"stag(?:e|ing)?|stg|uat|pre-?prod|preprod(?:uction)?|qa|test|int|dev(?:elopment)?|sandbox"
)
_STAGING = re.compile(r"stag(?:e|ing)?|stg|uat|pre-?prod|preprod(?:uction)?")


class Environment(Record):
    """One environment with the version of its cluster, and where that is written."""

    name: str
    is_production: bool
    version: tuple[int, int]
    at: Range

    @property
    def is_staging(self) -> bool:
        """Tell whether it is the one before production, not a place to try things."""
        return _STAGING.fullmatch(self.name.lower()) is not None


def environments(context: Context, cluster: Cluster) -> tuple[Environment, ...]:
    """Return the environments of a cluster's root module whose version is known, its own among them."""
    return tuple(dict.fromkeys((*_in_files(context), *_in_folders(context, cluster))))


def _in_files(context: Context) -> Iterator[Environment]:
    """Yield environments by the files that assign the variable of the version."""
    names = version_variables(context.root)
    for path in environment_files(context.root):
        kind = _kind(path.rpartition("/")[2].partition(".")[0]) or _kind(
            path.rpartition("/")[0].rpartition("/")[2]
        )
        attributes = context.configuration.file(path).attributes
        for name in names:
            attribute = attributes.get(name)
            value = context.root.value_of(attribute) if attribute is not None else None
            version = minor_of(value) if value is not None else None
            if kind is not None and attribute is not None and version is not None:
                yield Environment(kind[0], kind[1], version, attribute.expression)


def _in_folders(context: Context, cluster: Cluster) -> Iterator[Environment]:
    """Yield the cluster's root module, and those whose path differs in the environment's name alone."""
    parts = context.root.folder.split("/")
    places = [index for index, part in enumerate(parts) if _kind(part)]
    if not places:
        return
    place = places[-1]
    yield from _of_root(parts[place], context, cluster)
    for folder in _siblings(context, parts, place):
        other = replace(context, root=context.configuration.root(folder))
        for each in Cluster.find(other):
            yield from _of_root(folder.split("/")[place], other, each)


def _of_root(name: str, context: Context, cluster: Cluster) -> Iterator[Environment]:
    value, kind = cluster.fact("version").value, _kind(name)
    version = minor_of(value)
    if version is not None and kind is not None:
        yield Environment(
            kind[0], kind[1], version, value.supplier or context.root.declarations.files[0].blocks[0].header
        )


def _siblings(context: Context, parts: list[str], place: int) -> tuple[str, ...]:
    """Return the folders with configuration that have another environment's name in the same place."""
    folders = {
        path.rpartition("/")[0] for path in context.tree.paths() if path.endswith(CONFIGURATION_SUFFIXES)
    }
    found = []
    for folder in sorted(folders):
        other = folder.split("/")
        same = (
            len(other) == len(parts)
            and other[:place] == parts[:place]
            and other[place + 1 :] == parts[place + 1 :]
        )
        if same and other[place] != parts[place] and _kind(other[place]):
            found.append(folder)
    return tuple(found)


def _kind(name: str) -> tuple[str, bool] | None:
    """Return a name and whether it is production; None when it names no environment."""
    lowered = name.lower()
    if _LOWER.fullmatch(lowered):
        return name, False
    return (name, True) if _PRODUCTION.fullmatch(lowered) else None
