"""The runs of Terraform that a change is reviewed for, and their results taken together.

A root module is reviewed as it is, and once more with each variable file that has to be named. What
``envs/prod.tfvars`` says happens in production alone. The values of such a file decide what is undecided
without it, so what is found with it stands in place of that.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.change.diff import FileStatus
from reviewer.checks.runner import DECIDED, State
from reviewer.engine.side import without_keys
from reviewer.engine.variable_files import must_be_named, readers, sharing, with_common
from reviewer.record import Record
from reviewer.views.secrets.input_value import variable_files as files_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from reviewer.change.diff import ChangedFile
    from reviewer.checks.runner import Outcome
    from reviewer.engine.delta import Hit
    from reviewer.engine.root import RootReview
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.text import Range

MAX_RESTING = 8
"""Files that the change leaves alone and its root module is still reviewed with; changed ones always are."""
_ORDER = (State.FINDING, State.PASS, State.NOT_EVALUATED, State.NOT_APPLICABLE)
"""What stands where several runs evaluate the same, first."""


class Run(Record, eq=False):
    """One root module at both revisions; ``folders`` are its folder at the head and at the base.

    ``file`` is the variable file of the head that the run names, empty for none; ``old_file`` is what it is
    called at the base, where it is there.
    """

    head: Configuration
    base: Configuration
    folders: tuple[str, str]
    file: str = ""
    old_file: str = ""

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
    before = {each.path: each.old_path for each in named}
    found = [Run(head, base, pair) for pair in pairs]
    for pair in pairs:
        folder, base_folder = pair
        for path in _named(head, folder, before):
            with_file, old = head.with_named(folder, *with_common(path, head)), before.get(path, path)
            found.append(Run(with_file, _before(base, base_folder, old), pair, path, old or ""))
    return found


def _named(head: Configuration, folder: str, changed: Collection[str]) -> Iterator[str]:
    """Yield the files that the runs of a root module name, the changed ones first.

    Of those that the change leaves alone the first few: what shares a changed file, then what is in or below
    the module. Where ``var-files`` or a plan says what is deployed, no other file than a changed one does.
    """
    own = [each for each in changed if folder in readers(each, head)]
    if _is_settled(head, folder):
        yield from own
        return
    shared = [each for path in own for each in sharing(path, folder, head)]
    below = (each for each in files_of(head.tree, folder) if must_be_named(each, head))
    resting = (each for each in dict.fromkeys((*shared, *below)) if each not in changed)
    others = (each for each in resting if folder in readers(each, head))
    environments = (each for each in others if not sharing(each, folder, head))
    yield from (each for each in own if not sharing(each, folder, head))
    yield from islice(environments, MAX_RESTING)


def audit_runs(configuration: Configuration, roots: Iterable[str], paths: Iterable[str]) -> list[Run]:
    """Return the runs to audit, with every file among ``paths`` that has to be named.

    Where ``var-files`` or a plan says what is deployed, no other file does.
    """
    roots = list(roots)
    found = [Run(configuration, configuration, (root, root)) for root in roots]
    open_ = {root for root in roots if not _is_settled(configuration, root)}
    for path in paths if open_ else ():
        if must_be_named(path, configuration):
            for root in sorted(readers(path, configuration) & open_):
                if not sharing(path, root, configuration):
                    named = configuration.with_named(root, *with_common(path, configuration))
                    found.append(Run(named, named, (root, root), path))
    return found


def _is_settled(configuration: Configuration, root: str) -> bool:
    return bool(configuration.var_files) or root in configuration.plans


def _is_there(file: ChangedFile) -> bool:
    return file.status is not FileStatus.REMOVED


def _before(base: Configuration, folder: str, path: str | None) -> Configuration:
    """Return the base with the file as it was; an environment that is new had no values of its own."""
    if path is None or not must_be_named(path, base):
        return base
    return base.with_named(folder, *with_common(path, base))


def together(reviewed: Iterable[RootReview]) -> tuple[RootReview, ...]:
    """Return the reviews with one outcome for each check on each subject of a root module.

    What the run without a named file found falls away where the runs with one decide otherwise: a default
    that every environment overrides is nobody's value. It does not where the configuration or a plan says
    that this is what is deployed.
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
    first, *others = (each if _is_real(each) else _without(each, named, head, base) for each in group)
    yield replace(
        first,
        outcomes=tuple(_one_each([each.outcomes for each in (*others, first)])),
        base_outcomes=tuple(_one_each([each.base_outcomes for each in (*others, first)])),
        touched=frozenset[str]().union(*(each.touched for each in group)),
    )
    yield from (replace(each, outcomes=(), base_outcomes=(), touched=frozenset()) for each in others)


def _is_real(review: RootReview) -> bool:
    """Tell whether a run is one that somebody makes: with a named file, or as the configuration says."""
    return bool(review.file) or _is_settled(review.prover.head.context.configuration, review.folder)


class _States(Record):
    """How the runs with a named file judge each check on each subject, at one revision.

    ``decided`` are subjects without the keys of instances: where it is not known how many there are, the code
    stands for all of them.
    """

    found: Mapping[tuple[str, str], frozenset[State]]
    decided: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> _States:
        found: defaultdict[tuple[str, str], frozenset[State]] = defaultdict(frozenset)
        for each in outcomes:
            found[_subject(each)] |= {each.state}
        decided = (subject for subject, states in found.items() if not DECIDED.isdisjoint(states))
        return cls(dict(found), frozenset((check, without_keys(name)) for check, name in decided))

    def decide(self, subject: tuple[str, str]) -> bool:
        """Tell whether the subject, or instances of what it stands for, are decided about."""
        if subject in self.found:
            return not DECIDED.isdisjoint(self.found[subject])
        return (subject[0], without_keys(subject[1])) in self.decided

    def settle(self, outcome: Outcome) -> bool:
        """Tell whether an outcome says nothing that is not known better."""
        known = self.found.get(_subject(outcome), frozenset())
        is_moot = outcome.state is State.NOT_EVALUATED and bool(known - {State.NOT_EVALUATED})
        return is_moot or self.overrule(_subject(outcome))

    def overrule(self, subject: tuple[str, str]) -> bool:
        """Tell whether a default does not count: they decide about it, or none of them is asked."""
        return self.decide(subject) or self.found.get(subject) == frozenset({State.NOT_APPLICABLE})


def _without(plain: RootReview, named: Sequence[RootReview], head: _States, base: _States) -> RootReview:
    """Return the review of the run without a named file, without what the others decide.

    A problem that one of them has in the same place stays: its identity is that of the code they share.
    """
    here = {_place(hit) for each in named for hit in each.found if hit.is_head}
    before = {_place(hit) for each in named for hit in each.base_found}
    return replace(
        plain,
        found=tuple(each for each in plain.found if _place(each) in here or not head.overrule(_about(each))),
        base_found=tuple(
            each for each in plain.base_found if _place(each) in before or not base.overrule(_about(each))
        ),
        outcomes=tuple(each for each in plain.outcomes if not head.settle(each)),
        base_outcomes=tuple(each for each in plain.base_outcomes if not base.settle(each)),
    )


def _subject(outcome: Outcome) -> tuple[str, str]:
    return outcome.check.id, outcome.address


def _about(hit: Hit) -> tuple[str, str]:
    return hit.check.id, hit.subject.address


def _place(hit: Hit) -> tuple[str, str, Range]:
    return *_about(hit), hit.problem.at


def _one_each(runs_: Sequence[Sequence[Outcome]]) -> Iterator[Outcome]:
    """Yield what one run says of each check on each subject, and every outcome of a check that broke."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for number, outcomes in enumerate(runs_):
        for each in outcomes:
            mine = (_ORDER.index(each.state), number)
            best[_subject(each)] = min(best.get(_subject(each), mine), mine)
    for number, outcomes in enumerate(runs_):
        yield from (each for each in outcomes if each.failed or best[_subject(each)][1] == number)
