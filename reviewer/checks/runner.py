"""Running checks on subjects: every evaluation ends in exactly one outcome."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from reviewer.checks.problem import CheckFailedError, Problem
from reviewer.record import Record
from reviewer.terraform.value import EvaluationError, UndecidedError
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from reviewer.checks.check import Check
    from reviewer.views.context import Context
    from reviewer.views.view import View


CRASHED = "internal error"
"""How the reason begins when the code of a check or a view broke."""


class State(Enum):
    """How an evaluation ended."""

    PASS = "pass"  # noqa: S105 - not a password
    FINDING = "finding"
    NOT_EVALUATED = "not evaluated"
    NOT_APPLICABLE = "not applicable"


DECIDED = frozenset({State.PASS, State.FINDING})
"""How an evaluation ends that says something of its subject."""


class Outcome(Record, eq=False):
    """What one check says about one subject. ``reason`` says what blocks it or why it does not apply.

    ``failed`` means that the check itself broke: the review goes on, but it is not complete. ``is_partial``
    means that not every subject could be found: ``subject`` is then the root module, for all of them.
    """

    check: Check
    subject: View
    state: State
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    failed: bool = False
    is_partial: bool = False

    @property
    def address(self) -> str:
        """Return the address of the subject."""
        return self.subject.address


class Subjects(Record, eq=False):
    """The subjects of one kind in a root module. ``reason`` says why they may not be all, if so."""

    found: tuple[View, ...]
    reason: str = ""
    failed: bool = False


def search(kind: type[View], context: Context) -> Subjects:
    """Return every subject of a kind; those found before something turns out to be unknown stand."""
    found: list[View] = []
    try:
        for subject in kind.find(context):
            found.append(subject)  # noqa: PERF402 - those before an exception are kept
    except UndecidedError as undecided:
        return Subjects(tuple(found), undecided.reason)
    except EvaluationError as error:
        return Subjects(tuple(found), f"Terraform would report an error: {error}")
    except Exception as error:  # noqa: BLE001 - one broken view must not cost the whole review
        reason = f"{CRASHED} in {kind.__name__}: {type(error).__name__}"
        return Subjects(tuple(found), reason, failed=True)
    return Subjects(tuple(found))


def evaluate(check: Check, subject: View, context: Context) -> Outcome:
    """Return the outcome of one check on one subject.

    A problem found before something turns out to be unknown stands: one bad known element suffices.
    """
    if check.production_only and not context.is_production:
        return Outcome(check, subject, State.NOT_APPLICABLE, reason="not a production environment")
    problems: list[Problem] = []
    reason = ""
    try:
        for problem in check.function(subject, context):
            problems.append(problem)  # noqa: PERF402 - those before an exception are kept
    except UndecidedError as undecided:
        reason = undecided.reason
    except EvaluationError as error:
        reason = f"Terraform would report an error: {error}"
    except NotApplicableError as error:
        if not problems:
            return Outcome(check, subject, State.NOT_APPLICABLE, reason=str(error))
    except CheckFailedError as error:
        return Outcome(check, subject, State.NOT_EVALUATED, tuple(problems), str(error), failed=True)
    except Exception as error:  # noqa: BLE001 - one broken check must not cost the whole review
        reason = f"{CRASHED} in {check.id}: {type(error).__name__}"
        return Outcome(check, subject, State.NOT_EVALUATED, tuple(problems), reason, failed=True)
    if problems:
        return Outcome(check, subject, State.FINDING, tuple(problems))
    return Outcome(check, subject, State.NOT_EVALUATED if reason else State.PASS, reason=reason)
