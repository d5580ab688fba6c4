"""Reviewing one root module: both sides, the problems with their status, and the tally of each side."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.engine.delta import Compared, Hit, compare, hits
from reviewer.engine.environment import is_production
from reviewer.engine.known_before import by_new_callers, in_newly_called_code, without_code_left_alone
from reviewer.engine.moves import moves
from reviewer.engine.prove import Prover
from reviewer.engine.review_set import Everything, ReviewSet
from reviewer.engine.roots import has_configuration
from reviewer.engine.side import Side
from reviewer.finding import Status
from reviewer.record import Record
from reviewer.views.changed_lines import ChangedLines
from reviewer.views.context import Context

if TYPE_CHECKING:
    from reviewer.checks.runner import Outcome
    from reviewer.engine.changes import Sides
    from reviewer.engine.runs import Run
    from reviewer.engine.settings import Settings
    from reviewer.terraform.configuration import Configuration


class RootReview(Record, eq=False):
    """What was found in one root module. ``base`` outcomes and hits are empty for an audit.

    ``name`` is by what its findings are known: see :func:`name_of`. ``file`` is the variable file that was
    named for it, empty for none.
    """

    folder: str
    file: str
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


def review_root(run: Run, sides: Sides, settings: Settings) -> RootReview:
    """Review a root module as one run of Terraform sees it."""
    folder, base_folder = run.folders
    checks = settings.checks_of(run)
    before = context_of(run.base, base_folder, settings)
    head_side = Side(replace(context_of(run.head, folder, settings), base=before), sides.head)
    aliases = moves(before.root, head_side.context.root)
    base_side = Side(before, sides.base, aliases, sides.renamed)
    scope = ReviewSet.of(head_side, base_side, sides.paths)
    head_outcomes = tuple(head_side.run(checks, scope))
    base_outcomes = tuple(base_side.run(checks, scope))
    name = name_of(run)
    head_hits = hits(head_outcomes, head_side, name, Status.INTRODUCED)
    base_hits = without_code_left_alone(hits(base_outcomes, base_side, name, Status.EXISTING), head_side)
    base_hits = by_new_callers(head_hits, base_hits, sides.renamed)
    base_hits |= in_newly_called_code(
        head_hits,
        (head_side, base_side),
        lambda called: Side(context_of(run.base, called, settings), ChangedLines()),
        settings.checks,
    )
    complete = not any(module.declarations.diagnostics for module in head_side.context.root.walk())
    is_touched = partial(_is_touched, scope)
    compared = compare(
        Compared(head_hits, head_side, head_outcomes, complete),
        Compared(base_hits, base_side, base_outcomes),
        is_touched,
    )
    found = tuple(each for each in compared if each.status is not Status.EXISTING or is_touched(each))
    prover = Prover(head_side, scope, checks, frozenset(head_hits), name, settings.deadline)
    base_found = tuple(each for key, each in base_hits.items() if key not in head_hits or is_touched(each))
    addresses = scope.addresses
    return RootReview(
        folder, run.file, name, found, base_found, head_outcomes, base_outcomes, addresses, prover
    )


def name_of(run: Run) -> str:
    """Return by what the findings of a run are known over all pushes of a pull request.

    It is the folder at the base, which no push renames; unless another root module stands there at the head.
    The file that a run names comes after it, under its name at the base, too.
    """
    folder, base_folder = run.folders
    name = folder if has_configuration(run.head, base_folder) else base_folder
    return f"{name} {run.old_file or run.file}" if run.file else name


def _is_touched(scope: ReviewSet, hit: Hit) -> bool:
    """Tell whether the change touches the subject itself.

    A check that must see a whole root looks at subjects that nobody touched, too: what it finds there is
    worth saying only when the change brought it about.
    """
    return hit.key.address in scope.touched(hit.check.on)


def audit_root(run: Run, settings: Settings) -> RootReview:
    """Evaluate everything in a root module."""
    folder, name, checks = run.folders[0], name_of(run), settings.checks_of(run)
    side = Side(context_of(run.head, folder, settings), ChangedLines())
    scope = Everything()
    outcomes = tuple(side.run(checks, scope))
    found = hits(outcomes, side, name, Status.EXISTING)
    prover = Prover(side, scope, checks, frozenset(found), name, settings.deadline)
    return RootReview(
        folder, run.file, name, tuple(found.values()), (), outcomes, (), frozenset(side.instances()), prover
    )
