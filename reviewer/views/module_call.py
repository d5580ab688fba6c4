"""Calls of modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


class ModuleCall(View):
    """One ``module`` block; calls that are repeated are one subject."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every call, in local modules, too."""
        for module in context.root.walk():
            for name in module.declarations.calls:
                instances = module.call(name).instances
                if instances:
                    yield cls(instances[0], instances[0].address)

    @property
    def source(self) -> str | None:
        """Return where the module comes from; None when that is not a plain string."""
        data = self.instance.body.attr("source").data
        return data if isinstance(data, str) else None

    @property
    def constraint(self) -> str | None:
        """Return the version constraint; None without one."""
        data = self.instance.body.attr("version").data
        return data if isinstance(data, str) else None
