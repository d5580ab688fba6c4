"""Resources that AWS always encrypts, and that can use a key of the customer's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.body import Body
    from reviewer.views.context import Context


class CustomerKey(View):
    """``row`` is of ``data/at_rest.yaml``: the argument for the key."""

    row: Mapping[str, Any]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every resource of the table."""
        rows = table("at_rest")["customer_keys"]
        for module in context.root.walk():
            for instance in module.resources_of(*rows):
                yield cls(instance, instance.address, rows[instance.type])

    def has_key(self) -> bool:
        """Tell whether a key is named that is not one of AWS; an unknown one is somebody's."""
        *path, name = self.row["argument"].split(".")
        body: Body | None = self.instance.body
        for block in path:
            body = body.blocks(block).first() if body is not None else None
        key = body.attr(name) if body is not None else None
        if key is None or key.is_null:
            return False
        return not (isinstance(key.data, str) and "alias/aws/" in key.data)
