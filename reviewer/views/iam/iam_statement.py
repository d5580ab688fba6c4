"""One statement of an IAM policy, whether it is written as a block, as JSON or as a module's input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.value import UndecidedError, Unknown, Value, string, tuple_of, unknown
from reviewer.views.iam.policy_source import PolicySource, Purpose, documents_of, policy_sources
from reviewer.views.json_document import json_document
from reviewer.views.view import View

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_FIELDS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


class Principal(Record, eq=False):
    """``kind`` is ``AWS``, ``Service``, ``Federated`` or ``*``; ``identifiers`` a list or a single one."""

    kind: Value
    identifiers: Value


class Condition(Record, eq=False):
    """``test`` is the operator (``StringLike``), ``variable`` the key, ``values`` a list or a single one."""

    test: Value
    variable: Value
    values: Value


class IamStatement(View):
    """``source`` is the policy it is part of; ``at`` is where the statement begins.

    Lists are values: each element keeps its own range, and may be unknown. ``None`` as the tuple of
    principals or conditions means that it is unknown which there are; ask :meth:`require_principals` and
    :meth:`require_conditions`.
    """

    source: PolicySource
    effect: Value
    actions: Value
    not_actions: Value
    resources: Value
    not_resources: Value
    principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...] | None
    sid: Value
    at: Range

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every statement; one that is unknown in every part stands for those that cannot be read."""
        sources = tuple(policy_sources(context.root))
        overridden = _overridden(sources)
        for source in sources:
            hidden = overridden.get(source.instance.address, frozenset())
            for statement in cls._of(source):
                if source.attribute != "statement" or statement.sid.data not in hidden:
                    yield statement

    @classmethod
    def _of(cls, source: PolicySource) -> Iterator[Self]:
        if source.statements is not None:
            for body in source.statements:
                yield cls._of_body(source, body)
            if source.statements.undecided is not None:
                yield cls._unknown(source, unknown(source.statements.undecided))
        if source.text is not None:
            document = json_document(source.text)
            data = document.data
            if isinstance(data, Mapping):
                statements = data.get("Statement", Value(None))
                listed = statements.data if isinstance(statements.data, tuple) else (statements,)
                for each in listed:
                    yield from cls._of_json(source, each)
            elif isinstance(data, Unknown):
                yield cls._unknown(source, document)

    @classmethod
    def _of_body(cls, source: PolicySource, body: Body) -> Self:
        principals, conditions = body.blocks("principals"), body.blocks("condition")
        plural = body.blocks("conditions")
        no_principals = principals.undecided is not None and not principals.known
        no_conditions = (conditions.undecided or plural.undecided) is not None
        return cls(
            source.instance,
            source.instance.address,
            source,
            **{name: body.attr(name) for name in _FIELDS},
            principals=None
            if no_principals
            else tuple(Principal(each.attr("type"), each.attr("identifiers")) for each in principals),
            conditions=None
            if no_conditions
            else tuple(
                Condition(each.attr("test"), each.attr("variable"), each.attr("values"))
                for each in (*conditions, *plural)
            ),
            at=body.range or source.instance.range,
        )

    @classmethod
    def _of_json(cls, source: PolicySource, statement: Value) -> Iterator[Self]:
        data = statement.data
        if isinstance(data, Unknown):
            yield cls._unknown(source, statement)
        elif isinstance(data, Mapping):
            yield cls(
                source.instance,
                source.instance.address,
                source,
                **{name: data.get(key, Value(None)) for name, key in _FIELDS.items()},
                principals=_principals(data.get("Principal")),
                conditions=_conditions(data.get("Condition")),
                at=statement.supplier or source.instance.range,
            )

    @classmethod
    def _unknown(cls, source: PolicySource, value: Value) -> Self:
        """Return a statement of which nothing is known."""
        parts = dict.fromkeys(_FIELDS, value)
        return cls(
            source.instance,
            source.instance.address,
            source,
            **parts,
            principals=None,
            conditions=None,
            at=value.supplier or source.instance.range,
        )

    @property
    def is_allow(self) -> bool:
        """Tell whether the statement allows something, which is the default of policy documents."""
        return self.effect.test(lambda effect: effect in {None, "Allow"})

    @property
    def names(self) -> tuple[str, ...]:
        """Return what the policy is called: its own names and those of the resources that use it."""
        instances = (self.instance, *self.source.users)
        named = (each.body.attr("name").data for each in instances)
        return tuple(
            dict.fromkeys(
                (*(each.name for each in instances), *(each for each in named if isinstance(each, str)))
            )
        )

    @property
    def holder(self) -> str:
        """Return the address of what has the policy: the user of the document, else its own block."""
        users = self.source.users
        return users[0].address if users else self.address

    def is_for(self, *purposes: Purpose) -> bool:
        """Tell whether the policy is used for one of ``purposes``, as far as the code shows."""
        return not self.source.purposes.isdisjoint(purposes)

    def require_principals(self) -> tuple[Principal, ...]:
        """Return the principals; raises :class:`UndecidedError` when they are unknown."""
        if self.principals is None:
            raise UndecidedError(f"the principals of a statement of `{self.address}` are not known")
        return self.principals

    def require_conditions(self) -> tuple[Condition, ...]:
        """Return the conditions; raises :class:`UndecidedError` when they are unknown."""
        if self.conditions is None:
            raise UndecidedError(f"the conditions of a statement of `{self.address}` are not known")
        return self.conditions

    def has_condition(self, predicate: Callable[[str], bool]) -> bool:
        """Tell whether ``predicate`` holds of a condition's variable; raises when that is unknown."""
        variables = tuple_of(tuple(each.variable for each in self.require_conditions()))
        return variables.find(lambda key: isinstance(key, str) and predicate(key)) is not None


def _overridden(sources: tuple[PolicySource, ...]) -> Mapping[str, frozenset[str]]:
    """Return, by policy document, the ids of its statements that ``override_policy_documents`` replaces."""
    own = {
        each.instance.address: _sids(each)
        for each in sources
        if each.attribute == "statement" and each.statements is not None
    }
    found: dict[str, frozenset[str]] = {}
    for each in sources:
        texts = (
            each.instance.body.attr("override_policy_documents")
            if each.attribute == "statement"
            else Value(None)
        )
        overriding = [
            own.get(address, frozenset()) for text in _known(texts) for address in documents_of(text)
        ]
        found[each.instance.address] = frozenset().union(*overriding)
    return found


def _known(texts: Value) -> tuple[Value, ...]:
    return () if texts.is_unknown else texts.elements()


def _sids(source: PolicySource) -> frozenset[str]:
    bodies = source.statements or ()
    sids = (each.attr("sid").data for each in bodies)
    return frozenset(each for each in sids if isinstance(each, str))


def _principals(value: Value | None) -> tuple[Principal, ...] | None:
    if value is None:
        return ()
    if isinstance(value.data, Unknown):
        return None
    if isinstance(value.data, Mapping):
        return tuple(Principal(string(kind), each) for kind, each in value.data.items())
    return (Principal(value, value),)


def _conditions(value: Value | None) -> tuple[Condition, ...] | None:
    if value is None:
        return ()
    if not isinstance(value.data, Mapping):
        return None
    found: list[Condition] = []
    for test, pairs in value.data.items():
        if isinstance(pairs.data, Unknown) and pairs.data.entries:
            found.extend(Condition(string(test), key, each) for key, each in pairs.data.entries)
        elif isinstance(pairs.data, Mapping):
            found.extend(
                Condition(string(test), string(key, *each.origins[:1]), each)
                for key, each in pairs.data.items()
            )
        else:
            return None
    return tuple(found)
