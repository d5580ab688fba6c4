"""``--format json``: writes a review, and reads one back for ``eks-review publish``.

A report that is read may come from the pull request of a stranger, so nothing in it is taken on trust: types,
ranges and sizes are those of :mod:`reviewer.report.wire`, and a score must follow from its own arithmetic.
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import cast

import msgspec
from msgspec.structs import asdict

from reviewer import PROJECT_URL, __version__
from reviewer.finding import (
    Acceptance,
    Confirmation,
    Excerpt,
    Finding,
    Instance,
    Location,
    Pillar,
    Placement,
    Suggestion,
)
from reviewer.report import wire
from reviewer.report.indented import indented
from reviewer.review import (
    BaselineEntry,
    BaselineUse,
    Coverage,
    Imported,
    NewSuppression,
    NotAnalysed,
    NotEvaluated,
    Notice,
    Review,
    Verdict,
)
from reviewer.scorecard import Driver, PillarScore, Scorecard, score_of

TOOL = "eks-review"
SCHEMA = 1
MAX_CHARACTERS = 32 * 1024 * 1024


class InvalidReportError(ValueError):
    """The text is no review that this version reads; the message says where and why."""


class _Versioned(msgspec.Struct):
    schema: int


def dump(review: Review) -> str:
    """Return ``review`` as JSON, schema 1, ending in a newline. Lone surrogates become question marks."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": TOOL, "version": __version__},
        "mode": review.mode,
        "base": review.base,
        "head": review.head,
        "today": review.today,
        "verdict": review.verdict,
        "findings": review.findings,
        "scorecard": {each.pillar: _pillar_document(each) for each in review.scorecard.pillars},
        "coverage": review.coverage,
        "notices": review.notices,
        "new_suppressions": review.new_suppressions,
        "baseline": review.baseline,
    }
    return indented(msgspec.to_builtins(document))


def load(text: str) -> Review:
    """Return the review in ``text``. Unknown fields are ignored. Raises :class:`InvalidReportError`."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidReportError(f"the report is longer than {MAX_CHARACTERS:,} characters")
    try:
        version = msgspec.json.decode(text, type=_Versioned).schema
        if version != SCHEMA:
            raise InvalidReportError(f"the report has schema {version}; this version reads schema {SCHEMA}")
        document = msgspec.json.decode(text, type=wire.Document)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidReportError(f"not a review in JSON: {error}") from error
    return _review(document)


def schema(of: type = wire.Document, file: str = "review.schema.json") -> dict[str, object]:
    """Return the JSON schema of a document, made from the types that read and write it."""
    (document,), definitions = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{PROJECT_URL}/blob/main/docs/{file}",
    }
    # Through JSON, so that it equals what a reader of the published file gets.
    built: dict[str, object] = json.loads(json.dumps({**head, **document, "$defs": definitions}))
    return built


def _review(document: wire.Document) -> Review:
    findings = tuple(_finding(each) for each in document.findings)
    for index, each in enumerate(findings):
        _check_lines(each, f"$.findings[{index}]")
    return Review(
        mode=document.mode,
        base=document.base,
        head=document.head,
        today=document.today,
        verdict=Verdict(**asdict(document.verdict)),
        findings=findings,
        scorecard=_scorecard(document.scorecard),
        coverage=_coverage(document.coverage),
        notices=tuple(Notice(**asdict(each)) for each in document.notices),
        new_suppressions=tuple(
            NewSuppression(each.checks, Acceptance(**asdict(each.acceptance)))
            for each in document.new_suppressions
        ),
        baseline=None if document.baseline is None else _baseline(document.baseline),
    )


def _finding(document: wire.Finding) -> Finding:
    """The fields have the same names; those that are objects are made first."""
    fields = asdict(document)
    fields["origins"] = tuple(Location(**asdict(each)) for each in document.origins)
    fields["suggestion"] = None if document.suggestion is None else Suggestion(**asdict(document.suggestion))
    fields["suppressed"] = None if document.suppressed is None else Acceptance(**asdict(document.suppressed))
    fields["excerpt"] = None if document.excerpt is None else Excerpt(**asdict(document.excerpt))
    fields["confirmed_by"] = tuple(Confirmation(**asdict(each)) for each in document.confirmed_by)
    fields["also"] = tuple(Instance(**asdict(each)) for each in document.also)
    return Finding(**fields)


def _baseline(document: wire.Baseline) -> BaselineUse:
    added = tuple(BaselineEntry(**asdict(each)) for each in document.added)
    stale = tuple(BaselineEntry(**asdict(each)) for each in document.stale)
    return BaselineUse(document.path, document.entries, added, stale)


def _coverage(document: wire.Coverage) -> Coverage:
    fields = asdict(document)
    fields["files_not_analysed"] = tuple(NotAnalysed(**asdict(each)) for each in document.files_not_analysed)
    fields["not_evaluated"] = tuple(NotEvaluated(**asdict(each)) for each in document.not_evaluated)
    fields["imported"] = tuple(Imported(**asdict(each)) for each in document.imported)
    return Coverage(**fields)


def _check_lines(finding: Finding, where: str) -> None:
    if (finding.placement is Placement.INLINE) != (finding.comment_line is not None):
        raise InvalidReportError(f"only an inline finding has a comment_line - at `{where}`")
    ranges = [(finding.line, finding.end_line), *((each.line, each.end_line) for each in finding.origins)]
    if finding.suggestion is not None:
        ranges.append((finding.suggestion.line, finding.suggestion.end_line))
    if any(end < start for start, end in ranges):
        raise InvalidReportError(f"end_line lies before line - at `{where}`")


def _pillar_document(score: PillarScore) -> dict[str, object]:
    return {
        "score": score.score,
        "base": score.base,
        "target": score.target,
        "meets": score.meets,
        "penalty": _number(score.penalty),
        "passed": score.passed,
        "findings": score.findings,
        "not_evaluated": score.not_evaluated,
        "accepted": score.accepted,
        "drivers": [each.id for each in score.drivers],
        "contributions": [
            {"id": each.id, "severity": each.severity, "count": each.count, "penalty": _number(each.penalty)}
            for each in score.drivers
        ],
    }


def _scorecard(document: wire.Scorecard) -> Scorecard:
    lines = (cast("wire.PillarScore", getattr(document, pillar.name.lower())) for pillar in Pillar)
    return Scorecard(tuple(_pillar(pillar, line) for pillar, line in zip(Pillar, lines, strict=True)))


def _pillar(pillar: Pillar, line: wire.PillarScore) -> PillarScore:
    where = f"$.scorecard.{pillar}"
    drivers = tuple(
        Driver(each.id, each.severity, each.count, Fraction(each.penalty)) for each in line.contributions
    )
    penalty = sum((each.penalty for each in drivers), Fraction(0))
    if penalty != Fraction(line.penalty) or tuple(each.id for each in drivers) != line.drivers:
        raise InvalidReportError(f"drivers, contributions and penalty do not agree - at `{where}`")
    if line.score is not None and line.score != score_of(penalty):
        raise InvalidReportError(f"the score does not follow from the penalty - at `{where}`")
    return PillarScore(
        pillar=pillar,
        score=line.score,
        base=line.base,
        target=line.target,
        penalty=penalty,
        passed=line.passed,
        findings=line.findings,
        not_evaluated=line.not_evaluated,
        accepted=line.accepted,
        drivers=drivers,
    )


def _number(value: Fraction) -> int | float:
    """Penalties are quarters: whole numbers stay whole, and the others are exact as floating point, too."""
    return int(value) if value.denominator == 1 else float(value)
