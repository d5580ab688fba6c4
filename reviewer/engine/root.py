"""Reviewing one root module: both sides, the problems with their status, and the tally of each side."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.engine.delta import Compared, Hit, Key, compare, hits
from reviewer.engine.environment import is_production
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
    from collections.abc import Mapping

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
    head_side = Side(dataclasses.replace(context_of(run.head, folder, settings), base=before), sides.head)
    aliases = moves(before.root, head_side.context.root)
    base_side = Side(before, sides.base, aliases)
    scope = ReviewSet.of(head_side, base_side, sides.paths)
    head_outcomes = tuple(head_side.run(checks, scope))
    base_outcomes = tuple(base_side.run(checks, scope))
    name = name_of(run)
    head_hits = hits(head_outcomes, head_side, name, Status.INTRODUCED)
    base_hits = _without_code_left_alone(hits(base_outcomes, base_side, name, Status.EXISTING), head_side)
    base_hits = _by_new_callers(head_hits, base_hits)
    base_hits |= _in_newly_called_code(head_hits, base_side, settings)
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


def _without_code_left_alone(base: Mapping[Key, Hit], head_side: Side) -> dict[Key, Hit]:
    """Return the problems of the base but for those in folders that lie there still and are called no longer.

    Nobody fixed those: the code as it is written has them as before.
    """
    configuration, root = head_side.context.configuration, head_side.context.root
    called = {module.folder for module in root.walk()}

    def is_left_alone(hit: Hit) -> bool:
        folder = hit.subject.instance.module.folder
        return (
            hit.subject.written is not None
            and folder not in called
            and has_configuration(configuration, folder)
        )

    return {key: hit for key, hit in base.items() if not is_left_alone(hit)}


def _by_new_callers(head: Mapping[Key, Hit], base: Mapping[Key, Hit]) -> dict[Key, Hit]:
    """Return the problems of the base, those of a folder by the module that the head knows it by.

    What is written once for a folder is known by its first caller, and another call may be the first now.
    """
    gone = {_written(hit): key for key, hit in base.items() if hit.subject.written and key not in head}
    came = {_written(hit): key for key, hit in head.items() if key not in base}
    names = {was: came.get(written, was) for written, was in gone.items()}
    return {names.get(key, key): replace(hit, key=names.get(key, key)) for key, hit in base.items()}


def _in_newly_called_code(head: Mapping[Key, Hit], base_side: Side, settings: Settings) -> dict[Key, Hit]:
    """Return the problems that stood before in folders that the root module did not call then.

    Only those of the code as it is written: what a new caller makes with it is new.
    """
    before = base_side.context
    called = {module.folder for module in before.root.walk()}
    new = {
        key: hit
        for key, hit in head.items()
        if hit.subject.written is not None and hit.subject.instance.module.folder not in called
    }
    checks = tuple(each for each in settings.checks if any(hit.check is each for hit in new.values()))
    known: dict[tuple[str | None, ...], Hit] = {}
    for folder in dict.fromkeys(hit.subject.instance.module.folder for hit in new.values()):
        side = Side(context_of(before.configuration, folder, settings), ChangedLines())
        found = hits(tuple(side.run(checks, Everything())), side, folder, Status.EXISTING)
        known.update((_written(each), each) for each in found.values())
    return {key: known[_written(hit)] for key, hit in new.items() if _written(hit) in known}


def _written(hit: Hit) -> tuple[str | None, ...]:
    return (hit.check.id, hit.subject.written, hit.key.attribute, hit.key.evidence)


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
