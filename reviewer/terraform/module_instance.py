"""A module with its arguments bound, and every resource and call in it as often as it exists.

A :class:`ModuleInstance` is the scope in which expressions of a module are evaluated. Everything is evaluated
when it is asked for, once.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from reviewer.terraform.block_values import collected, outputs_of
from reviewer.terraform.body import BlockBody, Body
from reviewer.terraform.constraint import ANY
from reviewer.terraform.convert import convert
from reviewer.terraform.evaluator import Step, evaluate
from reviewer.terraform.instance import Expansion, Instance, expand
from reviewer.terraform.value import EvaluationError, Value, string, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.constraint import Constraint
    from reviewer.terraform.expressions.nodes import Node
    from reviewer.terraform.functions import Files
    from reviewer.terraform.module import Declarations
    from reviewer.terraform.plan.root_plan import RootPlan
    from reviewer.terraform.syntax import Attribute, Block
    from reviewer.terraform.text import Range

MAX_MODULE_DEPTH = 20

MAX_MODULES = 2_000
"""Module instances in one configuration: a few nested ``count = 1000`` ask for millions."""


@dataclass(slots=True, eq=False)
class ModuleInstance:
    """A module with its variables bound: the scope of its expressions.

    ``address`` is ``""`` for a root module, else like ``module.network["eu"]``. ``arguments`` is the call's
    block; a root module takes its values from ``assignments`` (tfvars), the last one winning. ``plan`` is
    that of a root module, ``is_template`` true below a call of which nobody knows how often it exists.
    """

    configuration: Configuration
    declarations: Declarations
    address: str = ""
    parent: ModuleInstance | None = None
    arguments: Body | None = None
    assignments: Mapping[str, Attribute] = field(default_factory=dict)
    plan: RootPlan | None = None
    is_template: bool = False
    _variables: dict[str, Value] = field(default_factory=dict)
    _attributes: dict[tuple[Attribute, int], Value] = field(default_factory=dict)
    _pending: set[object] = field(default_factory=set)
    _expansions: dict[str, Expansion] = field(default_factory=dict)
    _tree: tuple[ModuleInstance, ...] | None = None
    _children: dict[str, tuple[ModuleInstance, ...]] = field(default_factory=dict)
    _bindings: list[Mapping[str, Value]] = field(default_factory=list)

    # The module tree

    @property
    def folder(self) -> str:
        """Return the folder of the module's files, relative to the repository."""
        return self.declarations.folder

    @property
    def call_block(self) -> Block | None:
        """Return the block of the parent that calls this module."""
        return self.arguments.block if isinstance(self.arguments, BlockBody) else None

    @property
    def root(self) -> ModuleInstance:
        """Return the root module of the tree this instance is in."""
        return self if self.parent is None else self.parent.root

    @property
    def depth(self) -> int:
        """Return 0 for a root module."""
        return 0 if self.parent is None else self.parent.depth + 1

    def full(self, address: str) -> str:
        """Return an address of this module from the root."""
        return f"{self.address}.{address}" if self.address else address

    def walk(self) -> tuple[ModuleInstance, ...]:
        """Return this module instance and, depth first, those of local modules it calls."""
        if self._tree is None:  # most views walk: to go down anew takes a sixth of a review of many modules
            below = (child.walk() for name in self.declarations.calls for child in self.children(name))
            self._tree = (self, *chain.from_iterable(below))
        return self._tree

    def children(self, call: str) -> tuple[ModuleInstance, ...]:
        """Return the instances of a called local module; empty when its code is not in the repository."""
        if call not in self._children:
            self._children[call] = ()  # a module that calls itself ends here
            expansion = self.call(call)
            self._children[call] = tuple(
                child for each in expansion.instances if (child := self._child(each)) is not None
            )
        return self._children[call]

    def _child(self, call: Instance) -> ModuleInstance | None:
        folder = self.local_source(call.block)
        if folder is None or self._is_inside(folder):
            return None
        if self.depth >= MAX_MODULE_DEPTH:
            self.configuration.leave_out(folder, f"modules are nested deeper than {MAX_MODULE_DEPTH}")
            return None
        if self.configuration.modules >= MAX_MODULES:
            self.configuration.leave_out(folder, f"there are more than {MAX_MODULES:,} module instances")
            return None
        declarations = self.configuration.declarations(folder)
        if not declarations.files:
            return None
        self.configuration.modules += 1
        is_template = self.is_template or call.is_template
        return ModuleInstance(
            self.configuration, declarations, call.address, self, call.body, is_template=is_template
        )

    def _is_inside(self, folder: str) -> bool:
        return folder == self.folder or (self.parent is not None and self.parent._is_inside(folder))  # noqa: SLF001 - the same class

    def local_source(self, call: Block) -> str | None:
        """Return the folder a call's ``source`` points to, when that is inside the repository."""
        attribute = call.attributes.get("source")
        source = self.value_of(attribute).data if attribute else None
        if not isinstance(source, str) or not source.startswith(("./", "../")):
            return None
        folder = posixpath.normpath(posixpath.join(self.folder, source))
        if folder.startswith(".."):
            return None
        return "" if folder == "." else folder

    # Declarations as values

    def resources(self) -> Iterator[Instance]:
        """Yield every instance of a resource or data source of this module."""
        for address in self.declarations.resources:
            yield from self.resource(address).instances

    def resources_of(self, *types: str) -> Iterator[Instance]:
        """Yield the resource instances of the given types as they are declared; no others are expanded.

        A data source's type is written ``data.aws_ami``.
        """
        by_type = self.declarations.by_type
        for _, address in sorted(chain.from_iterable(by_type.get(each, ()) for each in types)):
            yield from self.resource(address).instances

    def calls(self) -> Iterator[Instance]:
        """Yield every module call instance of this module."""
        for name in self.declarations.calls:
            yield from self.call(name).instances

    def resource(self, address: str) -> Expansion:
        """Return the instances of a resource or data source declared here."""
        return self._expanded(address, self.declarations.resources[address])

    def call(self, name: str) -> Expansion:
        """Return the instances of a module call declared here."""
        return self._expanded(f"module.{name}", self.declarations.calls[name])

    def variable(self, name: str) -> Value:
        """Return the value of an input variable, converted to its type."""
        if name not in self._variables:
            if ("variable", name) in self._pending:
                return unknown(f"`var.{name}` refers to itself")
            self._pending.add(("variable", name))
            self._variables[name] = self._bind(name)
            self._pending.discard(("variable", name))
        return self._variables[name]

    def output(self, name: str) -> Value | None:
        """Return the value of an output; None when the module does not declare it."""
        block = self.declarations.outputs.get(name)
        if block is None:
            return None
        if "value" not in block.attributes:
            return unknown(f"the output `{name}` has no value")
        value = self.value_of(block.attributes["value"])
        return value.marked(self._flag(block, "sensitive"))

    def value_of(self, attribute: Attribute, bindings: Mapping[str, Value] | None = None) -> Value:
        """Return what an attribute of this module is worth."""
        bindings = {} if bindings is None else bindings
        key = (attribute, id(bindings) if bindings else 0)
        known = self._attributes.get(key)
        if known is not None:
            return known
        if key in self._pending:
            return unknown(f"`{attribute.name}` refers to itself", origins=(attribute.expression,))
        self._pending.add(key)
        value = evaluate(self.configuration.expression(attribute), self, attribute.locate, bindings)
        self._pending.discard(key)
        if bindings:
            self._bindings.append(bindings)  # keeps the id that the key is made of from being used again
        self._attributes[key] = value
        return value

    def body(self, block: Block, bindings: Mapping[str, Value] | None = None) -> BlockBody:
        """Return the contents of any block of this module."""
        return BlockBody(block, self.value_of, bindings or {})

    # Variables

    def _bind(self, name: str) -> Value:
        block = self.declarations.variables.get(name)
        if block is None:
            return unknown(f"`var.{name}` is not declared", reference=f"var.{name}")
        constraint = self._constraint(block)
        value = self._assigned(name, block)
        nullable = not self._flag(block, "nullable", is_true=False)
        if value is None or (value.data is None and not nullable):
            default = block.attributes.get("default")
            if default is None and value is None:
                reason = f"`var.{name}` has no value in the code"
                value = unknown(reason, reference=f"var.{name}", kind=constraint.type)
                return value.marked(self._flag(block, "sensitive"))
            value = self.value_of(default) if default is not None else value
        if value is None:
            return unknown(f"`var.{name}` has no value in the code", reference=f"var.{name}")
        return self._converted(name, value, constraint).marked(self._flag(block, "sensitive"))

    def default(self, name: str) -> Value | None:
        """Return the default of an input variable, converted to its type; None without one."""
        block = self.declarations.variables[name]
        default = block.attributes.get("default")
        return None if default is None else self.as_variable(name, self.value_of(default))

    def as_variable(self, name: str, value: Value) -> Value:
        """Return what an input variable is worth when it is given ``value``."""
        return self._converted(name, value, self._constraint(self.declarations.variables[name]))

    def is_sensitive(self, name: str) -> bool:
        """Tell whether an input variable is declared as sensitive."""
        return self._flag(self.declarations.variables[name], "sensitive")

    def _assigned(self, name: str, block: Block) -> Value | None:
        if self.arguments is not None:
            return self.arguments.attr(name) if self.arguments.has(name) else None
        assignment = self.assignments.get(name)
        if assignment is not None:
            return self.value_of(assignment)
        return self.plan.variable(name, block) if self.plan is not None else None

    def _converted(self, name: str, value: Value, constraint: Constraint) -> Value:
        try:
            return convert(constraint.defaults.apply(value), constraint.type)
        except EvaluationError as error:
            return unknown(
                f"the value of `var.{name}` does not have its type: {error}", origins=value.origins
            )

    def _constraint(self, block: Block) -> Constraint:
        attribute = block.attributes.get("type")
        if attribute is None:
            return ANY

        def default(node: Node) -> Value:
            return evaluate(node, self, attribute.locate, {})

        # The defaults in it refer to nothing, so it is the same for every instance of the module.
        return self.configuration.constraint(attribute, default)

    def _flag(self, block: Block, name: str, *, is_true: bool = True) -> bool:
        attribute = block.attributes.get(name)
        return attribute is not None and self.value_of(attribute).data is is_true

    # Repetition

    def _expanded(self, address: str, block: Block) -> Expansion:
        if address not in self._expansions:
            if ("expansion", address) in self._pending:
                return Expansion(address, (), undecided=f"`{address}` refers to itself")
            self._pending.add(("expansion", address))
            self._expansions[address] = expand(self, address, block)
            self._pending.discard(("expansion", address))
        return self._expansions[address]

    # The scope

    @property
    def files(self) -> Files:
        """Return the files that functions may read."""
        return self.configuration.files_for(self)

    def resolve(  # noqa: PLR0911 - one answer for each kind of name
        self, root: str, steps: tuple[Step, ...], at: Range
    ) -> tuple[Value, int]:
        """Resolve a name of the Terraform language; see :class:`reviewer.terraform.evaluator.Scope`."""
        first = steps[0] if steps and isinstance(steps[0], str) else None
        second = steps[1] if len(steps) > 1 and isinstance(steps[1], str) else None
        match root:
            case "var" if first is not None:
                return self.variable(first).via(at), 1
            case "local" if first is not None:
                return self.local(first).via(at), 1
            case "module" if first is not None:
                return self._called(first, at), 1
            case "data" | "ephemeral" if first is not None and second is not None:
                return self._resource_value(f"{root}.{first}.{second}", at), 2
            case "path" if first is not None:
                return self._path(first, at), 1
            case "terraform" | "each" | "count" | "self":
                name = f"{root}.{first}" if first else root
                return unknown(f"`{name}` is not known from the code", reference=name, origins=(at,)), min(
                    1, len(steps)
                )
        if first is not None:
            return self._resource_value(f"{root}.{first}", at), 1
        return unknown(f"`{root}` is not a name that has a value", origins=(at,)), 0

    def local(self, name: str) -> Value:
        """Return the value of a local."""
        attribute = self.declarations.locals.get(name)
        if attribute is None:
            return unknown(f"`local.{name}` is not declared", reference=f"local.{name}")
        return self.value_of(attribute)

    def _path(self, name: str, at: Range) -> Value:
        root = self.root.folder
        if name == "module":
            return string(posixpath.relpath(self.folder or ".", root or "."), at)
        if name == "root":
            return string(".", at)
        return unknown(f"`path.{name}` depends on the machine", reference=f"path.{name}", origins=(at,))

    def _resource_value(self, address: str, at: Range) -> Value:
        if address not in self.declarations.resources:
            return unknown(f"`{address}` is not declared here", reference=self.full(address), origins=(at,))
        expansion = self.resource(address)
        values = [each.value() for each in expansion.instances]
        return collected(expansion, self.full(address), values).via(at)

    def _called(self, name: str, at: Range) -> Value:
        address = self.full(f"module.{name}")
        if name not in self.declarations.calls:
            return unknown(f"`module.{name}` is not declared here", reference=address, origins=(at,))
        expansion = self.call(name)
        children = self.children(name)
        if len(children) == len(expansion.instances) and children:
            values = [outputs_of(each) for each in children]
        else:
            values = [self.configuration.opaque_module(each) for each in expansion.instances]
        return collected(expansion, address, values).via(at)
