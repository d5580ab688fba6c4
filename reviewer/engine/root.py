"""Reviewing one root module: both sides, the problems with their status, and the tally of each side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import field

from reviewer.engine.delta import Hit, compare, hits
from reviewer.engine.environment import is_production
from reviewer.engine.moves import moves
from reviewer.engine.prove import Prover
from reviewer.engine.roots import has_configuration
from reviewer.engine.side import Everything, ReviewSet, Side
from reviewer.finding import Status
from reviewer.record import Record
from reviewer.views.changed_lines import ChangedLines
from reviewer.views.context import Context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reviewer.checks.check import Check
    from reviewer.checks.runner import Outcome
    from reviewer.config.config import Config
    from reviewer.deadline import Deadline
    from reviewer.engine.changes import Sides
    from reviewer.imported.result import Results
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.plan import Plan


class Given(Record):
    """What a review is given besides the code: results of other tools on its head, and plans of it.

    ``with_baseline`` is false when what the baseline accepts shall be seen as if it had none.
    """

    imported: tuple[Results, ...] = ()
    plans: tuple[Plan, ...] = ()
    with_baseline: bool = True


class Settings(Record):
    """What is the same for every root module of a run.

    ``checks`` are those that run, ``companions`` the patterns of the files that these look at besides
    Terraform, ``names`` the name of each check that exists by its id.
    """

    config: Config
    checks: tuple[Check, ...]
    companions: frozenset[str]
    today: date
    names: Mapping[str, str]
    deadline: Deadline
    given: Given = field(default_factory=Given)


class RootReview(Record, eq=False):
    """What was found in one root module. ``base`` outcomes and hits are empty for an audit.

    ``name`` is the folder by which its findings are known: see :func:`name_of`.
    """

    folder: str
    name: str
    found: tuple[Hit, ...]
    base_found: tuple[Hit, ...]
    outcomes: tuple[Outcome, ...]
    base_outcomes: tuple[Outcome, ...]
    touched: frozenset[str]
    prover: Prover


def context_of(configuration: Configuration, folder: str, settings: Settings) -> Context:
    """Return what checks may know about a root module."""
    root = configuration.root(folder)
    production = is_production(root, settings.config.environments)
    return Context(configuration, root, settings.config, settings.today, production)


def review_root(
    head: Configuration, base: Configuration, folders: tuple[str, str], sides: Sides, settings: Settings
) -> RootReview:
    """Review a root module; ``folders`` are its folder at the head and at the base."""
    folder, base_folder = folders
    before = context_of(base, base_folder, settings)
    head_side = Side(replace(context_of(head, folder, settings), base=before), sides.head)
    aliases = moves(before.root, head_side.context.root)
    base_side = Side(before, sides.base, aliases)
    scope = ReviewSet.of(head_side, base_side, sides.paths)
    head_outcomes = tuple(head_side.run(settings.checks, scope))
    base_outcomes = tuple(base_side.run(settings.checks, scope))
    name = name_of(head, folders)
    head_hits = hits(head_outcomes, head_side, name, Status.INTRODUCED)
    base_hits = hits(base_outcomes, base_side, name, Status.EXISTING)
    complete = not any(module.declarations.diagnostics for module in head_side.context.root.walk())
    compared = compare(head_hits, base_hits, head_outcomes, head_side, complete=complete)
    found = tuple(each for each in compared if each.status is not Status.EXISTING or _is_touched(each, scope))
    prover = Prover(head_side, scope, settings.checks, frozenset(head_hits), name, settings.deadline)
    base_found = tuple(
        each for key, each in base_hits.items() if key not in head_hits or _is_touched(each, scope)
    )
    addresses = scope.addresses
    return RootReview(folder, name, found, base_found, head_outcomes, base_outcomes, addresses, prover)


def name_of(head: Configuration, folders: tuple[str, str]) -> str:
    """Return the folder by which the findings of a root module are known over all pushes of a pull request.

    It is the one at the base, which no push renames; unless another root module stands there at the head.
    """
    folder, base_folder = folders
    return folder if has_configuration(head, base_folder) else base_folder


def _is_touched(hit: Hit, scope: ReviewSet) -> bool:
    """Tell whether the change touches the subject itself.

    A check that must see a whole root looks at subjects that nobody touched, too: what it finds there is
    worth saying only when the change brought it about.
    """
    return hit.key.address in scope.touched(hit.check.on)


def audit_root(configuration: Configuration, folder: str, settings: Settings) -> RootReview:
    """Evaluate everything in a root module."""
    side = Side(context_of(configuration, folder, settings), ChangedLines())
    scope = Everything()
    outcomes = tuple(side.run(settings.checks, scope))
    found = hits(outcomes, side, folder, Status.EXISTING)
    prover = Prover(side, scope, settings.checks, frozenset(found), folder, settings.deadline)
    return RootReview(
        folder, folder, tuple(found.values()), (), outcomes, (), frozenset(side.instances()), prover
    )
