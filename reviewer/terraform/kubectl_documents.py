"""The data sources of the kubectl providers that read manifests: their answers follow from the code alone.

Source: providers ``alekc/kubectl`` 2.4 and ``gavinbunney/kubectl`` 1.19, data sources
``kubectl_path_documents``, ``kubectl_file_documents`` and ``kubectl_filename_list``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.terraform.convert import convert
from reviewer.terraform.functions.filesystem import as_expression
from reviewer.terraform.limits import UnsupportedError
from reviewer.terraform.manifest_text import DIRECTIVE, Document, documents
from reviewer.terraform.types import BOOL, STRING, ListType, MapType, Type
from reviewer.terraform.value import Contributions, EvaluationError, Unknown, Value, string, unknown

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range

_WILD = frozenset("*?[\\")
_MARKS = ("${", DIRECTIVE)


def computed(instance: Instance, name: str) -> Value | None:
    """Return an attribute that one of these data sources computes; None for any other."""
    make = _ATTRIBUTES.get((instance.type, name))
    # Made once: a resource with a count takes one element of the list in each of its instances.
    return None if make is None else instance.module.configuration.derived(_answer, make, instance)


def _answer(make: Callable[[Instance], Value], instance: Instance) -> Value:
    try:
        return make(instance)
    except (EvaluationError, UnsupportedError) as error:
        return unknown(f"`{instance.address}` cannot be read: {error}", origins=_origins(instance))


def _texts(instance: Instance) -> Value:
    return _list(instance, [each.text for each in _documents(instance)])


def _manifests(instance: Instance) -> Value:
    """Return the documents by their links. The provider writes them anew: another text, the same meaning."""
    found: dict[str, Value] = {}
    for each in _documents(instance):
        if isinstance(each.link.data, Unknown):
            raise UnsupportedError(each.link.data.reason)
        link = str(each.link.data)
        if link in found:
            raise EvaluationError(f"two documents are `{link}`")
        found[link] = each.text
    return Value(dict(sorted(found.items())), MapType(STRING), _origins(instance))


def _matches(instance: Instance) -> Value:
    return _list(instance, [string(each, *_origins(instance)) for each in _paths(instance)])


def _basenames(instance: Instance) -> Value:
    names = map(posixpath.basename, _paths(instance))
    return _list(instance, [string(each, *_origins(instance)) for each in names])


def _list(instance: Instance, elements: list[Value]) -> Value:
    return Value(tuple(elements), ListType(STRING), _origins(instance))


def _documents(instance: Instance) -> list[Document]:
    if instance.type == "kubectl_file_documents":
        return list(documents(instance.body.attr("content").settled()))
    variables = _variables(instance)
    contents = [_content(instance, path, variables) for path in _paths(instance)]
    return [each for content in contents for each in documents(content)]


def _origins(instance: Instance) -> tuple[Range, ...]:
    name = "content" if instance.type == "kubectl_file_documents" else "pattern"
    return instance.body.attr(name).origins


def _paths(instance: Instance) -> list[str]:
    """Return the files that match the pattern, in the order of their names, as Go's ``filepath.Glob`` does.

    A path starts at the folder of the root module, where Terraform runs.
    """
    pattern = str(_known(instance.body.attr("pattern"), STRING).data)
    segments = pattern.split("/")
    fixed = next((n for n, each in enumerate(segments) if not _WILD.isdisjoint(each)), None)
    files = instance.module.files
    if fixed is None:
        return [pattern] if files.exists(pattern) else []
    if ".." in segments[fixed:]:
        raise UnsupportedError(f"the file pattern {pattern!r} is not supported")
    folder, wanted = "/".join(segments[:fixed]), [as_expression(each) for each in segments[fixed:] if each]
    found = []
    for path in files.list(folder or "."):
        names = path.split("/")
        pairs = zip(wanted, names, strict=False)
        if len(names) >= len(wanted) and all(each.fullmatch(name) for each, name in pairs):
            if len(names) > len(wanted):
                raise EvaluationError(f"the pattern {pattern!r} matches a folder")
            found.append(posixpath.normpath(posixpath.join(folder, path)))
    return sorted(found)


def _variables(instance: Instance) -> Value | None:
    """Return what the templates are given; None when the files are no templates."""
    disabled = instance.body.attr("disable_template")
    if not disabled.is_null and _known(disabled, BOOL).data:
        return None
    given = [instance.body.attr(each) for each in ("vars", "sensitive_vars")]
    maps = [convert(each.settled(), MapType(STRING)) for each in given if not each.is_null]
    gathered = Contributions.of(*maps)
    blocked = next((each for each in maps if isinstance(each.data, Unknown)), None)
    if blocked is not None:
        return replace(blocked, origins=gathered.origins)
    merged: dict[str, Value] = {}
    for each in maps:
        merged |= each.data if isinstance(each.data, Mapping) else {}
    return Value(merged, MapType(STRING), gathered.origins)


def _content(instance: Instance, path: str, variables: Value | None) -> Value:
    """Return the text of a file, rendered with ``variables`` unless they are None."""
    files = instance.module.files
    whole = files.whole(path)
    if not whole:
        raise UnsupportedError(f"`{path}` cannot be read as text")
    written = string(whole[0].text, *_origins(instance), *whole)
    if variables is None or not any(each in whole[0].text for each in _MARKS):
        return written
    rendered = convert(files.render_text(written, variables).settled(), STRING)
    return replace(rendered, origins=(*_origins(instance), *variables.origins, *whole))


def _known(value: Value, kind: Type) -> Value:
    """Return a value of a primitive type that must be known."""
    converted = convert(value.settled(), kind)
    if isinstance(converted.data, Unknown):
        raise UnsupportedError(converted.data.reason)
    return converted


_ATTRIBUTES: Mapping[tuple[str, str], Callable[[Instance], Value]] = MappingProxyType(
    {
        ("kubectl_path_documents", "documents"): _texts,
        ("kubectl_path_documents", "manifests"): _manifests,
        ("kubectl_file_documents", "documents"): _texts,
        ("kubectl_file_documents", "manifests"): _manifests,
        ("kubectl_filename_list", "matches"): _matches,
        ("kubectl_filename_list", "basenames"): _basenames,
    }
)
