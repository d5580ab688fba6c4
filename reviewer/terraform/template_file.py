"""The data source ``template_file`` of the old template provider: its answer follows from the code alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.terraform.convert import convert
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.types import STRING, MapType
from reviewer.terraform.value import EvaluationError, Value, object_of, unknown

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance


def rendered(instance: Instance, name: str) -> Value | None:
    """Return the attribute ``rendered``: the template with its variables, which are strings; None for others.

    Source: documentation of the provider ``hashicorp/template`` 2.2, "template_file".
    """
    if name != "rendered":
        return None
    given = instance.body.attr("vars")
    try:
        variables = object_of({}) if given.is_null else convert(given, MapType(STRING))
        return instance.module.files.render_text(instance.body.attr("template"), variables)
    except (EvaluationError, UnsupportedError) as error:
        return unknown(f"`{instance.address}` cannot be rendered: {error}", origins=given.origins)
