"""Which public module a call uses, and which major versions its constraint admits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance

EKS_MODULE = "terraform-aws-modules/eks/aws"
VPC_MODULE = "terraform-aws-modules/vpc/aws"

_REGISTRY = re.compile(
    r"(?:(?:app\.terraform\.io|registry\.terraform\.io|registry\.opentofu\.org)/)?"
    r"([\w-]+/[\w-]+/[\w-]+)(?://([\w./-]+))?"
)
_GIT = re.compile(
    r"(?:git::)?(?:https://|ssh://git@|git@)?github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?(?://([\w./-]+?))?(?:\?(.*))?"
)
_TAG = re.compile(r"(?:^|&)ref=v?(\d+\.\d[\w.+-]*)(?:&|$)")
"""A release; a commit or a branch says nothing about the version."""

_CLAUSE = re.compile(r"\s*+(=|!=|>=|<=|>|<|~>)?\s*+v?(\d++)(?:\.(\d++))?(?:\.(\d++))?[\w.+-]*+\s*")


class ModuleSource(Record):
    """A module as the registry names it.

    ``name`` is ``namespace/name/provider``, ``submodule`` the path behind ``//``, ``constraint`` empty when
    there is none.
    """

    name: str
    submodule: str
    constraint: str

    def majors(self, oldest: int, newest: int) -> tuple[int, ...]:
        """Return the known major versions that the constraint admits; all of them without a constraint."""
        return tuple(major for major in range(oldest, newest + 1) if _admits(self.constraint, major))

    def admits(self, major: int, minor: int) -> bool:
        """Tell whether the constraint admits a release of a minor version, whatever its patch."""
        clauses = [_CLAUSE.fullmatch(clause) for clause in self.constraint.split(",") if clause.strip()]
        return all(clause is None or _clause_admits_minor(clause, (major, minor)) for clause in clauses)


def is_vpc_module(call: Instance) -> bool:
    """Tell whether a call makes a VPC with the community's module; not by one of its submodules."""
    source = module_source(call)
    return source is not None and source.name == VPC_MODULE and not source.submodule


def module_source(call: Instance) -> ModuleSource | None:
    """Return what a module call's ``source`` and ``version`` say; None for local paths and anything else."""
    source, version = call.body.attr("source").data, call.body.attr("version").data
    if not isinstance(source, str):
        return None
    constraint = version if isinstance(version, str) else ""
    registry = _REGISTRY.fullmatch(source)
    if registry:
        return ModuleSource(registry[1], registry[2] or "", constraint)
    git = _GIT.fullmatch(source)
    if git is None:
        return None
    match = re.fullmatch(r"terraform-([\w]+)-([\w-]+)", git[2])
    if match is None:
        return None
    ref = _TAG.search(git[4] or "")
    return ModuleSource(f"{git[1]}/{match[2]}/{match[1]}", git[3] or "", ref[1] if ref else "")


def _admits(constraint: str, major: int) -> bool:
    """Tell whether some version of a major satisfies every clause of the constraint."""
    return all(_clause_admits(clause, major) for clause in constraint.split(",") if clause.strip())


def _clause_admits(clause: str, major: int) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return True
    operator, wanted, minor, patch = match[1] or "=", int(match[2]), match[3], match[4]
    lowest = not int(minor or 0) and not int(patch or 0)
    return {
        "=": major == wanted,
        "!=": True,
        ">=": major >= wanted,
        ">": major >= wanted if minor is not None else major > wanted,
        "<=": major <= wanted,
        "<": major < wanted if lowest else major <= wanted,
        "~>": major == wanted if minor is not None else major >= wanted,
    }[operator]


def _clause_admits_minor(clause: re.Match[str], version: tuple[int, int]) -> bool:
    operator, patch = clause[1] or "=", int(clause[4] or 0)
    wanted = (int(clause[2]), int(clause[3] or 0))
    same = version == wanted
    return {
        "=": same,
        "!=": True,
        ">=": version >= wanted,
        ">": version >= wanted,
        "<=": version <= wanted,
        "<": version < wanted or (same and patch > 0),
        "~>": same if clause[4] else version >= wanted and (version[0] == wanted[0] or not clause[3]),
    }[operator]
