"""A policy as a check: from here on it is one like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer import escape
from reviewer.checks.check import Check, Documentation, Example, Scope
from reviewer.checks.problem import CheckFailedError, Problem
from reviewer.own.document import parsed, place, written
from reviewer.own.engine import Engine, PolicyFailedError
from reviewer.own.rego_text import ANY
from reviewer.own.subjects import AnyBlock, document_of, view_of
from reviewer.terraform.value import UndecidedError
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.own.document import Document
    from reviewer.own.policy import Policy
    from reviewer.views.context import Context
    from reviewer.views.view import View

MAX_PROBLEMS = 100
"""Of one policy on one subject."""

_KEYS = frozenset({"message", "attribute", "hint", "key"})


def check_of(policy: Policy, engine: Engine) -> Check:
    """Return the check that a policy makes."""

    def function(subject: View, context: Context) -> Iterator[Problem]:
        if isinstance(subject, AnyBlock) and not subject.is_any_of(policy.on):
            raise NotApplicableError("the policy is about other types")
        yield from _problems(policy, engine, subject, context)

    links = tuple(f"[{each.removeprefix('https://')}]({each})" for each in policy.links)
    return Check(
        id=policy.id,
        name=policy.name,
        severity=policy.severity,
        pillar=policy.pillar,
        scope=Scope.RESOURCE,
        on=view_of(policy.on),
        resources=policy.on,
        documentation=Documentation(
            policy.title, policy.description, policy.fix, Example(()), Example(()), links
        ),
        function=function,
        page=policy.links[0] if policy.links else "",
    )


def _problems(policy: Policy, engine: Engine, subject: View, context: Context) -> Iterator[Problem]:
    first = {way[0] for way in policy.reads if way}
    names = None if () in policy.reads or ANY in first else frozenset(first)
    document = document_of(subject, None if policy.wants_origins else names)
    reason = document.blocking(policy.reads)
    if reason is not None:
        raise UndecidedError(reason)
    try:
        answer = engine.ask(policy, input_of(policy, subject, context, document))
    except PolicyFailedError as error:
        raise CheckFailedError(str(error)) from None
    if not isinstance(answer, list):
        raise CheckFailedError(f"`{policy.path}`: `deny` must be a set: write `deny contains … if`")
    seen: set[tuple[str, str]] = set()
    for entry in answer[:MAX_PROBLEMS]:
        yield _problem(policy, subject, document, entry, seen)


def input_of(policy: Policy, subject: View, context: Context, document: Document) -> dict[str, Any]:
    """Return the document of ``docs/own-checks.md``, schema 1."""
    instance = subject.instance
    return {
        "schema": 1,
        "today": str(context.today),
        "production": context.is_production,
        "root": context.root.folder,
        "address": subject.address,
        "kind": instance.kind,
        "type": instance.type,
        "name": instance.name,
        **place(subject.header),
        "values": document.values,
        "unknown": [{"path": written(path), "reason": reason} for path, reason in document.unknown.items()],
        **({"origins": document.origins()} if policy.wants_origins else {}),
    }


def _problem(
    policy: Policy, subject: View, document: Document, entry: object, seen: set[tuple[str, str]]
) -> Problem:
    """Return the problem that an answer describes: a text, or an object with ``message``."""
    given = {"message": entry} if isinstance(entry, str) else entry
    if (
        not isinstance(given, dict)
        or not given.keys() <= _KEYS
        or not all(isinstance(v, str) for v in given.values())
    ):
        keys = ", ".join(sorted(_KEYS))
        raise CheckFailedError(f"`{policy.path}`: a problem is a text, or an object with the texts {keys}")
    if not given.get("message", "").strip():
        raise CheckFailedError(f"`{policy.path}`: a problem has no message")
    path = parsed(given.get("attribute", ""))
    value = document.places.get(path)
    attribute = written(tuple(each for each in path if not each.isdigit())) or "policy"
    key = given.get("key", "")
    if (attribute, key) in seen:
        key = f"{key} {given['message']}".strip()
    seen.add((attribute, key))
    return Problem(
        message=escape.markdown(given["message"]),
        at=(value.supplier if value is not None else None) or subject.header,
        attribute=attribute,
        evidence=key,
        hint=escape.markdown(given.get("hint", "")),
        related=value.origins if value is not None else (),
    )
