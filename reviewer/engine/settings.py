"""What is the same for every root module of a run, and what a run is given besides the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from reviewer.checks.check import Scope
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from reviewer.checks.check import Check
    from reviewer.config.config import Config
    from reviewer.deadline import Deadline
    from reviewer.engine.runs import Run
    from reviewer.imported.result import Results
    from reviewer.terraform.plan.plan import Plan


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

    def checks_of(self, run: Run) -> tuple[Check, ...]:
        """Return the checks of one run: what is true of the whole repository is told once, not in each."""
        if not run.file:
            return self.checks
        return tuple(each for each in self.checks if each.scope is not Scope.REPOSITORY)
