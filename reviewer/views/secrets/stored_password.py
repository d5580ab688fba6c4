"""Passwords of data stores that Terraform sets, and thereby keeps in its state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.value import Unknown, Value
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.context import Context

_CLAUSE = re.compile(r"(=|>=|<=|<|>|~>|!=)?\s*(\d+)(?:\.(\d+))?(\.\d+)?")
_WRITE_ONLY = (1, 11)


class StoredPassword(View):
    """``argument`` is the password's, ``instead`` what keeps it out of the state, ``then`` what follows."""

    argument: str
    instead: str
    then: str
    value: Value

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every resource of ``data/at_rest.yaml`` that takes a password."""
        rows = table("at_rest")["passwords"]
        for module in context.root.walk():
            for instance in module.resources_of(*rows):
                row = rows[instance.type]
                if instance.body.has(row["argument"]):
                    value = instance.body.attr(row["argument"])
                    yield cls(instance, instance.address, row["argument"], row["instead"], row["then"], value)

    @property
    def is_secret_version(self) -> bool:
        """Tell whether it is the value of a secret in Secrets Manager."""
        return self.instance.type == "aws_secretsmanager_secret_version"

    def is_generated(self) -> bool:
        """Tell whether the value is made of a ``random_password``."""
        return any("random_password." in reference for reference in references(self.value))

    def inherits(self) -> bool:
        """Tell whether the store takes its password from what it is made of."""
        names = table("at_rest")["password_inherits"]
        return any(self.instance.body.has(each) or self.instance.body.blocks(each).known for each in names)

    def can_write_only(self) -> bool:
        """Tell whether the configuration is for Terraform 1.11 or later, which has write-only arguments."""
        return _allows_write_only(self.instance.module.root)


def references(value: Value) -> Iterator[str]:
    """Yield the references that a value is made of."""
    data = value.data
    if isinstance(data, Unknown):
        if data.reference is not None:
            yield data.reference
        for each in (*data.parts, *data.alternatives, *((data.document,) if data.document else ())):
            yield from references(each)
    elif isinstance(data, tuple):
        for each in data:
            yield from references(each)
    elif isinstance(data, Mapping):
        for each in data.values():
            yield from references(each)


def _allows_write_only(root: ModuleInstance) -> bool:
    for settings in root.declarations.settings:
        attribute = settings.attributes.get("required_version")
        text = root.value_of(attribute).data if attribute is not None else None
        if isinstance(text, str):
            return all(_admits(clause) for clause in text.split(","))
    return False


def _admits(clause: str) -> bool:
    """Tell whether a clause admits the version with write-only arguments, or a later one."""
    match = _CLAUSE.match(clause.strip())
    if match is None:
        return False
    operator, version = match[1] or "=", (int(match[2]), int(match[3] or 0))
    if operator == "~>":
        return version[0] == _WRITE_ONLY[0] and (match[4] is None or version >= _WRITE_ONLY)
    return operator in {">=", ">", "!="} or version >= _WRITE_ONLY
