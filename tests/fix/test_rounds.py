"""Suggestions that were proven alone, and do not hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from reviewer.change.change import Change
from reviewer.change.diff import added_file
from reviewer.finding import Status, Suggestion
from reviewer.fix import rounds
from reviewer.review import Coverage, NotAnalysed
from tests.samples import CLEAN, finding
from tests.trees import EmptyTree, tree

if TYPE_CHECKING:
    from reviewer.finding import Finding
    from reviewer.review import Review

TEXT = "one = 1\ntwo = 2\n"
ONE = finding(path="a.tf", line=1, fingerprint="1", suggestion=Suggestion("a.tf", 1, 1, "one = 10"))
TWO = finding(path="a.tf", line=2, fingerprint="2", suggestion=Suggestion("a.tf", 2, 2, "two = 20"))
OTHER = finding(path="a.tf", line=2, fingerprint="3")


def of(*findings: Finding, unread: tuple[str, ...] = ()) -> Review:
    coverage = Coverage(1, 1, tuple(NotAnalysed(path, "x") for path in unread), 1, 1, ())
    return replace(CLEAN, findings=findings, coverage=coverage)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (of(TWO), True),
        (of(replace(ONE, status=Status.FIXED), TWO), True),
        (of(ONE, TWO), False),  # it is still there
        (of(TWO, OTHER), False),  # another came
        (of(OTHER), False),  # another came in its place
        (of(TWO, unread=("a.tf",)), False),  # the file cannot be read any more
    ],
)
def test_a_fix_removes_its_problem_and_brings_no_other(after: Review, *, expected: bool) -> None:
    assert rounds._is_better(of(ONE, TWO), after, [ONE]) is expected


def test_two_that_break_each_other_are_not_both_made() -> None:
    """Each is fine alone; together they bring another problem: the worse one is made, the other is named."""

    def review(change: Change) -> Review:
        lines = change.head.read("a.tf").decode().splitlines()
        left = [each for each, fixed in ((ONE, "one = 10"), (TWO, "two = 20")) if fixed not in lines]
        return of(*(left or [OTHER]))

    change = Change(EmptyTree(), tree({"a.tf": TEXT}), (added_file("a.tf", TEXT.encode()),))
    outcome = rounds.fix(change, review)
    assert dict(outcome.files) == {"a.tf": b"one = 10\ntwo = 2\n"}
    assert [each.fingerprint for each in outcome.made] == ["1"]
    assert [each.fingerprint for each in outcome.left] == ["2"]
    assert [each.fingerprint for each in outcome.review.findings] == ["2"]


def test_what_overlaps_is_offered_again_on_the_new_text() -> None:
    """The second suggestion spans the first one's line: after that is made, it is made on what stands then."""

    def review(change: Change) -> Review:
        text = change.head.read("a.tf").decode()
        first = [] if "one = 10" in text else [ONE]
        line = text.split("\n")[0]
        wide = Suggestion("a.tf", 1, 2, f"{line}\ntwo = 20")
        second = [] if "two = 20" in text else [replace(TWO, suggestion=wide)]
        return of(*first, *second)

    change = Change(EmptyTree(), tree({"a.tf": TEXT}), (added_file("a.tf", TEXT.encode()),))
    outcome = rounds.fix(change, review)
    assert dict(outcome.files) == {"a.tf": b"one = 10\ntwo = 20\n"}
    assert outcome.left == ()


def test_the_diff_of_the_new_text_is_gits() -> None:
    base = tree({"old.tf": "a = 1\nb = 2\n"})
    head = tree({"a.tf": TEXT, "new.tf": "a = 1\nb = 3\n"})
    renamed = replace(added_file("new.tf", b""), old_path="old.tf")
    change = Change(base, head, (added_file("a.tf", TEXT.encode()), renamed))
    after = rounds.overlaid(change, {"new.tf": b"a = 1\nb = 2\n", "a.tf": b"one = 10\ntwo = 2\n"})
    assert [(each.path, each.old_path) for each in after.files] == [("a.tf", None), ("new.tf", "old.tf")]
    assert sorted(after.files[0].hunks[0].added_lines) == [1, 2]
    assert after.files[1].hunks == ()  # its content is what it was, and its name is not
    again = rounds.overlaid(change, {"new.tf": b"a = 1\nb = 4\n"})
    (edited,) = [each for each in again.files if each.path == "new.tf"]
    assert (edited.old_path, sorted(edited.hunks[0].added_lines)) == ("old.tf", [2])


def test_a_file_that_is_as_it_was_is_no_part_of_the_change() -> None:
    base, head = tree({"a.tf": "a = 1\n"}), tree({"a.tf": "a = 2\n"})
    edited = replace(added_file("a.tf", b"a = 2\n"), old_path="a.tf")
    assert rounds.overlaid(Change(base, head, (edited,)), {"a.tf": b"a = 1\n"}).files == ()
