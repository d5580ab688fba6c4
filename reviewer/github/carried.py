"""Comments on resources that were renamed since: each goes on standing for the problem on its line. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.github import markers
from reviewer.github.remarks import Remark, is_inline

if TYPE_CHECKING:
    from reviewer.github.state import OwnComment
    from reviewer.review import Review

_Place = tuple[str, str, int]
"""A check, a file and a line."""


def carried(comments: tuple[OwnComment, ...], review: Review) -> tuple[OwnComment, ...]:
    """Return the comments, a renamed resource's with the fingerprint that its finding has now.

    Another address is another fingerprint. Only where one comment and one finding without a comment are of
    the same check on the same line do they belong together for certain.
    """
    commented = {each.fingerprint for each in comments}
    found: defaultdict[_Place, list[str]] = defaultdict(list)
    for each in review.findings:
        if is_inline(each) and each.fingerprint not in commented:
            found[each.id, each.path, Remark(each).lines[1]].append(each.fingerprint)
    standing = {each.fingerprint for each in review.findings if each.counts}
    places = {each.id: _place(each) for each in comments if each.fingerprint not in standing}
    left = list(places.values())
    return tuple(
        replace(each, fingerprint=found[place][0])
        if (place := places.get(each.id)) and left.count(place) == len(found.get(place, ())) == 1
        else each
        for each in comments
    )


def _place(comment: OwnComment) -> _Place | None:
    """Return what a comment is about and where it stands; None for one that stands no longer."""
    about = markers.about(comment.body)
    if about is None or comment.line is None or markers.gone(comment.body) is not None:
        return None
    return about.id, comment.path, comment.line
