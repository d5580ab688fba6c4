"""Which results of other tools mean the same as a check: the ``peers`` of the checks, read as ids."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.data import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.checks.check import Check

_CHECKOV = re.compile(r"(CKV2?_[A-Z0-9]+_)(\d+)(?:\.\.(\d+))?")
_TRIVY = re.compile(r"\b(?:AVD-)?(AWS(?=-)|KSV)-?0*(\d{1,4})\b", re.IGNORECASE)
"""``KSV001`` was a name of Trivy's; ``AWS008`` is one of an old tfsec, and means something else."""
_TFLINT = re.compile(r"tflint (\w+)")
_ANOTHER_MEANING = ("(related)", "(runtime)", "(style only)")
"""A peer that is only akin does not say the same: its results stay on their own."""


def canonical(result_id: str) -> str:
    """Return one spelling for all that name a rule: ``AVD-AWS-0040`` and ``AWS-0040`` are the same.

    tfsec's long ids (``aws-eks-no-public-cluster-access``) become those of Trivy, which took its rules over.
    """
    match = _TRIVY.fullmatch(result_id)
    if match is not None:
        return f"{match[1].upper()}-{int(match[2]):04}"
    return _long_ids().get(result_id, result_id)


def spellings(result_id: str) -> tuple[str, ...]:
    """Return the names by which people may call a rule of another tool, as it calls it first."""
    short = canonical(result_id)
    return tuple(dict.fromkeys((result_id, short, f"AVD-{short}")))


def checks_like(result_id: str) -> tuple[Check, ...]:
    """Return the checks that say the same as a rule of another tool."""
    return _by_peer().get(canonical(result_id), ())


@cache
def checks_on_secrets() -> tuple[Check, ...]:
    """Return the checks that find secrets: rules of secret scanners are many, and tell of the same kind."""
    return tuple(check for check in CHECKS.values() if check.secret)


@cache
def _by_peer() -> Mapping[str, tuple[Check, ...]]:
    found: defaultdict[str, dict[str, Check]] = defaultdict(dict)
    for check in CHECKS.values():
        for peer in check.peers:
            for result_id in _ids(peer):
                found[result_id][check.id] = check
    return {result_id: tuple(checks.values()) for result_id, checks in found.items()}


def _ids(peer: str) -> Iterator[str]:
    """Yield the ids that a peer names, such as four for ``CKV_AWS_53..56``."""
    if any(each in peer for each in _ANOTHER_MEANING):
        return
    checkov = _CHECKOV.match(peer)
    if checkov is not None:
        first, last = int(checkov[2]), int(checkov[3] or checkov[2])
        yield from (f"{checkov[1]}{number}" for number in range(first, last + 1))
    elif (tflint := _TFLINT.match(peer)) is not None:
        yield tflint[1]
    elif (trivy := _TRIVY.match(peer)) is not None:
        yield canonical(trivy.group())


@cache
def _long_ids() -> Mapping[str, str]:
    ids: Mapping[str, str] = table("tfsec_ids")["ids"]
    return ids
