"""All checks of a run: the built-in ones, those installed beside them, and the policies of the repository."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from reviewer import globs
from reviewer.change.tree import UnreadableFileError
from reviewer.checks import CHECKS
from reviewer.errors import UsageError
from reviewer.own.installed import installed_checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.change.tree import Tree
    from reviewer.checks.check import Check
    from reviewer.config.config import Config
    from reviewer.own.policy import Policy

MAX_POLICIES = 200


@contextmanager
def checks_of(tree: Tree, config: Config) -> Iterator[Mapping[str, Check]]:
    """Yield every check by id. ``tree`` is the revision that the configuration was read from.

    Raises :class:`UsageError` for a policy that cannot be used; a review without it would not be what its
    owner asked for.
    """
    known = {**CHECKS, **installed_checks()}
    if not config.policies:
        yield known
        return
    from reviewer.own.engine import Engine
    from reviewer.own.policy_check import check_of

    with Engine() as engine:
        for policy in _policies(tree, config):
            if policy.id in known or policy.name in {each.name for each in known.values()}:
                raise UsageError(f"{policy.path}:1: another check is called {policy.id} or {policy.name}")
            engine.load(policy)
            known[policy.id] = check_of(policy, engine)
        yield known


def _policies(tree: Tree, config: Config) -> Iterator[Policy]:
    from reviewer.own.policy import read_policy

    paths = [each for each in tree.paths() if globs.matches_any(config.policies, each)]
    for pattern in config.policies:
        if not any(globs.matches(pattern, each) for each in paths):
            raise UsageError(f"`policies` in the configuration names {pattern!r}, and there is no such file")
    if len(paths) > MAX_POLICIES:
        raise UsageError(
            f"`policies` in the configuration names {len(paths)} files, more than {MAX_POLICIES}"
        )
    for path in paths:
        try:
            text = tree.read(path).decode("utf-8-sig")
        except UnreadableFileError as error:
            raise UsageError(f"{path}: the policy cannot be read: {error.reason}") from None
        except UnicodeDecodeError:
            raise UsageError(f"{path}: the policy is not valid UTF-8") from None
        yield read_policy(path, text)
