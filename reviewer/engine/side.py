"""One root module at one revision: its subjects, what the change touches there, and what the checks say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reviewer.checks.check import Check, Scope
from reviewer.checks.context import Context
from reviewer.checks.runner import Outcome, evaluate
from reviewer.engine.labels import labels_of_block, labels_of_instance, triggers
from reviewer.engine.touched import ChangedLines, Touch, instances, origins, signature, touch
from reviewer.terraform.configuration import Configuration
from reviewer.terraform.instance import Instance
from reviewer.terraform.syntax import Block
from reviewer.views.view import View


@dataclass(slots=True, eq=False)
class Side:
    """A root module at the base or the head. ``changed`` are the changed lines of that revision.

    ``aliases`` maps an address here to its name at the head, where ``moved`` blocks rename it.
    """

    context: Context
    changed: ChangedLines
    aliases: Mapping[str, str] = field(default_factory=dict)
    _touches: dict[int, Touch | None] = field(default_factory=dict)
    _instances: dict[str, Instance] | None = None
    _subjects: dict[type[View], tuple[View, ...]] = field(default_factory=dict)

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

    def name(self, address: str) -> str:
        """Return an address as the head names it."""
        for old, new in self.aliases.items():
            if address == old or address.startswith((f"{old}.", f"{old}[")):
                return new + address[len(old) :]
        return address

    def touch(self, instance: Instance) -> Touch | None:
        """Return why the change touches an instance at this revision."""
        key = id(instance)
        if key not in self._touches:
            self._touches[key] = touch(instance, self.changed)
        return self._touches[key]

    def touched(self, other: Side) -> set[str]:
        """Return the addresses of resources and calls that are touched here."""
        return {address for address, instance in self.instances().items() if self._is_touched(address, instance, other)}

    def _is_touched(self, address: str, instance: Instance, other: Side) -> bool:
        """Tell whether an instance is touched by more than layout."""
        reason = self.touch(instance)
        if reason is None:
            return False
        counterpart = other.instances().get(address)
        if reason.through is not None or counterpart is None or not _same_code(instance, counterpart):
            return True
        return _supplied_by_change(instance, self.changed)

    def subjects(self, kind: type[View]) -> tuple[View, ...]:
        """Return every subject of a kind, found once."""
        if kind not in self._subjects:
            self._subjects[kind] = tuple(kind.find(self.context))
        return self._subjects[kind]

    def touched_subjects(self, kind: type[View], other: Side) -> set[str]:
        """Return the addresses of the subjects of a kind that are touched here."""
        found = set()
        for subject in self.subjects(kind):
            own = subject.is_touched(self.changed)
            address = self.name(subject.instance.address)
            if own or (own is None and self._is_touched(address, subject.instance, other)):
                found.add(self.name(subject.address))
        return found

    def blocks(self) -> Iterator[Block]:
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
            for subject in self.subjects(check.on):
                if scope.includes(check, self.name(subject.address)):
                    yield evaluate(check, subject, self.context)


def _same_code(one: Instance, other: Instance) -> bool:
    return one.block is other.block or signature(one.block) == signature(other.block)


def _supplied_by_change(instance: Instance, changed: ChangedLines) -> bool:
    """Tell whether a line outside the block that supplies one of its values changed."""
    block = instance.block.range
    return any(changed.meet(each) for each in origins(instance) if not block.contains(each))


@dataclass(slots=True, eq=False)
class ReviewSet:
    """What of a root module is reviewed: the same on both sides, so that base and head can be compared.

    ``addresses`` are touched in either revision. ``labels`` name the kinds of the touched blocks, ``paths`` the changed files.
    """

    head: Side
    base: Side
    paths: tuple[str, ...]
    addresses: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    _subjects: dict[type[View], set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, head: Side, base: Side, paths: tuple[str, ...]) -> ReviewSet:
        """Return what the change touches in a root module, at either revision."""
        addresses = frozenset(head.touched(base) | base.touched(head))
        labels: set[str] = set()
        for side in (head, base):
            found = side.instances()
            for address in addresses & found.keys():
                labels |= labels_of_instance(found[address])
            for block in side.blocks():
                labels |= labels_of_block(block)
        return cls(head, base, paths, addresses, frozenset(labels))

    def includes(self, check: Check, address: str) -> bool:
        """Tell whether a check runs on the subject of an address."""
        if check.scope is not Scope.RESOURCE:
            return triggers(check.resources, self.labels, self.paths)
        if check.on not in self._subjects:
            head, base = self.head, self.base
            self._subjects[check.on] = head.touched_subjects(check.on, base) | base.touched_subjects(check.on, head)
        return address in self._subjects[check.on]


class Everything:
    """The review set of an audit."""

    addresses: frozenset[str] = frozenset()

    def includes(self, check: Check, address: str) -> bool:
        """Include every subject."""
        del check, address
        return True
