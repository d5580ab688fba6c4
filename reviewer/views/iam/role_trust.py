"""Who may assume a role: which statements are about that, and what they leave open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.escape import code
from reviewer.record import Record
from reviewer.terraform.value import UndecidedError, Unknown, Value
from reviewer.views.iam.iam_action import wildcard
from reviewer.views.iam.policy_source import Purpose
from reviewer.views.provider import provider_of
from reviewer.views.text import end_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.iam.iam_statement import Condition, IamStatement

GITHUB = "token.actions.githubusercontent.com"
_EKS = re.compile(r"oidc\.eks|oidc_provider|openid_connect_provider")
_ANY_ACCOUNT = re.compile(r"\*|system:serviceaccount:\*(?::\*)?|system:\*")
_ANY_OF_NAMESPACE = re.compile(_ANY_ACCOUNT.pattern + r"|system:serviceaccount:[^:]+:[^:]*\*[^:]*")
_ANY_REPOSITORY = re.compile(r"\*|repo:\*.*|repo:[^/:]+/\*(?::.*)?")
_OWNER = re.compile(r"repo:([^/:*]+)/")
_ROOT = re.compile(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?")
_LIMITS = frozenset({"sts:externalid", "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn"})


class Gap(Record, eq=False):
    """Something that a trust leaves open. ``value`` is what says so, None when something is missing."""

    message: str
    part: str
    evidence: str
    value: Value | None = None


def is_of_cluster(statement: IamStatement) -> bool:
    """Tell whether a trust is in the OIDC issuer of a cluster: then pods can assume the role."""
    return any(map(_is_cluster, _federated(statement)))


def is_trust(statement: IamStatement) -> bool:
    """Tell whether a statement says who may assume a role: by how it is used, or by its actions."""
    if statement.is_for(Purpose.TRUST):
        return True
    if statement.source.purposes or not statement.require_principals():
        return False
    found = statement.actions.find(lambda action: str(action).lower().startswith("sts:assumerole"))
    return found is not None


def role_of(statement: IamStatement) -> str:
    """Return how to call the role that a trust is about, in Markdown."""
    name = code(statement.holder)
    return f"the role of {name}" if statement.holder.rpartition("data.")[1] else name


def open_federation(statement: IamStatement, *, one_account: bool = False) -> Gap | None:
    """Return what a trust in an OIDC issuer leaves open: any service account, or any repository.

    With ``one_account``, all service accounts of one namespace are too many, as well.
    """
    anyone = _ANY_OF_NAMESPACE if one_account else _ANY_ACCOUNT
    for issuer in _federated(statement):
        is_github = GITHUB in issuer
        if not is_github and not _is_cluster(issuer):
            continue
        subjects = [each for each in statement.require_conditions() if _ends_in_subject(each)]
        name = "GitHub" if is_github else "the cluster's OIDC issuer"
        whom = role_of(statement)
        if not subjects:
            return Gap(f"Anyone who can obtain a token from {name} can assume {whom}.", "condition", name)
        for subject in subjects:
            gap = _open_subject(subject, _ANY_REPOSITORY if is_github else anyone, name, whom)
            if gap is not None:
                return gap
    return None


def open_principal(statement: IamStatement) -> Gap | None:
    """Return a principal that is everybody, or all of another account, without a condition that limits it."""
    for principal in statement.require_principals():
        if not principal.kind.test(lambda kind: kind in {"AWS", "*"}):
            continue
        everybody = wildcard(principal.identifiers)
        root = None if everybody is not None else _foreign_root(statement, principal.identifiers)
        wide = everybody or root
        if wide is None or statement.has_condition(lambda name: name.lower() in _LIMITS):
            continue
        who = (
            "Everybody with an AWS account"
            if everybody is not None
            else f"All of account {code(_account(wide))}"
        )
        message = f"{who} can assume {role_of(statement)}."
        return Gap(message, "principals", "*" if everybody is not None else _account(wide), wide)
    return None


def _federated(statement: IamStatement) -> Iterator[str]:
    """Yield the identifiers of federated principals, and what the code tells about unknown ones."""
    for principal in statement.require_principals():
        if principal.kind.test(lambda kind: kind == "Federated"):
            for each in _elements(principal.identifiers):
                yield _issuer(statement, each)


def _is_cluster(issuer: str) -> bool:
    """Tell whether an issuer is that of a cluster: by its address, or by what the code calls it."""
    _, known, url = issuer.partition(" ")
    if known or GITHUB in issuer:
        return "oidc.eks" in url
    return _EKS.search(issuer) is not None


_PROVIDERS = ("aws_iam_openid_connect_provider", "data.aws_iam_openid_connect_provider")


def _issuer(statement: IamStatement, identifier: Value) -> str:
    if isinstance(identifier.data, str):
        return identifier.data
    reference = identifier.reference
    if reference is None:
        texts = identifier.data.parts if isinstance(identifier.data, Unknown) else ()
        return "".join(
            str(each.data) if isinstance(each.data, str) else each.reference or "" for each in texts
        )
    module = statement.instance.module
    address = reference.removesuffix(".arn")
    for instance in module.root.walk():
        for resource in instance.resources_of(*_PROVIDERS):
            if resource.address == address:
                url = resource.body.attr("url").data
                return f"{address} {url}" if isinstance(url, str) else address
    return reference


def _ends_in_subject(condition: Condition) -> bool:
    """Tell whether a condition is about ``sub``; raises when its variable is unknown."""
    text = end_of(condition.variable)
    if text is None:
        condition.variable.require()
    return (text or "").lower().endswith(":sub")


def _open_subject(condition: Condition, anyone: re.Pattern[str], issuer: str, whom: str) -> Gap | None:
    is_like = "like" in str(condition.test.require()).lower()
    if is_like:
        value = condition.values.find(lambda each: anyone.fullmatch(str(each)) is not None)
        owner = _OWNER.match(str(value.data)) if value is not None else None
        where = f" for any repository of {code(owner[1])}" if owner else ""
        message = f"Anyone who can obtain a token from {issuer}{where} can assume {whom}."
    else:
        value = condition.values.find(lambda each: "*" in str(each))
        test = code(condition.test.data)
        message = f"{test} takes `*` literally: this condition never matches and nobody can assume the role."
    if value is None:
        return None
    return Gap(message, "condition", str(value.data), value)


def _foreign_root(statement: IamStatement, identifiers: Value) -> Value | None:
    """Return an identifier that is all of another account; raises when it may be the own account."""
    own = _own_accounts(statement)
    for each in _elements(identifiers):
        if isinstance(each.data, str) and _ROOT.fullmatch(each.data):
            if not own:
                raise UndecidedError(
                    f"whether account `{_account(each)}` is another one is not known from the code"
                )
            if _account(each) not in own:
                return each
    return None


def _own_accounts(statement: IamStatement) -> frozenset[str]:
    """Return the accounts that the provider allows, empty when the code does not say."""
    provider = provider_of(statement.instance)
    accounts = provider.attr("allowed_account_ids") if provider is not None else Value(None)
    return frozenset(str(each.data) for each in _elements(accounts) if isinstance(each.data, str | int))


def _account(identifier: Value) -> str:
    match = _ROOT.fullmatch(str(identifier.data))
    return match[1] if match else ""


def _elements(value: Value) -> tuple[Value, ...]:
    return (value,) if value.is_unknown else value.elements()
