"""The plan of one root module: found to be of its code, and asked for what the code leaves unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import field

from reviewer.record import Record
from reviewer.terraform.plan.differences import Difference, differences
from reviewer.terraform.plan.planned import located, matches, planned_value
from reviewer.terraform.syntax import signature
from reviewer.terraform.value import Value, object_of

if TYPE_CHECKING:
    from reviewer.terraform.body import BlockBody
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.plan.document import Json
    from reviewer.terraform.plan.plan import Plan
    from reviewer.terraform.syntax import Block


class RootPlan(Record, eq=False):
    """A plan as the modules below one root use it.

    ``variables`` are values that the code does not give, as JSON: those of ``-var`` and the environment.
    ``head`` is the root module that the plan is of, set where an older revision asks: there only what is
    written in the same way is planned in the same way.
    """

    plan: Plan
    variables: Mapping[str, Json] = field(default_factory=dict)
    head: ModuleInstance | None = None

    def variable(self, name: str, block: Block) -> Value | None:
        """Return the value of a variable of the root module that no file assigns."""
        if name not in self.variables:
            return None
        return located(planned_value(self.variables[name]), (block.header,))

    def block(self, module: ModuleInstance, address: str, block: Block) -> Value | None:
        """Return what is planned for the instance of a full address that ``block`` declares."""
        planned = self.plan.resources.get(address)
        if planned is None:
            return None
        value = planned.value()
        return value if self.head is None else _unchanged(self.head, module, block, value)

    def keys(self, module: ModuleInstance, address: str, block: Block) -> tuple[int | str, ...] | None:
        """Return the instance keys of a repeated block; None when the plan does not tell them."""
        keys = self.plan.keys.get(module.full(address))
        if keys is None and not (self.plan.is_complete and block.type == "resource"):
            return None
        if self.head is not None:
            same = _counterpart(self.head, module, block)
            names = ("count", "for_each")
            if same is None or any(_written(same, name) != _written(block, name) for name in names):
                return None
        return keys or ()


def _unchanged(head: ModuleInstance, module: ModuleInstance, block: Block, value: Value) -> Value | None:
    """Return of a planned object what the older revision writes in the same way as the head."""
    same = _counterpart(head, module, block)
    if same is None or not isinstance(value.data, Mapping):
        return None
    if signature(same) == signature(block):
        return value
    names = {*same.attributes, *(label for each in same.blocks for label in (each.type, *each.labels))}
    kept = {name for name in names if _written(same, name) == _written(block, name)}
    return object_of({name: each for name, each in value.data.items() if name in kept})


def _counterpart(head: ModuleInstance, module: ModuleInstance, block: Block) -> Block | None:
    """Return the block of the same name in the module of the same folder at the head."""
    declared = next(
        (each.declarations for each in head.walk() if each.folder == module.folder),
        head.declarations if module.parent is None else None,
    )
    if declared is None:
        return None
    if block.type == "module":
        return declared.calls.get(block.labels[0])
    prefix = "" if block.type == "resource" else f"{block.type}."
    return declared.resources.get(prefix + ".".join(block.labels))


def _written(block: Block, name: str) -> str:
    """Return all that a block says under a name, without layout."""
    attribute = block.attributes.get(name)
    own = "" if attribute is None else " ".join(attribute.expression.text.split())
    nested = (signature(each) for each in block.blocks if name in {each.type, *each.labels})
    return "\n".join((own, *nested))


def given_variables(root: ModuleInstance, plan: Plan) -> dict[str, Json]:
    """Return the values of variables that the plan has and the code does not give; never a sensitive one."""
    return {
        name: value
        for name, value in plan.variables.items()
        if name in root.declarations.variables
        and name not in root.assignments
        and not root.is_sensitive(name)
        and not _is_default(root, name, value)
    }


def _is_default(root: ModuleInstance, name: str, planned: Json) -> bool:
    default = root.default(name)
    return default is not None and default.is_wholly_known and _is_same(root, name, default, planned)


def _is_same(root: ModuleInstance, name: str, value: Value, planned: Json) -> bool:
    """Tell whether a plan gives a variable this value; it records what was given, before any conversion."""
    given = root.as_variable(name, planned_value(planned))
    return not given.is_wholly_known or matches(value, _plain(given))


def _plain(value: Value) -> Json:
    """Return a known value as JSON data, of which matters what it holds and not of which type it is."""
    if isinstance(value.data, tuple):
        return [_plain(each) for each in value.data]
    if isinstance(value.data, Mapping):
        return {name: _plain(each) for name, each in value.data.items()}
    return value.data


def misfits(root: ModuleInstance, plan: Plan) -> Iterator[Difference]:
    """Yield why a plan is not of the code of a root module, as far as both tell.

    ``root`` has the plan: what its code tells stays what it is. Compared are the configuration, then the
    values that no provider can alter: those of variables and outputs, instance keys, and numbers and bools
    of new resources.
    """
    yield from differences(root, plan.configuration)
    for name, assigned in root.assignments.items():
        known = name in plan.variables and name in root.declarations.variables
        if known and not _is_same(root, name, root.variable(name), plan.variables[name]):
            yield Difference(f"the value of `var.{name}` is another in the plan", assigned.range)
    for name, planned in plan.outputs.items():
        output = root.output(name)
        if output is not None and output.is_wholly_known and not matches(output, planned):
            yield Difference(f"the value of the output `{name}` is another in the plan")
    for module in root.walk():
        for address in module.declarations.resources:
            yield from _of_instances(module, address, plan)


def _of_instances(module: ModuleInstance, address: str, plan: Plan) -> Iterator[Difference]:
    expansion = module.resource(address)
    block = module.declarations.resources[address]
    if expansion.undecided is not None or module.is_template or block.type != "resource":
        return
    keys = plan.keys.get(module.full(address), ())
    here = {each.key.data for each in expansion.instances if each.key is not None}
    if plan.is_complete and expansion.keyed and here != set(keys):
        yield Difference(f"`{module.full(address)}` has other instances in the plan", block.header)
    for instance in expansion.instances:
        planned = plan.resources.get(instance.address)
        if planned is not None and planned.is_new and not any(True for _ in block.nested("lifecycle")):
            yield from _of_values(instance.body, instance.address, planned.value())


def _of_values(body: BlockBody, address: str, planned: Value) -> Iterator[Difference]:
    for name, attribute in body.block.attributes.items():
        other = planned.data.get(name) if isinstance(planned.data, Mapping) else None
        if other is not None and _contradicts(body.attr(name), other):
            yield Difference(f"the value of `{address}.{name}` is another in the plan", attribute.range)


def _contradicts(value: Value, planned: Value) -> bool:
    """Tell whether a number or a bool in a value is another than planned: no provider rewrites those."""
    match value.data, planned.data:
        case Mapping() as own, Mapping() as other:
            return any(_contradicts(own[name], other[name]) for name in own.keys() & other.keys())
        case tuple() as own, tuple() as other:
            return _are_amounts(own) and _are_amounts(other) and _unordered(own) != _unordered(other)
        case bool() | int() | Decimal(), bool() | int() | Decimal():
            return not matches(value, planned.data)
    return False


def _are_amounts(elements: tuple[Value, ...]) -> bool:
    return all(isinstance(each.data, bool | int | Decimal) for each in elements)


def _unordered(elements: tuple[Value, ...]) -> set[object]:
    """Return what is in a collection: of a set, neither the order nor the number of equal elements counts."""
    return {each.data for each in elements}
