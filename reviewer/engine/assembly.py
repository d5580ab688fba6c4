"""From what was found in every root module to the review of a change, or the audit of everything."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.config.choices import Gate, NewSuppressions
from reviewer.engine.audited import part_under, verdict_on
from reviewer.engine.baselines import marked_in_audit, marked_in_review
from reviewer.engine.concerned import is_under
from reviewer.engine.coverage import coverage_of
from reviewer.engine.delta import Hit, merge_places
from reviewer.engine.findings import Assembler, limit_low
from reviewer.engine.folding import Folded, fold
from reviewer.engine.foreign import Scene
from reviewer.engine.freshness import outdated
from reviewer.engine.known_blocks import homes, known_blocks
from reviewer.engine.placement import Diff
from reviewer.engine.redact import redactor
from reviewer.engine.score import counted, counted_at_base, scorecard, tally
from reviewer.engine.suppressed import Suppressions, accepting, added_suppressions, unheard, waiting
from reviewer.engine.unread import excluded, replaced, unread, without_reader
from reviewer.engine.verdict import decide
from reviewer.engine.wanted import wanted_hits, wanted_outcomes
from reviewer.order import sort_key
from reviewer.review import Mode, NewSuppression, NotAnalysed, Notice, Review
from reviewer.suppression import Rules
from reviewer.terraform.module import is_terraform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.change.change import Change
    from reviewer.engine.changes import Sides
    from reviewer.engine.in_time import Roots
    from reviewer.engine.settings import Settings
    from reviewer.imported.result import Results
    from reviewer.suppression import Suppression
    from reviewer.terraform.configuration import Configuration
    from reviewer.views.changed_lines import ChangedLines


def assemble_review(
    change: Change,
    settings: Settings,
    both: tuple[Configuration, Configuration],
    changed: Sides,
    roots: Roots,
) -> Review:
    """Return the review of a change; ``both`` are its head and its base."""
    config = settings.config
    head, base, added = _suppressions(both, settings, changed)
    found = (each for root in roots.reviewed for each in root.found)
    hits = wanted_hits(merge_places(found, partial(accepting, head, base)), config)
    base_found = (each for root in roots.reviewed for each in root.base_found)
    base_hits = wanted_hits(merge_places(base_found, base.accepting), config)
    assembler = Assembler(config, Diff.of((*change.files, *changed.files)), head, base, redactor(hits))
    folded = _folded(hits, roots, assembler, settings.given.imported, changed.head)
    findings, baseline = marked_in_review(folded.findings, change, settings)
    outcomes = wanted_outcomes((each for root in roots.reviewed for each in root.outcomes), config)
    base_outcomes = wanted_outcomes((each for root in roots.reviewed for each in root.base_outcomes), config)
    coverage = coverage_of(changed.files, changed.not_analysed, roots, outcomes, folded.imported)
    return Review(
        mode=Mode.REVIEW,
        base=change.base.revision,
        head=change.head.revision,
        today=settings.today,
        verdict=decide(findings, coverage, outcomes, config, config.gate),
        findings=findings,
        scorecard=scorecard(
            tally(outcomes, counted(findings, config)),
            tally(base_outcomes, counted_at_base(base_hits, findings, assembler)),
        ),
        coverage=coverage,
        notices=(
            *_notices(head, [each.path for each in changed.files], roots, _excluded(change, settings)),
            *without_reader(changed.files, head.configuration),
            *unheard(changed.files, head.configuration),
            *replaced(changed.files, head.configuration),
            *waiting(head),
            *(outdated(settings.today) if outcomes else ()),
            *folded.notices,
        ),
        new_suppressions=tuple(NewSuppression(each.checks, each.acceptance) for each in added),
        baseline=baseline,
    )


def assemble_audit(
    configuration: Configuration, settings: Settings, path: str, inside: Iterable[str], roots: Roots
) -> Review:
    """Return the audit of everything under ``path``, where the files ``inside`` lie."""
    config = settings.config
    roots = replace(roots, reviewed=tuple(part_under(each, path) for each in roots.reviewed))
    suppressions = Suppressions(configuration, _rules(settings))
    found = (each for root in roots.reviewed for each in root.found)
    hits = wanted_hits(merge_places(found, suppressions.accepting), config)
    assembler = Assembler(config, None, suppressions, suppressions, redactor(hits))
    folded = _folded(hits, roots, assembler, _under(settings.given.imported, path), None)
    files = [each for each in inside if is_terraform(each)]
    outcomes = wanted_outcomes((each for root in roots.reviewed for each in root.outcomes), config)
    coverage = coverage_of(files, tuple(_broken(configuration, files)), roots, outcomes, folded.imported)
    findings, baseline = marked_in_audit(folded.findings, configuration.tree, path, settings, coverage)
    return Review(
        mode=Mode.AUDIT,
        base=None,
        head=configuration.tree.revision,
        today=settings.today,
        verdict=verdict_on(roots.reviewed, decide(findings, coverage, outcomes, config, Gate.TOUCHED)),
        findings=findings,
        scorecard=scorecard(tally(outcomes, counted(findings, config)), None),
        coverage=coverage,
        notices=(
            *_notices(suppressions, files, roots, ()),
            *(outdated(settings.today) if outcomes else ()),
            *folded.notices,
        ),
        baseline=baseline,
    )


def _suppressions(
    both: tuple[Configuration, Configuration], settings: Settings, changed: Sides
) -> tuple[Suppressions, Suppressions, list[Suppression]]:
    """Return the suppressions of head and base, and those that the change adds.

    These wait for the merge, unless the configuration lets them count at once.
    """
    head, base = (Suppressions(each, _rules(settings)) for each in both)
    added = added_suppressions(head, base, changed.files)
    if settings.config.new_suppressions is NewSuppressions.AFTER_MERGE:
        head = dataclasses.replace(head, waiting=frozenset(added))
    return head, base, added


def _rules(settings: Settings) -> Rules:
    return Rules(settings.names, settings.today, settings.config.max_suppression_days)


def _folded(
    hits: Iterable[Hit],
    roots: Roots,
    assembler: Assembler,
    imported: Sequence[Results],
    changed: ChangedLines | None,
) -> Folded:
    """Return the findings of all tools in the order of display. ``changed`` is None for an audit."""
    provers = {root.name: root.prover for root in roots.reviewed}
    own = sorted((assembler.finding(each, provers[each.key.root]) for each in hits), key=sort_key)
    scene = Scene(
        assembler.config,
        assembler.head.configuration,
        assembler.diff,
        changed,
        assembler.head,
        known_blocks(roots.reviewed) if imported else {},
        homes(roots.reviewed) if imported else {},
        assembler.redactor,
    )
    folded = fold(imported, own, scene)
    findings = sorted(folded.findings, key=sort_key)
    return replace(folded, findings=tuple(limit_low(findings, assembler.config.max_low_comments)))


def _under(imported: Sequence[Results], folder: str) -> list[Results]:
    """Return the results on files under a folder, and those that name no file."""

    def is_inside(paths: Sequence[str]) -> bool:
        return not paths or any(is_under(each, folder) for each in paths)

    return [
        replace(file, results=tuple(each for each in file.results if is_inside(each.paths)))
        for file in imported
    ]


def _excluded(change: Change, settings: Settings) -> list[str]:
    files = (each.path for each in change.files)
    return [each for each in files if is_terraform(each) and settings.config.excludes(each)]


def _broken(configuration: Configuration, files: Iterable[str]) -> Iterator[NotAnalysed]:
    """Yield what of the files could not be read."""
    for path in files:
        for problem in configuration.file(path).diagnostics:
            yield NotAnalysed(path, f"line {problem.line}: {problem.message}")


def _notices(
    suppressions: Suppressions, files: Sequence[str], roots: Roots, left_out: Sequence[str]
) -> Iterator[Notice]:
    """Yield why suppressions in the files do not count, what is left out, and what is not readable."""
    for path in files:
        if is_terraform(path):
            yield from suppressions.of_file(path)[1]
    yield from excluded(left_out)
    yield from unread(suppressions.configuration, [each.folder for each in roots.reviewed], files)
