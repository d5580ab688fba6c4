"""From the files of shards to one report: complete, or not at all."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from statistics import median_low
from typing import TYPE_CHECKING

import msgspec

from reviewer import __version__
from reviewer.errors import UsageError
from reviewer.finding import Pillar, Severity, Status
from reviewer.fleet.wire import CheckRow, Counts, Fleet, Moment, Repository, Scores, Shard, Standing
from reviewer.report import wire
from reviewer.report.json import TOOL
from reviewer.review import Conclusion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

MAX_HISTORY = 104
"""Two years of weekly reports."""


class _Kind(msgspec.Struct):
    kind: str = ""


def read(name: str, content: bytes) -> Shard | Repository:
    """Return what a file holds: a shard, or the report of one repository, which is called as the file is.

    Raises :class:`UsageError`.
    """
    try:
        if msgspec.json.decode(content, type=_Kind).kind:
            return msgspec.json.decode(content, type=Shard)
        return Repository(PurePath(name).stem, msgspec.json.decode(content, type=wire.Document))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        message = f"{name}: neither a shard of `audit --shard` nor a report of `audit --format json`: {error}"
        raise UsageError(message) from None


def read_previous(name: str, content: bytes) -> Fleet:
    """Return an earlier merged report. Raises :class:`UsageError`."""
    try:
        return msgspec.json.decode(content, type=Fleet)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise UsageError(f"{name}: no report of `merge --format json`: {error}") from None


def merge(files: Sequence[Shard | Repository], previous: Fleet | None = None) -> Fleet:
    """Return the report on all repositories; ``previous`` is what trends compare with.

    Raises :class:`UsageError` when a shard is missing or there twice, and when dates or names do not fit.
    """
    shards = [each for each in files if isinstance(each, Shard)]
    _require_all(shards)
    rows = [each for each in files if isinstance(each, Repository)]
    rows += [each for shard in shards for each in shard.repositories]
    _require_distinct(rows)
    today = _today(shards, rows)
    before = {each.name: each.open for each in previous.repositories} if previous else {}
    standings = _ranked([_standing(each, before.get(each.name)) for each in rows])
    moment = _moment(today, standings)
    history = tuple(each for each in (previous.history if previous else ()) if each.today < today)
    return Fleet(
        schema=1,
        kind="fleet",
        tool=wire.Tool(TOOL, __version__),
        today=today,
        verdict=_verdict(standings),
        repositories=standings,
        checks=_checks(rows),
        history=(*history[-MAX_HISTORY:], moment),
        gone=tuple(sorted(before.keys() - {each.name for each in standings})),
    )


def _require_all(shards: Sequence[Shard]) -> None:
    counts = {each.shards for each in shards}
    if len(counts) > 1:
        raise UsageError(
            f"the shards are of different divisions: {', '.join(map(str, sorted(counts)))} in all"
        )
    for count in counts:
        seen = Counter(each.shard for each in shards)
        missing = [f"{number}/{count}" for number in range(1, count + 1) if not seen[number]]
        twice = [f"{number}/{count}" for number in sorted(seen) if seen[number] > 1]
        if missing:
            raise UsageError(f"shards are missing, so the report would be incomplete: {', '.join(missing)}")
        if twice:
            raise UsageError(f"shards are there twice: {', '.join(twice)}")


def _require_distinct(rows: Iterable[Repository]) -> None:
    twice = [name for name, number in Counter(each.name for each in rows).items() if number > 1]
    if twice:
        raise UsageError(f"repositories are there twice: {', '.join(sorted(twice))}")


def _today(shards: Iterable[Shard], rows: Iterable[Repository]) -> date:
    days = {each.today for each in shards} | {each.review.today for each in rows if each.review}
    if len(days) != 1:
        told = ", ".join(map(str, sorted(days))) or "none"
        raise UsageError(f"the files must be of one day, which --today sets; theirs: {told}")
    return days.pop()


def _standing(row: Repository, before: Counts | None) -> Standing:
    review = row.review
    if review is None:
        return Standing(1, row.name, Conclusion.ERROR, row.error, None, 0, _no_scores(), before)
    open_ones = [each for each in review.findings if _is_open(each)]
    severities = Counter(each.severity for each in open_ones)
    return Standing(
        rank=1,
        name=row.name,
        conclusion=review.verdict.conclusion,
        reason=review.verdict.reason,
        open=Counts(*(severities[each] for each in Severity)),
        accepted=sum(1 for each in review.findings if _is_accepted(each)),
        scores={
            pillar.value: getattr(review.scorecard, pillar.value.replace("-", "_")).score for pillar in Pillar
        },
        before=before,
    )


def _is_accepted(finding: wire.Finding) -> bool:
    """Tell whether a suppression or the baseline accepts a finding."""
    return finding.suppressed is not None or finding.baselined


def _is_open(finding: wire.Finding) -> bool:
    return finding.status in {Status.INTRODUCED, Status.EXISTING} and not _is_accepted(finding)


def _no_scores() -> Scores:
    return {pillar.value: None for pillar in Pillar}


def _ranked(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Return the best first; equals share a rank, and what was not audited comes last."""
    worst = (10**9,) * len(Severity)
    keyed = sorted(((each.open.key if each.open else worst), each.name, each) for each in standings)
    ranked: list[Standing] = []
    for position, (key, _, each) in enumerate(keyed, 1):
        same = ranked and keyed[position - 2][0] == key
        ranked.append(msgspec.structs.replace(each, rank=ranked[-1].rank if same else position))
    return tuple(ranked)


def _moment(today: date, standings: Sequence[Standing]) -> Moment:
    known = [each.open for each in standings if each.open]
    medians: Scores = {}
    for pillar in Pillar:
        scores = [score for each in standings if (score := each.scores[pillar.value]) is not None]
        medians[pillar.value] = median_low(scores) if scores else None
    conclusions = Counter(each.conclusion for each in standings)
    return Moment(
        today=today,
        repositories=len(standings),
        failing=conclusions[Conclusion.FAILURE],
        incomplete=conclusions[Conclusion.ERROR],
        open=Counts(*(sum(column) for column in zip(*(each.key for each in known), strict=True))),
        medians=medians,
    )


def _checks(rows: Iterable[Repository]) -> tuple[CheckRow, ...]:
    """Return the checks that found something, those in the most repositories first."""
    found: dict[str, list[tuple[str, wire.Finding]]] = {}
    for row in rows:
        for each in row.review.findings if row.review else ():
            if _is_open(each):
                found.setdefault(each.id, []).append((row.name, each))
    table = [
        CheckRow(
            id=check,
            title=min(each.title for _, each in hits),
            severity=min((each.severity for _, each in hits), key=lambda severity: severity.rank),
            repositories=len({name for name, _ in hits}),
            findings=len(hits),
        )
        for check, hits in found.items()
    ]
    return tuple(sorted(table, key=lambda each: (-each.repositories, -each.findings, each.id)))


def _verdict(standings: Sequence[Standing]) -> wire.Verdict:
    conclusions = Counter(each.conclusion for each in standings)
    failing, broken = conclusions[Conclusion.FAILURE], conclusions[Conclusion.ERROR]
    total = len(standings)
    if broken:
        reason = f"{broken} of {number_of(total)} could not be audited completely"
        more = f"; {_failing(failing)}" if failing else ""
        return wire.Verdict(Conclusion.ERROR, f"{reason}{more}.")
    if failing:
        return wire.Verdict(Conclusion.FAILURE, f"{_failing(failing, f' of {number_of(total)}')}.")
    reason = "The repository passes its gate." if total == 1 else f"All {total} repositories pass their gate."
    return wire.Verdict(Conclusion.SUCCESS, reason)


def _failing(count: int, of: str = "") -> str:
    return f"{count}{of} {'fails its gate' if count == 1 else 'fail their gate'}"


def number_of(repositories: int) -> str:
    """Return such as ``1 repository`` or ``2 repositories``."""
    return "1 repository" if repositories == 1 else f"{repositories} repositories"
