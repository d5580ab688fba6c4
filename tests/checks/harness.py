"""Running one check on a few files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from reviewer.checks import CHECKS
from reviewer.checks.runner import Outcome, State, evaluate
from reviewer.config.config import Config
from reviewer.engine.environment import is_production
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.views.context import Context
from reviewer.views.module_outputs import passed_on
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

BEFORE = "before/"
TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Found:
    """One problem in a form that reads well in an assertion."""

    address: str
    path: str
    line: int
    text: str
    message: str
    hint: str


def outcomes(check_id: str, files: Mapping[str, str] | str, root: str = "", **config: Any) -> list[Outcome]:
    """Run a check on every subject of a root module; a string is ``main.tf``.

    Files in ``before/`` are those of the base, for checks that compare.
    """
    named = {"main.tf": files} if isinstance(files, str) else files
    before = {path.removeprefix(BEFORE): text for path, text in named.items() if path.startswith(BEFORE)}
    context = _context(
        {path: text for path, text in named.items() if not path.startswith(BEFORE)}, root, config
    )
    if before:
        context = replace(context, base=_context(before, root, config))
    check = CHECKS[check_id]
    return [evaluate(check, subject, context) for subject in check.on.find(context)]


def _context(files: Mapping[str, str], root: str, config: Mapping[str, Any]) -> Context:
    configuration = Configuration(tree(files), Sources(), passed_on=passed_on)
    module = configuration.root(root)
    settings = Config(**config)
    return Context(configuration, module, settings, TODAY, is_production(module, settings.environments))


def problems(check_id: str, files: Mapping[str, str] | str, root: str = "", **config: Any) -> list[Found]:
    """Return the problems that a check reports."""
    return [
        Found(
            outcome.address,
            each.at.path,
            each.at.line,
            each.at.source.line(each.at.line).strip(),
            each.message,
            each.hint,
        )
        for outcome in outcomes(check_id, files, root, **config)
        for each in outcome.problems
    ]


def states(check_id: str, files: Mapping[str, str] | str, root: str = "", **config: Any) -> dict[str, State]:
    """Return how the evaluation of each subject ended."""
    return {each.address: each.state for each in outcomes(check_id, files, root, **config)}


def reasons(check_id: str, files: Mapping[str, str] | str, root: str = "", **config: Any) -> list[str]:
    """Return why subjects were not evaluated or the check does not apply."""
    return [each.reason for each in outcomes(check_id, files, root, **config) if each.reason]
