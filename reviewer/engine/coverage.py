"""How much of the change, or of everything, a review has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.runner import DECIDED, Outcome, State
from reviewer.finding import MASK
from reviewer.review import Coverage, Imported, NotAnalysed, NotEvaluated
from reviewer.views.secrets.credential import without_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.engine.in_time import Roots


def coverage_of(
    files: Sequence[object],
    broken: tuple[NotAnalysed, ...],
    roots: Roots,
    outcomes: Sequence[Outcome],
    imported: tuple[Imported, ...],
) -> Coverage:
    """Return the coverage. ``files`` are those to be reviewed, ``broken`` what of them could not be read."""
    return Coverage(
        files_changed=len(files),
        files_analysed=len(files) - len({each.path for each in broken}),
        files_not_analysed=(*broken, *roots.left_out),
        blocks_touched=sum(len(root.touched) for root in roots.reviewed),
        evaluations=sum(1 for each in outcomes if each.state is not State.NOT_APPLICABLE),
        not_evaluated=tuple(
            NotEvaluated(each.check.id, each.address, without_shapes(each.reason, MASK))
            for each in outcomes
            if each.state is State.NOT_EVALUATED
        ),
        imported=imported,
        decided=tuple(sorted({each.check.id for each in outcomes if each.state in DECIDED})),
    )
