"""Regions: of a root module, of its AWS_REGION file, and in force for a resource."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Self

from reviewer.change.tree import Tree, UnreadableFileError
from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.text import Range, SourceText
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.declaration import declared
from reviewer.views.provider import aws_providers, provider_of
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.context import Context

FILE_NAME = "AWS_REGION"

REGION = re.compile(r"(?<![\w-])[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?![\w-])")
"""A word that has the form of a region. Newer regions than ours have it, too."""


def is_region(word: str) -> bool:
    """Tell whether a word is a region that we know."""
    return word in table("regions")["regions"]


class Region(View):
    """The default AWS provider of a root module and the region it resolves to."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the default provider of the root module; aliased ones are in other regions by design."""
        root = context.root
        for name, body in aws_providers(root):
            if name == "aws":
                instance = declared(root, body.block, "provider.aws")
                yield cls(instance, instance.address)

    @property
    def is_set(self) -> bool:
        """Tell whether the provider names a region; without one it comes from the environment."""
        return self.instance.body.has("region")

    @property
    def value(self) -> Value:
        """Return the region, null when the provider does not name one."""
        return self.instance.body.attr("region")


class RegionFile(Record, eq=False):
    """An AWS_REGION file: ``at`` is the region in it."""

    path: str
    region: str
    at: Range


def region_file(tree: Tree, folder: str) -> RegionFile | None:
    """Return the AWS_REGION file of a folder or the nearest one above; None without one, or when it is empty.

    Raises :class:`UndecidedError` when the nearest one does not hold exactly one region.
    """
    while True:
        path = posixpath.join(folder, FILE_NAME)
        if path in tree.files_in(folder):
            return _read(tree, path)
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _read(tree: Tree, path: str) -> RegionFile | None:
    try:
        source = SourceText(path, tree.read(path).decode("utf-8-sig", "replace"))
    except UnreadableFileError as error:
        raise UndecidedError(f"`{path}` cannot be read: {error.reason}") from error
    if not source.text.strip():
        return None
    found = list(REGION.finditer(source.text))
    names = {each[0] for each in found}
    if len(names) != 1:
        what = "several regions" if names else "no AWS region"
        raise UndecidedError(f"`{path}` names {what}")
    return RegionFile(path, names.pop(), Range(source, found[0].start(), found[0].end()))


def region_in_force(instance: Instance) -> Value:
    """Return the region a resource is made in: its own ``region`` argument, else that of its provider.

    Null when neither is written in the code. A module call's ``region`` argument is an input like any other.
    """
    if instance.kind != "module" and instance.body.has("region"):
        return instance.body.attr("region")
    provider: Body | None = provider_of(instance)
    return provider.attr("region") if provider is not None else NULL


def shown(value: Value) -> str:
    """Return a region for people: the name, or both when it depends on something unknown."""
    if isinstance(value.data, Unknown):
        return " or ".join(dict.fromkeys(shown(each) for each in value.data.alternatives))
    return str(value.data).strip()


DOCUMENTS = ("PROMPT.md", "metadata.json", "metadata.yaml", "metadata.yml")
"""Documents that say what the configuration is to be."""

_ASIDE = re.compile(r"```.*?(?:```|\Z)|\w+://\S+|arn:[\w:/*-]+|\S+\.amazonaws\.com\S*", re.DOTALL)


def documented_region(tree: Tree, folder: str, name: str) -> RegionFile | None:
    """Return the only region that the nearest document of a name speaks of.

    None without such a document, or when it names no region. Regions in code, addresses and ARNs do not
    count. Raises :class:`UndecidedError` when it speaks of several.
    """
    while True:
        path = posixpath.join(folder, name)
        if path in tree.files_in(folder):
            return _spoken_of(tree, path)
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _spoken_of(tree: Tree, path: str) -> RegionFile | None:
    try:
        source = SourceText(path, tree.read(path).decode("utf-8-sig", "replace"))
    except UnreadableFileError as error:
        raise UndecidedError(f"`{path}` cannot be read: {error.reason}") from error
    prose = _ASIDE.sub(lambda match: " " * len(match[0]), source.text)
    found = [each for each in REGION.finditer(prose) if is_region(each[0])]
    if len({each[0] for each in found}) > 1:
        raise UndecidedError(f"`{path}` speaks of several regions")
    if not found:
        return None
    return RegionFile(path, found[0][0], Range(source, found[0].start(), found[0].end()))


NAMES = ("aws_region", "region")
"""Variables that hold the region of a configuration."""


def region_variables(module: ModuleInstance) -> tuple[str, ...]:
    """Return the names of a module's variables that hold its region."""
    return tuple(name for name in NAMES if name in module.declarations.variables)
