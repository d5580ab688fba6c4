"""What AWS Backup takes care of: selections by name, by pattern and by tag."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Self

from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.instance import Instance

_MODULE_NAMES = ("backup",)


@dataclass(frozen=True, slots=True, eq=False)
class BackupSelection(View):
    """An ``aws_backup_selection``, or a call of a module that makes one (``is_opaque``)."""

    is_opaque: bool = False

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every selection."""
        for module in context.root.walk():
            for instance in module.resources():
                if instance.kind == "resource" and instance.type == "aws_backup_selection":
                    yield cls(instance, instance.address)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name.split("/")[1] in _MODULE_NAMES:
                    yield cls(call, call.address, is_opaque=True)

    def covers(self, target: Instance, service: str) -> bool:
        """Tell whether a resource is selected: by reference, by a pattern on ARNs of its service, or by tags.

        ``service`` is as in ARNs (``eks``). Raises :class:`UndecidedError` when the code does not tell.
        """
        if self.is_opaque:
            raise UndecidedError(f"what `{self.address}` backs up is not known from the code")
        if self._by_tags:
            return True
        undecided: str | None = None
        for each in self.instance.body.attr("resources").elements():
            data = each.data
            if isinstance(data, Unknown):
                if (data.reference or "").startswith(f"{target.address}."):
                    return True
                undecided = undecided or (None if data.reference else data.reason)
            elif isinstance(data, str) and (data == "*" or fnmatchcase(data, f"arn:*:{service}:*")):
                return True
        if undecided is not None:
            raise UndecidedError(undecided)
        return False

    @property
    def _by_tags(self) -> bool:
        body = self.instance.body
        return any(
            body.blocks(name).known or body.blocks(name).undecided for name in ("selection_tag", "condition")
        )


def is_selected(context: Context, target: Instance, service: str) -> bool:
    """Tell whether some selection of AWS Backup covers a resource; raises :class:`UndecidedError`."""
    undecided: UndecidedError | None = None
    for selection in BackupSelection.find(context):
        try:
            if selection.covers(target, service):
                return True
        except UndecidedError as error:
            undecided = undecided or error
    if undecided is not None:
        raise undecided
    return False
