"""Literals in code that may be secrets: arguments, environment variables, Helm values, user data, locals."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.body import BlockBody, Body
from reviewer.terraform.loaded_text import places
from reviewer.terraform.meta_arguments import META_ARGUMENTS
from reviewer.terraform.module import is_terraform
from reviewer.terraform.syntax import Block
from reviewer.views.declaration import Declared, declared
from reviewer.views.secrets.credential import credential, entries
from reviewer.views.yaml_documents import NotYamlError, of_string

if TYPE_CHECKING:
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_SCRIPT = re.compile(r"user_?data(?:_base64)?$")
_YAML = frozenset({"values", "yaml_body"})
_JSON = frozenset({"secret_string"})
"""Arguments that often hold a JSON object of secrets, and sometimes a single one."""

_ASSIGNMENT = re.compile(r"^[ \t]*(?:export[ \t]+)?(\w{1,80})=[\"']?([^\s\"'$]{1,200})", re.MULTILINE)
_LONGEST = 100_000


class Literal(Record, eq=False):
    """``path`` is where the literal stands (``env.DB_PASSWORD``), ``name`` the part that tells what it is."""

    path: str
    name: str
    text: str
    at: Range


class CodeBlock(Declared):
    """A resource, module call, provider configuration, output or local, of which the literals count."""

    body: BlockBody

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every one; data sources read and hold nothing."""
        for module in context.root.walk():
            for instance in (*module.resources(), *module.calls()):
                if instance.kind in {"resource", "module"}:
                    yield cls(instance, instance.address, instance.body)
            for block in module.declarations.providers:
                instance = declared(module, block, f"provider.{block.labels[0]}")
                yield cls(instance, instance.address, instance.body)
            for name, block in module.declarations.outputs.items():
                instance = declared(module, block, f"output.{name}")
                yield cls(instance, instance.address, instance.body)
            for name, attribute in module.declarations.locals.items():
                block = Block("locals", (name,), attribute.range, attribute.range, {name: attribute}, ())
                instance = declared(module, block, "local")
                yield cls(instance, instance.address, instance.body)

    def literals(self) -> Iterator[Literal]:
        """Yield the literals written here or in a loaded file, or in a local that is silent about them."""
        is_output = self.instance.kind == "output"
        found = (
            _of_value("value", self.instance.name, self.body.attr("value"))
            if is_output
            else _of_body(self.body, "")
        )
        for literal in found:
            is_here = self.body.block.range.contains(literal.at) or not is_terraform(literal.at.path)
            if is_here or _is_in_mute_local(self.instance.module, literal):
                yield literal


def _is_in_mute_local(module: ModuleInstance, literal: Literal) -> bool:
    """Tell whether a literal stands in a local in which nothing is found: who uses it says what it is."""
    for name, attribute in module.declarations.locals.items():
        if attribute.range.contains(literal.at):
            found = _of_value(name, name, module.value_of(attribute))
            own = (each for each in found if attribute.range.contains(each.at))
            return all(credential(each.name, each.text) is None for each in own)
    return False


def _of_body(body: Body, path: str) -> Iterator[Literal]:
    if not isinstance(body, BlockBody):
        return
    for name in body.block.attributes:
        if name not in META_ARGUMENTS:
            yield from _of_argument(name, f"{path}{name}", body)
    for block_type in body.block_types():
        if block_type != "lifecycle":
            for nested in body.blocks(block_type):
                yield from _of_body(nested, f"{path}{block_type}.")


def _of_argument(name: str, path: str, body: BlockBody) -> Iterator[Literal]:
    value = body.attr(name)
    text = _of_text(path, name, value)
    if text is not None:
        yield from text
        return
    title = body.attr("name").data if name == "value" and body.has("name") else None
    if isinstance(title, str):
        yield from _of_value(f"{path.rpartition('.')[0]}.{title}", title, value)
        return
    yield from _of_value(path, name, value)


def _of_value(path: str, name: str, value: Value) -> Iterator[Literal]:
    """Yield the strings in a value; of an object with a name and a value, the name tells what it is."""
    if isinstance(value.data, str):
        if value.supplier is not None and _is_written(value.data, value.supplier):
            yield Literal(path, re.split(r"[.\[\]]", name)[-1], value.data, value.supplier)
    elif isinstance(value.data, tuple):
        for each in value.data:
            yield from _of_value(path, name, each)
    elif isinstance(value.data, Mapping):
        title = value.data["name"].data if {"name", "value"} <= value.data.keys() else None
        for key, each in entries(value.data):
            own = title if key == "value" and isinstance(title, str) else key
            telling = name if own in {"value", "default"} else own
            text = _of_text(f"{path}.{own}", key, each)
            yield from _of_value(f"{path}.{own}", telling, each) if text is None else text


def _of_text(path: str, name: str, value: Value) -> Iterator[Literal] | None:
    """Return the literals in a script or a document that an argument of this name holds; None for others."""
    if _SCRIPT.search(name):
        return _of_script(path, value)
    if name in _YAML or (
        name in _JSON and isinstance(value.data, str) and value.data.lstrip().startswith("{")
    ):
        return _of_yaml(path, value)
    return None


def _is_written(text: str, at: Range) -> bool:
    """Tell whether a string stands in the code as it is: what functions make of other values does not."""
    return text in at.text or (at.text.startswith(('"', "<<")) and "${" not in at.text)


def _of_yaml(path: str, value: Value) -> Iterator[Literal]:
    texts = value.data if isinstance(value.data, tuple) else (value,)
    for text in texts:
        if not isinstance(text.data, str):
            continue
        try:
            documents = of_string(text)
        except NotYamlError:
            documents = ()
        for document in documents:
            yield from _of_value(path, path, document)


def _of_script(path: str, value: Value) -> Iterator[Literal]:
    """Yield the variables that a script sets, and the script without those that are secrets of their own."""
    if not isinstance(value.data, str) or value.supplier is None:
        return
    text = _decoded(value.data)[:_LONGEST]
    in_file = places(value, text)
    rest, end = "", 0
    for match in _ASSIGNMENT.finditer(text):
        at = value.supplier if in_file is None else in_file(*match.span())[0]
        yield Literal(f"{path}.{match[1]}", match[1], match[2], at)
        if credential(match[1], match[2]) is not None:
            rest, end = rest + text[end : match.start()], match.end()
    yield Literal(path, path, rest + text[end:], value.supplier)


def _decoded(text: str) -> str:
    """Return the text behind base64, which hides nothing."""
    try:
        return b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text
