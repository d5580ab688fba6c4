"""A root module as a subject: what holds for the whole of it, or for the repository it is in."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Self

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.backend import backend_block
from reviewer.views.declaration import declared
from reviewer.views.view import NotApplicableError, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context

ASIDE = frozenset({"_example", "_examples", "example", "examples", "fixtures", "test", "tests"})
"""Folders whose code is tried and thrown away."""

_EXAMPLES = frozenset({"_example", "_examples", "example", "examples"})
_WRAPPERS = ("terragrunt.hcl", "root.hcl", "terragrunt.stack.hcl")


class Root(View):
    """The root module of the run; its block is the first that says what the root module is."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the root module when it has any block."""
        block = _first_block(context.root)
        if block is not None:
            instance = declared(context.root, block, context.root.folder or "root module")
            yield cls(instance, instance.address)

    @property
    def module(self) -> ModuleInstance:
        """Return the module."""
        return self.instance.module

    @property
    def label(self) -> str:
        """Return the folder."""
        return self.module.folder or "."

    @property
    def is_aside(self) -> bool:
        """Tell whether the module is an example or a test."""
        return is_aside(self.module.folder)

    @property
    def is_deployed(self) -> bool:
        """Tell whether Terraform is run here: the module has a backend, or configures a provider by default.

        A module that only adds providers under an alias, for another region say, may be one that is called;
        so may one that leaves AWS to its caller, and configures what it runs on the cluster that it makes.
        """
        declared_ = self.module.declarations
        defaults = {each.labels[0] for each in declared_.providers if "alias" not in each.attributes}
        if any(kind.removeprefix("data.").startswith("aws_") for kind in declared_.by_type):
            defaults &= {"aws"}
        return backend_block(self.module) is not None or bool(defaults)


def is_aside(folder: str) -> bool:
    """Tell whether a folder is an example or a test."""
    return bool(ASIDE.intersection(folder.split("/")))


def is_published(context: Context) -> bool:
    """Tell whether the root module is there for others to call.

    Published ones have examples, and leave backends and providers to their callers.
    """
    if not is_wrapped(context) and not any(each.is_deployed for each in Root.find(context)):
        return True
    folder = f"{context.root.folder}/" if context.root.folder else ""
    below = (path.removeprefix(folder) for path in context.tree.paths() if path.startswith(folder))
    return any(path.endswith(CONFIGURATION_SUFFIXES) and path.split("/")[0] in _EXAMPLES for path in below)


def require_bill(context: Context) -> None:
    """Raise :class:`NotApplicableError` for examples and tests, which cost little."""
    if is_aside(context.root.folder):
        raise NotApplicableError("an example is not billed for long")


def is_wrapped(context: Context) -> bool:
    """Tell whether Terragrunt wraps the root module and may generate parts of it.

    Either it is run in the folder or one above, or a ``terragrunt.hcl`` elsewhere names the folder as its
    source.
    """
    folder = context.root.folder
    if folder and context.tree.containing((f"/{folder.rpartition('/')[2]}",), ("terragrunt.hcl",)):
        return True
    while True:
        files = context.tree.files_in(folder)
        if any(posixpath.join(folder, name) in files for name in _WRAPPERS):
            return True
        if not folder:
            return False
        folder = posixpath.dirname(folder)


def _first_block(module: ModuleInstance) -> Block | None:
    declared_ = module.declarations
    groups = (
        declared_.settings,
        declared_.providers,
        tuple(declared_.resources.values()),
        tuple(declared_.calls.values()),
        tuple(declared_.variables.values()),
    )
    return next((group[0] for group in groups if group), None)
