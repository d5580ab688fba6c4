"""What a Helm release sets of its chart, and an EKS add-on of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.yaml_documents import NotYamlError, of_string

if TYPE_CHECKING:
    from reviewer.terraform.body import Body


def chart_value(release: Body, path: str) -> Value:
    """Return what a release sets at a path such as ``controller.replicaCount``; null when it sets nothing.

    ``set`` wins over ``values``, and later ``values`` over earlier ones. Raises :class:`UndecidedError` when
    something that is unknown may set it.
    """
    for entry in reversed(release.blocks("set").require()):
        if entry.attr("name").require() == path:
            return entry.attr("value")
    for each in reversed(release.attr("values").elements()):
        found = configured(each, path)
        if not found.is_null:
            return found
    return NULL


def configured(configuration: Value, path: str) -> Value:
    """Return what YAML or JSON in a string, or an object, has at a path; null when it has nothing.

    Raises :class:`UndecidedError` when the configuration is unknown.
    """
    for document in documents_of(configuration):
        value: Value | None = document
        for name in path.split("."):
            data = value.require() if value is not None else None
            value = data.get(name) if isinstance(data, Mapping) else None
        if value is not None:
            return value
    return NULL


def documents_of(configuration: Value) -> tuple[Value, ...]:
    """Return the documents in a string of YAML or JSON, or the object itself.

    Raises :class:`UndecidedError` when they are unknown.
    """
    data = configuration.data
    if isinstance(data, Unknown) and data.document is not None:
        return (data.document,)
    if isinstance(data, Mapping):
        return (configuration,)
    if isinstance(data, Unknown) and not data.parts:
        raise UndecidedError(data.reason)
    try:
        return of_string(configuration)
    except NotYamlError as error:
        raise UndecidedError("the values of a chart cannot be read") from error
