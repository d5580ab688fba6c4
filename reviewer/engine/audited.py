"""What the audit of one folder shows of the root modules that have to be evaluated for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.engine.concerned import is_under
from reviewer.review import Conclusion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.checks.problem import Problem
    from reviewer.engine.root import RootReview
    from reviewer.review import Verdict
    from reviewer.views.view import View


def part_under(review: RootReview, folder: str) -> RootReview:
    """Return what is audited of a root module: all of it, or the code in ``folder`` of a caller elsewhere.

    A problem belongs there when its subject or its line does.
    """
    if is_under(review.folder, folder):
        return review

    def lies_there(subject: View, problems: Iterable[Problem]) -> bool:
        places = (subject.instance.block.range, *(each.at for each in problems))
        return any(is_under(each.path, folder) for each in places)

    instances = review.prover.head.instances()
    return replace(
        review,
        found=tuple(each for each in review.found if lies_there(each.subject, (each.problem,))),
        outcomes=tuple(each for each in review.outcomes if lies_there(each.subject, each.problems)),
        touched=frozenset(
            each for each in review.touched if is_under(instances[each].block.range.path, folder)
        ),
    )


def verdict_on(reviewed: Sequence[RootReview], verdict: Verdict) -> Verdict:
    """Return the verdict, which says so where nothing was audited: that is no praise."""
    if reviewed or verdict.conclusion is not Conclusion.SUCCESS:
        return verdict
    return replace(verdict, reason="There is no Terraform configuration here: nothing to audit.")
