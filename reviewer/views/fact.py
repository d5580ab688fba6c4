"""A fact about a subject: its value with the default applied, and where it is or would be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reviewer.record import Record
from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import Value, boolean, number, object_of, string, tuple_of

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.text import Range


class Fact(Record, eq=False):
    """``argument`` is the path of the argument here (``vpc_config.endpoint_public_access``).

    ``value`` is what it is worth, the default when it is not written. ``body`` is the block that holds or
    would hold it. ``certain`` is false when the argument is not written and its name depends on a version
    that is not known, or the block around it is not there.
    """

    argument: str
    value: Value
    written: bool
    body: Body
    header: Range
    certain: bool = True

    @property
    def name(self) -> str:
        """Return the argument's own name, without the blocks around it."""
        return self.argument.rpartition(".")[2]

    @property
    def at(self) -> Range:
        """Return the range that supplies the value; the enclosing block's header when it is a default."""
        supplier = (self.value.supplier or self._expression) if self.written else None
        return supplier or self.body.range or self.header

    @property
    def _expression(self) -> Range | None:
        """Return what is written in a block, also where nothing is known to supply its value."""
        block = self.body.block if isinstance(self.body, BlockBody) else None
        attribute = block.attributes.get(self.name) if block is not None else None
        return attribute.expression if attribute is not None else None


def is_true(data: object) -> bool:
    """Tell whether an argument of type bool is true; Terraform converts strings."""
    return data is True or data == "true"


def is_false(data: object) -> bool:
    """Tell whether an argument of type bool is false; Terraform converts strings."""
    return data is False or data == "false"


def from_data(data: Any) -> Value:  # noqa: ANN401 - whatever a YAML table holds
    """Return a default of a table as a value without origins."""
    match data:
        case bool():
            return boolean(data)
        case int():
            return number(data)
        case str():
            return string(data)
        case list():
            return tuple_of(tuple(map(from_data, data)))
        case Mapping():
            return object_of({key: from_data(each) for key, each in data.items()})
    return Value(None)
