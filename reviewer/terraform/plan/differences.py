"""Whether a plan was made from this code: its configuration compared with the files, block by block.

A plan lists of every argument its constant value or what it refers to, so a changed argument is seen; locals,
``dynamic`` blocks and the functions that are called are not in it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.expressions.references import Path, UnreadableError, is_constant, references
from reviewer.terraform.meta_arguments import META_ARGUMENTS, OF_CALLS_ALONE
from reviewer.terraform.plan.document import decoded
from reviewer.terraform.plan.planned import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import msgspec

    from reviewer.terraform.module import Declarations
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.plan.document import ConfigCall, ConfigModule, ConfigResource, Expressions, Json
    from reviewer.terraform.syntax import Attribute, Block
    from reviewer.terraform.text import Range

_NOT_LISTED = frozenset({"connection", "dynamic", "lifecycle", "provisioner", "//"})
"""What JSON syntax writes as an argument, too, and a plan does not list among them."""

_OF_RESOURCES = META_ARGUMENTS - OF_CALLS_ALONE


class Difference(Record):
    """One thing that is not the same in the plan and in the code; ``at`` is None for what the code lacks."""

    text: str
    at: Range | None = None

    def __str__(self) -> str:
        """Return the difference with its place."""
        return self.text if self.at is None else f"{self.at}: {self.text}"


def differences(module: ModuleInstance, planned: ConfigModule) -> Iterator[Difference]:
    """Yield how the code of a module and of the local modules it calls differs from that of a plan."""
    declared = module.declarations
    lasting = {name: each for name, each in declared.resources.items() if each.type != "ephemeral"}
    addresses = {each.address for each in planned.resources if each.mode != "ephemeral"}
    addresses -= _data_of_checks(declared)
    yield from _names(module, "", lasting, addresses)
    yield from _names(module, "module.", declared.calls, planned.module_calls)
    yield from _names(module, "var.", declared.variables, planned.variables)
    yield from _names(module, "output.", declared.outputs, planned.outputs)
    yield from _declared(module, planned)
    for name, call in planned.module_calls.items():
        yield from _called(module, name, call)


def _names(
    module: ModuleInstance, prefix: str, here: Mapping[str, Block], planned: Iterable[str]
) -> Iterator[Difference]:
    """Yield what only one of the two declares."""
    names = set(planned)
    for name in sorted(here.keys() - names):
        yield Difference(f"`{module.full(prefix + name)}` is not in the plan", here[name].header)
    for name in sorted(names - here.keys()):
        yield Difference(f"`{module.full(prefix + name)}` is in the plan only")


def _data_of_checks(declared: Declarations) -> set[str]:
    """Return the data sources inside ``check`` blocks, which nothing else may refer to."""
    nested = (data for block in declared.others if block.type == "check" for data in block.nested("data"))
    return {f"data.{'.'.join(each.labels)}" for each in nested}


def _declared(module: ModuleInstance, planned: ConfigModule) -> Iterator[Difference]:
    """Yield differences of the resources, variables and outputs that both have."""
    declared, comparison = module.declarations, _Comparison(module)
    for each in planned.resources:
        if each.address in declared.resources:
            yield from comparison.resource(module.full(each.address), declared.resources[each.address], each)
    for name, output in planned.outputs.items():
        value = declared.outputs[name].attributes.get("value") if name in declared.outputs else None
        if value is not None:
            yield from comparison.argument(module.full(f"output.{name}"), value, output.expression)
    for name, variable in planned.variables.items():
        block = declared.variables.get(name)
        if block is not None and not _same_default(module, name, variable.default):
            yield Difference(
                f"the default of `{module.full(f'var.{name}')}` is another in the plan", block.header
            )


def _same_default(module: ModuleInstance, name: str, planned: msgspec.Raw) -> bool:
    value = module.default(name)
    if value is None:
        return not bytes(planned)
    return value.is_unknown or (bool(bytes(planned)) and matches(value, decoded(planned)))


def _called(module: ModuleInstance, name: str, call: ConfigCall) -> Iterator[Difference]:
    """Yield differences of one module call, and of the module when its code is in the repository."""
    block = module.declarations.calls.get(name)
    if block is None:
        return
    address = module.full(f"module.{name}")
    written = module.body(block)
    for argument, planned in (("source", call.source), ("version", call.version_constraint)):
        value = written.attr(argument).data
        if isinstance(value, str) and _spelling(argument, value) != _spelling(argument, planned):
            yield Difference(
                f"the {argument} of `{address}` is another in the plan", block.attributes[argument].range
            )
    comparison = _Comparison(module)
    yield from comparison.repetition(address, block, call)
    yield from comparison.body(address, block, call.expressions, META_ARGUMENTS)
    child = next(iter(module.children(name)), None)
    if child is not None:
        yield from differences(child, call.module)


def _spelling(argument: str, text: str) -> str:
    """Return a source or a version constraint without what may be spelt in several ways."""
    if argument == "version":
        return "".join(text.split())
    return posixpath.normpath(text) if text.startswith(".") else text


class _Comparison(Record):
    """Compares arguments: what is constant by its value, all else by what it refers to."""

    module: ModuleInstance

    def resource(self, address: str, block: Block, planned: ConfigResource) -> Iterator[Difference]:
        """Yield differences of a resource or data source."""
        yield from self.repetition(address, block, planned)
        yield from self.body(address, block, planned.expressions, _OF_RESOURCES)

    def repetition(
        self, address: str, block: Block, planned: ConfigResource | ConfigCall
    ) -> Iterator[Difference]:
        """Yield differences of ``count`` and ``for_each``."""
        pairs = (("count", planned.count_expression), ("for_each", planned.for_each_expression))
        for name, expression in pairs:
            attribute = block.attributes.get(name)
            if attribute is not None:
                yield from self.argument(f"{address}.{name}", attribute, expression or {})
            elif expression:
                yield Difference(f"`{address}` has `{name}` in the plan only", block.header)

    def body(
        self, address: str, block: Block, planned: Expressions, meta: frozenset[str] = frozenset()
    ) -> Iterator[Difference]:
        """Yield differences of the arguments and nested blocks; what the plan does not list is not seen."""
        for name, attribute in block.attributes.items():
            if name in meta or name in _NOT_LISTED:
                continue
            if name not in planned:
                yield Difference(f"`{address}.{name}` is not in the plan", attribute.range)
            elif attribute.parsed is None:
                yield from self.argument(f"{address}.{name}", attribute, planned[name])
        for name in sorted(planned.keys() - block.attributes.keys()):
            yield from self._nested(f"{address}.{name}", block, list(block.nested(name)), planned[name])

    def _nested(self, address: str, block: Block, nested: list[Block], planned: Json) -> Iterator[Difference]:
        bodies = planned if isinstance(planned, list) else [planned]
        if len(nested) != len(bodies):
            yield Difference(f"`{address}` is another in the plan", block.header)
            return
        for each, body in zip(nested, bodies, strict=True):
            if isinstance(body, dict):
                yield from self.body(address, each, body)

    def argument(self, name: str, attribute: Attribute, planned: Json) -> Iterator[Difference]:
        """Yield the difference of one argument, if there is one."""
        if isinstance(planned, dict) and not self._is_same(attribute, planned):
            yield Difference(f"`{name}` is another in the plan", attribute.range)

    def _is_same(self, attribute: Attribute, planned: Expressions) -> bool:
        node = self.module.configuration.expression(attribute)
        try:
            here = set(references(node))
        except UnreadableError:
            return True
        if here or "references" in planned:
            return _same_references(here, planned.get("references", ()))
        if "constant_value" in planned:
            return matches(self.module.value_of(attribute), planned["constant_value"])
        return not is_constant(node)


def _same_references(here: set[Path], planned: Json) -> bool:
    """Tell whether references are those of a plan, which lists each in full and cut short."""
    whole = {"".join(each) for each in here}
    parts = {"".join(each[:length]) for each in here for length in range(1, len(each) + 1)}
    return whole <= set(planned) <= parts
