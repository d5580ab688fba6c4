"""The runs of Terraform that a change is reviewed for, and their results taken together.

A root module is reviewed as it is, and once more with each changed variable file that has to be named: what
``envs/prod.tfvars`` changes happens to production alone. The values of such a file decide what is undecided
without it, so what is found with it stands in place of that.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.change.diff import FileStatus
from reviewer.checks.runner import State
from reviewer.engine.variable_files import must_be_named, readers
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.change.diff import ChangedFile
    from reviewer.checks.runner import Outcome
    from reviewer.engine.delta import Hit
    from reviewer.engine.root import RootReview
    from reviewer.terraform.configuration import Configuration

_DECIDED = frozenset({State.PASS, State.FINDING})
_ORDER = (State.FINDING, State.PASS, State.NOT_EVALUATED, State.NOT_APPLICABLE)
"""What stands where several runs evaluate the same, first."""


class Run(Record, eq=False):
    """One root module at both revisions; ``folders`` are its folder at the head and at the base.

    ``file`` is the changed variable file of the head that the run names, empty for none.
    """

    head: Configuration
    base: Configuration
    folders: tuple[str, str]
    file: str = ""

    @property
    def label(self) -> str:
        """Return what people call it."""
        folder = self.folders[0] or "."
        return f"{folder} with {self.file}" if self.file else folder


def runs(
    head: Configuration, base: Configuration, pairs: Sequence[tuple[str, str]], files: Iterable[ChangedFile]
) -> list[Run]:
    """Return the runs to review, those without a named file first."""
    named = [each for each in files if _is_there(each) and must_be_named(each.path, head)]
    found = [Run(head, base, pair) for pair in pairs]
    for file in named:
        folders = readers(file.path, head)
        for pair in pairs:
            if pair[0] in folders:
                with_file = head.with_named(pair[0], file.path)
                found.append(Run(with_file, _before(base, pair[1], file), pair, file.path))
    return found


def _is_there(file: ChangedFile) -> bool:
    return file.status is not FileStatus.REMOVED


def _before(base: Configuration, folder: str, file: ChangedFile) -> Configuration:
    """Return the base with the file as it was; an environment that is new had no values of its own."""
    path = file.old_path
    return base.with_named(folder, path) if path is not None and must_be_named(path, base) else base


def together(reviewed: Iterable[RootReview]) -> tuple[RootReview, ...]:
    """Return the reviews with one outcome for each check on each subject of a root module.

    What the run without a named file found falls away where the runs with one decide otherwise: a default
    that every environment overrides is nobody's value.
    """
    by_folder: defaultdict[str, list[RootReview]] = defaultdict(list)
    for each in reviewed:
        by_folder[each.folder].append(each)
    return tuple(each for group in by_folder.values() for each in _together(group))


def _together(group: Sequence[RootReview]) -> Iterator[RootReview]:
    named = [each for each in group if each.file]
    if not named:
        yield from group
        return
    head = _States.of(outcome for each in named for outcome in each.outcomes)
    base = _States.of(outcome for each in named for outcome in each.base_outcomes)
    first, *others = (each if each.file else _without(each, head, base) for each in group)
    yield replace(
        first,
        outcomes=tuple(_one_each(each.outcomes for each in (first, *others))),
        base_outcomes=tuple(_one_each(each.base_outcomes for each in (first, *others))),
        touched=frozenset[str]().union(*(each.touched for each in group)),
    )
    yield from (replace(each, outcomes=(), base_outcomes=(), touched=frozenset()) for each in others)


class _States(Record):
    """How the runs with a named file judge each check on each subject, at one revision."""

    found: Mapping[tuple[str, str], frozenset[State]]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> _States:
        found: defaultdict[tuple[str, str], frozenset[State]] = defaultdict(frozenset)
        for each in outcomes:
            found[_subject(each)] |= {each.state}
        return cls(dict(found))

    def decide(self, subject: tuple[str, str]) -> bool:
        return not _DECIDED.isdisjoint(self.found.get(subject, ()))

    def acquit(self, subject: tuple[str, str]) -> bool:
        return self.decide(subject) and State.FINDING not in self.found[subject]


def _without(plain: RootReview, head: _States, base: _States) -> RootReview:
    """Return the review of the run without a named file, without what the others decide."""
    return replace(
        plain,
        found=tuple(
            each
            for each in plain.found
            if not (head.acquit(_about(each)) if each.is_head else head.decide(_about(each)))
        ),
        base_found=tuple(each for each in plain.base_found if not base.acquit(_about(each))),
        outcomes=tuple(each for each in plain.outcomes if not head.decide(_subject(each))),
        base_outcomes=tuple(each for each in plain.base_outcomes if not base.decide(_subject(each))),
    )


def _subject(outcome: Outcome) -> tuple[str, str]:
    return outcome.check.id, outcome.address


def _about(hit: Hit) -> tuple[str, str]:
    return hit.check.id, hit.subject.address


def _one_each(reviews: Iterable[Iterable[Outcome]]) -> Iterator[Outcome]:
    """Yield one outcome for each check on each subject, and every one whose check broke."""
    best: dict[tuple[str, str], Outcome] = {}
    for each in (outcome for outcomes in reviews for outcome in outcomes):
        known = best.get(_subject(each))
        if each.failed:
            yield each
        elif known is None or _ORDER.index(each.state) < _ORDER.index(known.state):
            best[_subject(each)] = each
    yield from best.values()
