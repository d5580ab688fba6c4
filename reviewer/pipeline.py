"""The whole review on one screen: a change goes in, findings, scorecard, coverage and verdict come out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer import baseline
from reviewer.baseline import Baseline
from reviewer.checks import CHECKS
from reviewer.checks.runner import Outcome, State
from reviewer.config.choices import Gate, ImportedResults, Incomplete, NewSuppressions
from reviewer.deadline import Deadline
from reviewer.engine.assemble import Assembler, limit_low
from reviewer.engine.changes import Sides, sides
from reviewer.engine.concerned import companions, is_relevant, is_under, root_pairs
from reviewer.engine.delta import Hit, merge_places
from reviewer.engine.folding import Folded, fold
from reviewer.engine.foreign import Scene
from reviewer.engine.freshness import outdated
from reviewer.engine.in_time import Progress, Roots, review_in_time
from reviewer.engine.known_blocks import homes, known_blocks
from reviewer.engine.placement import Diff
from reviewer.engine.plans import at_base, plans_by_root, unused
from reviewer.engine.redact import redactor
from reviewer.engine.root import Given, RootReview, Settings, audit_root, review_root
from reviewer.engine.roots import affected_roots, folder_of
from reviewer.engine.score import Counted, scorecard, tally
from reviewer.engine.suppressed import Suppressions, accepting, added_suppressions
from reviewer.engine.unread import excluded, unread
from reviewer.engine.verdict import decide
from reviewer.escape import code
from reviewer.finding import MASK, Finding, Status
from reviewer.order import sort_key
from reviewer.review import (
    EVERYTHING,
    BaselineEntry,
    BaselineUse,
    Conclusion,
    Coverage,
    Mode,
    NewSuppression,
    NotAnalysed,
    NotEvaluated,
    Notice,
    Review,
    Verdict,
)
from reviewer.suppression import Rules
from reviewer.terraform.configuration import Configuration, Sources, is_terraform
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.credential import without_shapes
from reviewer.views.module_outputs import passed_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from reviewer.change.change import Change
    from reviewer.change.tree import Tree
    from reviewer.checks.check import Check
    from reviewer.config.config import Config
    from reviewer.imported.result import Results


def review(  # noqa: PLR0913 - the settings of one run
    change: Change,
    config: Config,
    *,
    today: date,
    given: Given | None = None,
    checks: Mapping[str, Check] = CHECKS,
    progress: Progress | None = None,
) -> Review:
    """Review a change, with what is ``given`` besides its code.

    Raises ``PlanError`` for a plan that was made from other code than that of the head.
    """
    settings = _settings(checks, config, today, given)
    deadline = settings.deadline
    sources = Sources()
    head = Configuration(change.head, sources, config.var_files, passed_on=passed_on)
    base = Configuration(change.base, sources, config.var_files, passed_on=passed_on)
    with deadline.enforced():
        changed = sides(change, head, base, lambda path: is_relevant(path, settings))
        pairs = root_pairs(head, base, changed.files, settings)
        planned = plans_by_root(head, settings.given.plans, [folder for folder, _ in pairs])
        head = head.with_plans(planned)
        base = base.with_plans(at_base(planned, head, pairs))
    roots = review_in_time(
        [folder for folder, _ in pairs],
        lambda number: review_root(head, base, pairs[number], changed, settings),
        deadline,
        (head, base),
        progress,
    )
    with deadline.to_finish().enforced():
        result = _assemble(change, settings, (head, base), changed, roots)
        return replace(result, notices=(*result.notices, *unused(planned, [folder for folder, _ in pairs])))


def audit(  # noqa: PLR0913 - the settings of one run
    tree: Tree,
    config: Config,
    *,
    today: date,
    path: str = "",
    given: Given | None = None,
    checks: Mapping[str, Check] = CHECKS,
    progress: Progress | None = None,
) -> Review:
    """Evaluate everything under ``path``; every block counts as touched. Raises as :func:`review` does."""
    settings = _settings(checks, config, today, given)
    deadline = settings.deadline
    configuration = Configuration(tree, Sources(), config.var_files, passed_on=passed_on)
    with deadline.enforced():
        inside = [each for each in tree.paths() if is_under(each, path) and not config.excludes(each)]
        folders = dict.fromkeys(folder_of(each) for each in inside if each.endswith(CONFIGURATION_SUFFIXES))
        affected = affected_roots(configuration, folders)
        planned = plans_by_root(configuration, settings.given.plans, affected)
        configuration = configuration.with_plans(planned)
    roots = review_in_time(
        affected,
        lambda number: audit_root(configuration, affected[number], settings),
        deadline,
        (configuration,),
        progress,
    )
    with deadline.to_finish().enforced():
        result = _assemble_audit(configuration, settings, path, inside, roots)
        return replace(result, notices=(*result.notices, *unused(planned, affected)))


def _assemble_audit(
    configuration: Configuration, settings: Settings, path: str, inside: Sequence[str], roots: Roots
) -> Review:
    config = settings.config
    suppressions = Suppressions(configuration, _rules(settings))
    found = [each for each in merge_places(_found(roots), suppressions.accepting) if _is_wanted(each, config)]
    assembler = Assembler(config, None, suppressions, suppressions, redactor(found))
    imported = _under(settings.given.imported, path)
    blocks = known_blocks(roots.reviewed) if imported else {}
    places = homes(roots.reviewed) if imported else {}
    scene = Scene(config, configuration, None, None, suppressions, blocks, places, assembler.redactor)
    folded = _folded(found, assembler, roots.reviewed, imported, scene)
    accepted = _baseline(configuration.tree, settings)
    findings = baseline.marked(folded.findings, accepted)
    files = [each for each in inside if is_terraform(each)]
    broken = tuple(
        NotAnalysed(each, f"line {problem.line}: {problem.message}")
        for each in files
        for problem in configuration.file(each).diagnostics
    )
    outcomes = _wanted(config, (each for root in roots.reviewed for each in root.outcomes))
    coverage = Coverage(
        files_changed=len(files),
        files_analysed=len(files) - len({each.path for each in broken}),
        files_not_analysed=(*broken, *roots.left_out),
        blocks_touched=sum(len(root.touched) for root in roots.reviewed),
        evaluations=_evaluations(outcomes),
        not_evaluated=_not_evaluated(outcomes),
        imported=folded.imported,
        decided=_decided(outcomes),
    )
    return Review(
        mode=Mode.AUDIT,
        base=None,
        head=configuration.tree.revision,
        today=settings.today,
        verdict=decide(findings, coverage, outcomes, config, Gate.TOUCHED),
        findings=findings,
        scorecard=scorecard(tally(outcomes, _counted(findings, config)), None),
        coverage=coverage,
        notices=(
            *(notice for each in files for notice in suppressions.of_file(each)[1]),
            *unread(configuration, [each.folder for each in roots.reviewed], files),
            *(outdated(settings.today) if outcomes else ()),
            *folded.notices,
        ),
        baseline=_used_in_audit(accepted, findings, path, settings, coverage),
    )


def unseen(mode: Mode, head: str, reason: str, config: Config, *, today: date) -> Review:
    """Return the review of what could not be listed at all: incomplete, never clean."""
    is_failure = config.incomplete is Incomplete.FAIL
    return Review(
        mode=mode,
        base=None,
        head=head,
        today=today,
        verdict=Verdict(
            Conclusion.ERROR if is_failure else Conclusion.SUCCESS, f"The review is incomplete. {reason}"
        ),
        findings=(),
        scorecard=scorecard(tally((), ()), None),
        coverage=Coverage(0, 0, (NotAnalysed(EVERYTHING, reason),), 0, 0, ()),
    )


def _settings(checks: Mapping[str, Check], config: Config, today: date, given: Given | None) -> Settings:
    """Return what is the same for every root module; the time begins to run."""
    enabled = tuple(
        each for each in checks.values() if config.is_enabled(each.id, each.name, each.default_on, "")
    )
    names = {each.id: each.name for each in checks.values()}
    deadline = Deadline.after(config.time_budget)
    return Settings(config, enabled, companions(enabled), today, names, deadline, given or Given())


def _rules(settings: Settings) -> Rules:
    return Rules(settings.names, settings.today, settings.config.max_suppression_days)


def _assemble(
    change: Change,
    settings: Settings,
    both: tuple[Configuration, Configuration],
    changed: Sides,
    roots: Roots,
) -> Review:
    head, base = both
    rules = _rules(settings)
    head_suppressions, base_suppressions = Suppressions(head, rules), Suppressions(base, rules)
    config = settings.config
    added = added_suppressions(head_suppressions, base_suppressions, changed.files)
    if config.new_suppressions is NewSuppressions.AFTER_MERGE:
        head_suppressions.waiting = frozenset(added)
    diff = Diff.of((*change.files, *changed.files))
    hits = [
        each
        for each in merge_places(_found(roots), partial(accepting, head_suppressions, base_suppressions))
        if _is_wanted(each, config)
    ]
    assembler = Assembler(config, diff, head_suppressions, base_suppressions, redactor(hits))
    imported = settings.given.imported
    blocks = known_blocks(roots.reviewed) if imported else {}
    places = homes(roots.reviewed) if imported else {}
    scene = Scene(config, head, diff, changed.head, head_suppressions, blocks, places, assembler.redactor)
    folded = _folded(hits, assembler, roots.reviewed, imported, scene)
    accepted, added_entries = _baselines(change, settings)
    findings = baseline.marked(folded.findings, accepted)
    outcomes = _wanted(config, (each for root in roots.reviewed for each in root.outcomes))
    base_outcomes = _wanted(config, (each for root in roots.reviewed for each in root.base_outcomes))
    base_hits = merge_places(
        (each for root in roots.reviewed for each in root.base_found), base_suppressions.accepting
    )
    coverage = replace(_coverage(changed, roots, outcomes), imported=folded.imported)
    return Review(
        mode=Mode.REVIEW,
        base=change.base.revision,
        head=change.head.revision,
        today=settings.today,
        verdict=decide(findings, coverage, outcomes, config, config.gate),
        findings=findings,
        scorecard=scorecard(
            tally(outcomes, _counted(findings, config)),
            tally(
                base_outcomes,
                [
                    *_counted_at_base(base_hits, base_suppressions, assembler),
                    *_imported_at_base(findings, config),
                ],
            ),
        ),
        coverage=coverage,
        notices=(
            *_notices(head_suppressions, changed, roots.reviewed, _excluded(change, config)),
            *_waiting(head_suppressions),
            *(outdated(settings.today) if outcomes else ()),
            *folded.notices,
        ),
        new_suppressions=tuple(NewSuppression(each.checks, each.acceptance) for each in added),
        baseline=_used(accepted, added_entries, baseline.fixed(findings, accepted)),
    )


def _baseline(tree: Tree, settings: Settings) -> Baseline:
    """Return the baseline of a revision, unless nobody wants it."""
    path = settings.config.baseline
    return baseline.read(tree, path) if settings.given.with_baseline else Baseline(path)


def _baselines(change: Change, settings: Settings) -> tuple[Baseline, tuple[BaselineEntry, ...]]:
    """Return the baseline that holds, and what the change adds to it.

    That of the base holds, so that nobody accepts their own problems; unless suppressions count at once.
    """
    base, head = (_baseline(tree, settings) for tree in (change.base, change.head))
    at_once = settings.config.new_suppressions is NewSuppressions.AT_ONCE
    return (head if at_once else base), baseline.added(base, head)


def _used(
    accepted: Baseline, added: tuple[BaselineEntry, ...], stale: tuple[BaselineEntry, ...]
) -> BaselineUse | None:
    if not accepted.entries and not added:
        return None
    return BaselineUse(accepted.path, len(accepted.entries), added, stale)


def _used_in_audit(
    accepted: Baseline, findings: Iterable[Finding], path: str, settings: Settings, coverage: Coverage
) -> BaselineUse | None:
    """Return what became of the baseline; an entry is stale only if the audit could have found it."""
    ran = {each.id for each in settings.checks}
    undecided = {(each.id, each.address) for each in coverage.not_evaluated}
    unread_paths = {"" if each.path == "." else each.path for each in coverage.files_not_analysed}

    def is_judged(entry: BaselineEntry) -> bool:
        unseen_there = any(is_under(entry.path, each) for each in unread_paths)
        looked_at = is_under(entry.path, path) and not unseen_there
        return looked_at and entry.id in ran and (entry.id, entry.address) not in undecided

    return _used(accepted, (), baseline.stale(findings, accepted, is_judged))


def _is_wanted(hit: Hit, config: Config) -> bool:
    return config.is_enabled(hit.check.id, hit.check.name, hit.check.default_on, hit.problem.at.path)


def _wanted(config: Config, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return the outcomes without those of checks that are off in the folder of their subject."""
    if not config.paths:
        return list(outcomes)
    return [
        each
        for each in outcomes
        if config.is_enabled(each.check.id, each.check.name, each.check.default_on, each.subject.header.path)
    ]


def _folded(
    hits: Iterable[Hit],
    assembler: Assembler,
    roots: Iterable[RootReview],
    imported: Sequence[Results],
    scene: Scene,
) -> Folded:
    """Return the findings of all tools in the order of display."""
    provers = {root.name: root.prover for root in roots}
    own = sorted((assembler.finding(each, provers[each.key.root]) for each in hits), key=sort_key)
    folded = fold(imported, own, scene)
    findings = sorted(folded.findings, key=sort_key)
    return replace(folded, findings=tuple(limit_low(findings, assembler.config.max_low_comments)))


def _under(imported: Sequence[Results], folder: str) -> list[Results]:
    """Return the results on files under a folder."""
    return [
        replace(
            file,
            results=tuple(
                each
                for each in file.results
                if any(is_under(place, folder) for place in each.paths) or not each.paths
            ),
        )
        for file in imported
    ]


def _counted(findings: Iterable[Finding], config: Config) -> list[Counted]:
    """Return what counts at the head; fixed problems and those gone unknown do not."""
    with_imported = config.imported_results is ImportedResults.GATE_AND_SCORE
    open_statuses = {Status.INTRODUCED, Status.EXISTING}
    return [
        Counted(each.id, each.pillar, each.severity, each.suppressed is not None)
        for each in findings
        if each.status in open_statuses and (with_imported or not each.is_imported)
    ]


def _imported_at_base(findings: Iterable[Finding], config: Config) -> list[Counted]:
    """Return what of other tools counts at the base: what was there before, as far as that is known."""
    before = (each for each in findings if each.is_imported and each.status is Status.EXISTING)
    return _counted(before, config)


def _found(roots: Roots) -> Iterator[Hit]:
    """Yield what was found in all root modules."""
    for root in roots.reviewed:
        yield from root.found


def _counted_at_base(hits: Iterable[Hit], suppressions: Suppressions, assembler: Assembler) -> list[Counted]:
    return [
        Counted(
            each.check.id,
            each.check.pillar,
            assembler.severity(each),
            suppressions.accepting(each) is not None,
        )
        for each in hits
        if _is_wanted(each, assembler.config)
    ]


def _coverage(changed: Sides, roots: Roots, outcomes: list[Outcome]) -> Coverage:
    broken = {each.path for each in changed.not_analysed}
    return Coverage(
        files_changed=len(changed.files),
        files_analysed=len(changed.files) - len(broken),
        files_not_analysed=(*changed.not_analysed, *roots.left_out),
        blocks_touched=sum(len(root.touched) for root in roots.reviewed),
        evaluations=_evaluations(outcomes),
        not_evaluated=_not_evaluated(outcomes),
        decided=_decided(outcomes),
    )


def _evaluations(outcomes: Iterable[Outcome]) -> int:
    return sum(1 for each in outcomes if each.state is not State.NOT_APPLICABLE)


def _not_evaluated(outcomes: Iterable[Outcome]) -> tuple[NotEvaluated, ...]:
    return tuple(
        NotEvaluated(each.check.id, each.address, without_shapes(each.reason, MASK))
        for each in outcomes
        if each.state is State.NOT_EVALUATED
    )


def _decided(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    return tuple(sorted({each.check.id for each in outcomes if each.state in {State.PASS, State.FINDING}}))


def _excluded(change: Change, config: Config) -> list[str]:
    return [each.path for each in change.files if is_terraform(each.path) and config.excludes(each.path)]


def _notices(
    suppressions: Suppressions, changed: Sides, roots: Iterable[RootReview], left_out: list[str]
) -> Iterable[Notice]:
    for file in changed.files:
        if is_terraform(file.path):
            yield from suppressions.of_file(file.path)[1]
    yield from excluded(left_out)
    told = {each.path for each in changed.files}
    yield from unread(suppressions.configuration, [each.folder for each in roots], told)


def _waiting(suppressions: Suppressions) -> Iterable[Notice]:
    """Yield why suppressions that the change adds do not count yet."""
    for each in sorted(suppressions.waiting, key=lambda each: (each.path, each.line)):
        message = (
            f"The suppression of {', '.join(map(code, each.checks))} counts once it is on the base branch."
            " To let new ones count at once, set `new-suppressions: at-once` there."
        )
        yield Notice(message, each.path, each.line)
