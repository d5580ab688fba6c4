"""The finding that results of another tool become: whether the change brought them, and where it is shown."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.engine.findings import excerpt
from reviewer.engine.placement import Spot, place
from reviewer.finding import MASK, Confirmation, Finding, Pillar, Placement, Severity, Status
from reviewer.imported.peers import canonical, checks_like, spellings
from reviewer.terraform.module import is_terraform
from reviewer.views.secrets.credential import without_shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.engine.foreign import Arguments, Foreign, Scene
    from reviewer.finding import Acceptance
    from reviewer.imported.result import Result
    from reviewer.terraform.syntax import Block

_SECURITY_TOOLS = frozenset({"checkov", "tfsec", "trivy"})
_NO_ISSUE = "other"
"""What no check of ours says belongs to no issue of the list of quality issues."""
_MARKS = re.compile(r"([*\[\]~\\]|(?<!\w)_|_(?!\w))")


def finding_of(group: Sequence[Foreign], number: int, scene: Scene) -> Finding:
    """Return the finding for results that mean the same; ``number`` tells it from its like."""
    foreign = group[0]
    result = foreign.result
    checks = checks_like(result.id)
    status = Status.INTRODUCED if _is_introduced(foreign, scene) else Status.EXISTING
    accepted = _accepted(foreign, scene)
    spot = _spot(foreign, status, accepted, scene)
    security = bool(checks) or result.tool in _SECURITY_TOOLS
    given = result.severity or (checks[0].severity if checks else Severity.MEDIUM)
    return Finding(
        id=result.id,
        name=result.id,
        title=as_markdown(result.title),
        message=as_markdown(without_shapes(result.message, MASK)),
        hint=as_markdown(result.hint),
        severity=scene.config.severity_of(result.id, canonical(result.id), foreign.path, given),
        pillar=checks[0].pillar
        if checks
        else (Pillar.SECURITY if security else Pillar.OPERATIONAL_EXCELLENCE),
        issue=checks[0].issue if checks else _NO_ISSUE,
        path=foreign.path,
        line=foreign.at.line,
        end_line=foreign.at.end_line,
        address=foreign.address,
        status=status,
        placement=Placement.SUMMARY if spot is None else Placement.INLINE,
        comment_line=None if spot is None else spot.line,
        origins=(),
        suggestion=None,
        suppressed=accepted,
        fingerprint=_fingerprint(foreign, number),
        docs=result.docs,
        source=result.tool,
        excerpt=None if _is_secret(result) else excerpt(foreign.at, scene.redactor),
        confirmed_by=tuple(Confirmation(each.result.tool, each.result.id) for each in group[1:]),
    )


def _is_introduced(foreign: Foreign, scene: Scene) -> bool:
    """Tell whether the change brought a result, as far as the code can tell without one of the base.

    In this order: what the file itself says; a block that is new; an argument that the tool names, if it
    is written differently now; a changed line in a result that is narrower than its block; and for one
    that is about the whole block, an argument that the change removed.
    """
    if scene.diff is None:
        return False
    if foreign.result.is_new is not None:
        return foreign.result.is_new
    if foreign.block is None:
        return True
    if foreign.before is None:
        return _is_new_block(foreign, scene)
    return _is_brought_about(foreign, foreign.block, foreign.before, scene)


def _is_brought_about(foreign: Foreign, block: Block, before: Block, scene: Scene) -> bool:
    """Tell whether what a result is about is written differently in a block that was there before."""
    now, then = scene.arguments_of(block), scene.arguments_of(before)
    if foreign.result.arguments:
        return any(_written(now, name) != _written(then, name) for name in foreign.result.arguments)
    if not foreign.is_whole_block:
        return scene.adds(foreign.at)
    return bool(then.keys() - now.keys())


def _is_new_block(foreign: Foreign, scene: Scene) -> bool:
    """A block that the base does not have is new; of one without address, the header tells."""
    return bool(foreign.addresses) or scene.adds(foreign.at)


def _accepted(foreign: Foreign, scene: Scene) -> Acceptance | None:
    places = (foreign.at, *((foreign.block.header,) if foreign.block else ()))
    if not is_terraform(foreign.path):
        return None
    short = canonical(foreign.result.id)
    names = [(each, short) for each in spellings(foreign.result.id)]
    names += [(each.id, each.name) for each in checks_like(foreign.result.id)]
    found = (scene.suppressions.accepting_at(rule, name, places) for rule, name in names)
    return next((each for each in found if each is not None), None)


def _spot(foreign: Foreign, status: Status, accepted: Acceptance | None, scene: Scene) -> Spot | None:
    if scene.diff is None or accepted is not None or status is not Status.INTRODUCED:
        return None
    return place(scene.diff, foreign.at, (), foreign.block.range if foreign.block else foreign.at)


def as_markdown(text: str) -> str:
    """Return plain text as a message: its marks mean nothing, except that backticks go on marking code."""
    return "".join(
        escape.code(each.text) if each.kind != "prose" else _MARKS.sub(r"\\\1", each.text)
        for each in escape.segments(text)
    )


def _written(found: Arguments, name: str) -> tuple[str, ...]:
    return tuple(" ".join(each.text.split()) for each in found.get(name, ()))


def _fingerprint(foreign: Foreign, number: int) -> str:
    """Identify a problem by tool, rule, block and argument: no line, no text."""
    where = foreign.address or foreign.path
    argument = ",".join(foreign.result.arguments)
    parts = f"{foreign.result.tool}\0{canonical(foreign.result.id)}\0{where}\0{argument}\0{number}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _is_secret(result: Result) -> bool:
    return result.secret or any(each.secret for each in checks_like(result.id))
