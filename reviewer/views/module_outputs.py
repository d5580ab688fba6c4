"""What public modules pass on: outputs that are the value of an input, known without the module's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer.data import table
from reviewer.views.module_source import module_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value


def passed_on(call: Instance, output: str) -> Value | None:
    """Return the value of a call's output that is one of its arguments; None for any other output."""
    source = module_source(call)
    known: Mapping[str, Any] = table("module_outputs")["modules"]
    module = known.get(source.name) if source is not None and not source.submodule else None
    row = None if module is None else module["outputs"].get(output)
    if module is None or row is None:
        return None
    body = call.body
    if not all(_is(body, name, default=True) for name in module["create"]):
        return None
    if any(not _is(body, name, default=False) for name in row.get("unless", ())):
        return None
    written = (body.attr(name) for name in row["inputs"] if body.has(name))
    return next((each for each in written if not each.is_null), None)


def _is(body: Body, name: str, *, default: bool) -> bool:
    """Tell whether an input surely has its default, written or not."""
    return not body.has(name) or body.attr(name).settled().data is default
