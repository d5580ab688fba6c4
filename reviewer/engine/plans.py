"""Which root module each plan is of: the one whose code is that of the plan. Any other plan is refused."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.engine.roots import folder_of, has_configuration
from reviewer.escape import clip, code, visible
from reviewer.record import Record
from reviewer.review import Notice
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.plan.plan import PlanError
from reviewer.terraform.plan.root_plan import RootPlan, given_variables, misfits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.plan.differences import Difference
    from reviewer.terraform.plan.plan import Plan

_MOST = 50
"""Differences that are looked for; a plan of another root module has many."""
_SHOWN = 3
_AGAIN = (
    "Make the plan again from this revision, with the same variable files as here (`--var-file`):"
    " `terraform plan -out=tfplan && terraform show -json tfplan > plan.json`."
)


class _Candidate(Record):
    folder: str
    plan: RootPlan
    differences: tuple[Difference, ...]


def plans_by_root(
    configuration: Configuration, plans: Iterable[Plan], roots: Sequence[str]
) -> Mapping[str, RootPlan]:
    """Return each plan by the folder of its root module; ``roots`` are those under review.

    Raises :class:`PlanError` for a plan that was made from other code than that of ``configuration``, and for
    one that may be of several root modules.
    """
    found: dict[str, RootPlan] = {}
    for plan in plans:
        candidate = _only(
            plan, [_candidate(configuration, plan, each) for each in _folders(configuration, plan, roots)]
        )
        other = found.setdefault(candidate.folder, candidate.plan)
        if other is not candidate.plan:
            problem = f"it is of {_named(candidate.folder)}, and so is {other.plan.name}"
            raise PlanError(plan.name, problem, "Give one plan for each root module.")
    return found


def at_base(
    plans: Mapping[str, RootPlan], head: Configuration, pairs: Iterable[tuple[str, str]]
) -> Mapping[str, RootPlan]:
    """Return the plans for an older revision; ``pairs`` are the folders of each root at head and base."""
    return {
        before: replace(plans[folder], head=head.root(folder)) for folder, before in pairs if folder in plans
    }


def unused(plans: Mapping[str, RootPlan], roots: Iterable[str]) -> Iterator[Notice]:
    """Yield which plans say nothing about what is reviewed."""
    under_review = set(roots)
    for folder, plan in plans.items():
        if folder not in under_review:
            name = code(plan.plan.name)
            yield Notice(
                f"The plan {name} is of {_named(folder)}, which is not under review: it was not used."
            )


def _folders(configuration: Configuration, plan: Plan, roots: Sequence[str]) -> list[str]:
    """Return the folders the plan may be of: the one that was named, or those that declare what it has."""
    if plan.folder is not None:
        if not has_configuration(configuration, plan.folder):
            problem = f"there is no Terraform configuration in {_named(plan.folder)}"
            raise PlanError(plan.name, problem, "Name the folder relative to the root of the repository.")
        return [plan.folder]
    planned = plan.configuration
    names = [each.address.rpartition(".")[2] for each in planned.resources] + [*planned.module_calls]
    needles = tuple(f'"{each}"' for each in sorted(names, key=len)[-1:])
    paths = configuration.tree.containing(needles, CONFIGURATION_SUFFIXES) if needles else ()
    folders = {*roots, *(folder_of(path) for path in paths)}
    return sorted(each for each in folders if has_configuration(configuration, each))


def _candidate(configuration: Configuration, plan: Plan, folder: str) -> _Candidate:
    given = given_variables(configuration.planned_root(folder, None), plan)
    found = RootPlan(plan, given)
    different = misfits(configuration.planned_root(folder, found), plan)
    return _Candidate(folder, found, tuple(islice(different, _MOST)))


def _only(plan: Plan, candidates: Sequence[_Candidate]) -> _Candidate:
    fitting = [each for each in candidates if not each.differences]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        folders = ", ".join(_named(each.folder) for each in fitting)
        example = fitting[0].folder or "."
        raise PlanError(
            plan.name,
            f"it may be of each of {folders}",
            f"Say which: `{example}={plan.name}` instead of `{plan.name}`.",
        )
    nearest = min(candidates, key=lambda each: len(each.differences), default=None)
    if nearest is None:
        raise PlanError(plan.name, "there is no Terraform configuration that it could be of", _AGAIN)
    shown = "; ".join(clip(visible(str(each)), 300) for each in nearest.differences[:_SHOWN])
    more = len(nearest.differences) - _SHOWN
    also = f"; and {'at least ' * (len(nearest.differences) == _MOST)}{more} more" if more > 0 else ""
    where = _named(nearest.folder)
    raise PlanError(
        plan.name, f"it was made from another configuration than that of {where}: {shown}{also}", _AGAIN
    )


def _named(folder: str) -> str:
    return f"`{folder}`" if folder else "the root of the repository"
