"""One root module at one revision: its subjects, what the change touches there, and what the checks say."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.checks.runner import Outcome, State, Subjects, evaluate, search
from reviewer.engine.moves import renamed
from reviewer.engine.suppliers import Suppliers
from reviewer.engine.touched import instances, origins, touch
from reviewer.terraform.syntax import signature
from reviewer.views.root import Root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from reviewer.checks.check import Check
    from reviewer.engine.review_set import Everything, ReviewSet
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.instance import Expansion, Instance
    from reviewer.terraform.syntax import Block
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context
    from reviewer.views.view import View

_KEY = re.compile(r'\[(?:\d+|"[^"]*")\]')


@dataclass(slots=True, eq=False)
class Side:
    """A root module at the base or the head. ``changed`` are the changed lines of that revision.

    ``aliases`` maps an address here to its name at the head, where ``moved`` blocks rename it, and
    ``renamed`` the path of a file to that at the head.
    """

    context: Context
    changed: ChangedLines
    aliases: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    _expansions: defaultdict[str, list[Callable[[], Expansion]]] | None = None
    _counterparts: dict[str, dict[str, Instance]] = field(default_factory=dict)
    _instances: dict[str, Instance] | None = None
    _touched: dict[str, Instance] | None = None
    _suppliers: Suppliers | None = None
    _subjects: dict[type[View], Subjects] = field(default_factory=dict)

    @property
    def suppliers(self) -> Suppliers:
        """Return what the change may alter at this revision."""
        if self._suppliers is None:
            self._suppliers = Suppliers(self.changed)
        return self._suppliers

    @property
    def exists(self) -> bool:
        """Tell whether the root module has any configuration at this revision."""
        return bool(self.context.root.declarations.files)

    def rerooted(self, configuration: Configuration) -> Side:
        """Return the same root module in another configuration."""
        root = configuration.root(self.context.root.folder)
        return Side(replace(self.context, configuration=configuration, root=root), self.changed, self.aliases)

    def instances(self) -> Mapping[str, Instance]:
        """Return every resource and call by its address, as the head names it."""
        if self._instances is None:
            self._instances = {self.name(each.address): each for each in instances(self.context.root)}
        return self._instances

    def candidates(self) -> Iterator[Instance]:
        """Yield the instances that the change may touch; no other is expanded or evaluated."""
        for module in self.context.root.walk():
            for address, block in module.declarations.resources.items():
                if self.suppliers.may_touch(module, block):
                    yield from module.resource(address).instances
            for name, block in module.declarations.calls.items():
                if self.suppliers.may_touch(module, block):
                    yield from module.call(name).instances

    def counterpart(self, address: str) -> Instance | None:
        """Return the instance that the head calls ``address``; only blocks of that name are expanded."""
        name = without_keys(address)
        if name not in self._counterparts:
            found = self._counterparts[name] = {}
            for expand in self._expansions_of(name):
                for each in expand().instances:
                    found.setdefault(self.name(each.address), each)
        return self._counterparts[name].get(address)

    def _expansions_of(self, name: str) -> Sequence[Callable[[], Expansion]]:
        """Return what expands the blocks that the head calls ``name``, an address without keys."""
        if self._expansions is None:
            self._expansions = defaultdict(list)
            for full, expand in self._blocks():
                self._expansions[without_keys(self.name(full))].append(expand)
        return self._expansions[name]

    def _blocks(self) -> Iterator[tuple[str, Callable[[], Expansion]]]:
        """Yield the full address of every resource and call, and what expands it."""
        for module in self.context.root.walk():
            for address in module.declarations.resources:
                yield module.full(address), partial(module.resource, address)
            for name in module.declarations.calls:
                yield module.full(f"module.{name}"), partial(module.call, name)

    def name(self, address: str) -> str:
        """Return an address as the head names it; that of what a file holds begins with the file's path."""
        path, colon, rest = address.partition(":")
        if colon and path in self.renamed:
            return f"{self.renamed[path]}:{rest}"
        return renamed(address, self.aliases)

    def touched(self, other: Side) -> Mapping[str, Instance]:
        """Return the resources and calls that are touched here, by address."""
        if self._touched is None:
            named = ((self.name(each.address), each) for each in self.candidates())
            self._touched = {
                address: each for address, each in named if self._is_touched(address, each, other)
            }
        return self._touched

    def _is_touched(self, address: str, instance: Instance, other: Side) -> bool:
        """Tell whether an instance is touched by more than layout."""
        reason = touch(instance, self.changed)
        if reason is None:
            return False
        counterpart = other.counterpart(address)
        if reason.through is not None or counterpart is None or not _same_code(instance, counterpart):
            return True
        return _supplied_by_change(instance, self.changed)

    def subjects(self, kind: type[View]) -> Subjects:
        """Return every subject of a kind, found once."""
        if kind not in self._subjects:
            self._subjects[kind] = search(kind, self.context)
        return self._subjects[kind]

    def touched_subjects(self, kind: type[View], other: Side) -> set[str]:
        """Return the addresses of the subjects of a kind that are touched here."""
        found = set()
        for subject in self.subjects(kind).found:
            own = subject.is_touched(self.changed)
            address = self.name(subject.instance.address)
            if own or (own is None and address in self.touched(other)):
                found.add(self.name(subject.address))
        return found

    def settings(self) -> Iterator[Block]:
        """Yield the provider, variable, output and settings blocks whose lines changed."""
        for module in self.context.root.walk():
            declared = module.declarations
            groups: tuple[Iterable[Block], ...] = (
                declared.variables.values(),
                declared.outputs.values(),
                declared.providers,
                declared.settings,
                declared.others,
            )
            for group in groups:
                yield from (block for block in group if self.changed.meet(block.range))

    def run(self, checks: Iterable[Check], scope: ReviewSet | Everything) -> Iterator[Outcome]:
        """Yield what each check says about each subject in the review set."""
        for check in checks:
            if not scope.is_triggered(check):
                continue
            subjects = self.subjects(check.on)
            for subject in subjects.found:
                if scope.includes(check, self.name(subject.address)):
                    yield evaluate(check, subject, self.context)
            if subjects.reason:
                yield from self._partial(check, subjects)

    def _partial(self, check: Check, subjects: Subjects) -> Iterator[Outcome]:
        """Yield what is to say of a check whose subjects could not all be found."""
        for root in Root.find(self.context):
            yield Outcome(
                check,
                root,
                State.NOT_EVALUATED,
                reason=subjects.reason,
                failed=subjects.failed,
                is_partial=True,
            )


def without_keys(address: str) -> str:
    """Return an address without the keys of instances."""
    return _KEY.sub("", address)


def _same_code(one: Instance, other: Instance) -> bool:
    return one.block is other.block or signature(one.block) == signature(other.block)


def _supplied_by_change(instance: Instance, changed: ChangedLines) -> bool:
    """Tell whether a line outside the block that supplies one of its values changed."""
    own = instance.block.ranges
    outside = (each for each in origins(instance) if not any(part.contains(each) for part in own))
    return any(map(changed.meet, outside))
