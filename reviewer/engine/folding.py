"""Folds the results of other tools into a review: only on what the change touches, merged with our own.

What a tool says about the base is not known, so that a result is new has to follow from the code:
see :mod:`reviewer.engine.foreign_finding`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.engine.foreign_finding import finding_of
from reviewer.escape import code
from reviewer.finding import Confirmation, Status
from reviewer.imported.peers import canonical, checks_like, checks_on_secrets, spellings
from reviewer.record import Record
from reviewer.review import Imported, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.config.config import Config
    from reviewer.engine.foreign import Foreign, Scene
    from reviewer.finding import Finding
    from reviewer.imported.result import Result, Results

_OPEN = frozenset({Status.INTRODUCED, Status.EXISTING})


class Folded(Record):
    """All findings, ours with who confirms them; what became of each tool's results; what to tell."""

    findings: tuple[Finding, ...]
    imported: tuple[Imported, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(slots=True)
class _Tally:
    """Counts what becomes of the results of each tool.

    ``missing`` are the files that are not here, ``placeless`` the rules of results that name no file.
    """

    results: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    merged: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    missing: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    placeless: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def imported(self, tools: Iterable[str]) -> tuple[Imported, ...]:
        """Return the counts of each tool, by name."""
        return tuple(
            Imported(each, self.results[each], self.shown[each], self.merged[each], self.ignored[each])
            for each in sorted({*tools, *self.results})
        )


def fold(files: Sequence[Results], findings: Sequence[Finding], scene: Scene) -> Folded:
    """Return the findings of both: one for each problem, however many tools report it."""
    if not files:
        return Folded(tuple(findings))
    tally = _Tally()
    found = list(_on_the_change(files, scene, tally))
    own, left = _confirmed(findings, found, scene, tally)
    foreign = [finding_of(group, number, scene) for group, number in _numbered(_grouped(left, tally))]
    tally.shown.update(each.result.tool for each in found)
    tools = [tool for each in files for tool in each.tools]
    return Folded((*own, *foreign), tally.imported(tools), tuple(_notices(files, tally)))


def _on_the_change(files: Iterable[Results], scene: Scene, tally: _Tally) -> Iterator[Foreign]:
    """Yield the results that the configuration wants, on what the change touches, each once."""
    seen: set[tuple[object, ...]] = set()
    for file in files:
        tool = next(iter(file.tools), "")
        tally.results[tool] += file.suppressed
        tally.ignored[tool] += file.suppressed
        for each in file.results:
            result, path = _placed(each, scene)
            key = (result.tool, canonical(result.id), path or result.paths, result.line, result.end_line)
            if key in seen:
                continue
            seen.add(key)
            tally.results[result.tool] += 1
            if not result.paths:
                tally.placeless[result.tool].append(result.id)
            elif path is None:
                tally.missing[result.tool].append(result.paths[0])
            elif not is_wanted(scene.config, result, path):
                tally.ignored[result.tool] += 1
            elif (foreign := scene.touched(result, path)) is not None:
                yield foreign


def _placed(result: Result, scene: Scene) -> tuple[Result, str | None]:
    """Return a result with its file; one in a module from elsewhere, at the call that leads there."""
    path = scene.path_of(result.paths)
    for call in result.callers if path is None else ():
        path = scene.path_of(call.paths)
        if path is not None:
            return replace(result, paths=call.paths, line=call.line, end_line=call.end_line), path
    return result, path


def is_wanted(config: Config, result: Result, path: str) -> bool:
    """Tell whether the configuration lets a result in, by any of the names that its rule has."""
    if config.excludes(path):
        return False
    names = spellings(result.id)
    if any(config.ignores(each, each, path) for each in names):
        return False
    return not config.select or any(config.is_enabled(each, each, True, path) for each in names)  # noqa: FBT003 - is_enabled's own


def _confirmed(
    findings: Iterable[Finding], found: Iterable[Foreign], scene: Scene, tally: _Tally
) -> tuple[list[Finding], list[Foreign]]:
    """Return our findings with the tools that say the same of the same block, and the results left over."""
    own = list(findings)
    by_check: defaultdict[str, list[int]] = defaultdict(list)
    for index, finding in enumerate(own):
        if finding.status in _OPEN:
            by_check[finding.id].append(index)
    left: list[Foreign] = []
    for each in found:
        candidates = [index for check in checks_like(each.result.id) for index in by_check[check.id]]
        same = [index for index in candidates if scene.is_same_place(own[index], each)]
        if each.result.secret and not same:
            secrets = (index for check in checks_on_secrets() for index in by_check[check.id])
            same = [index for index in secrets if each.covers(own[index])]
        for index in same:
            own[index] = _with(own[index], each.result)
        if same:
            tally.merged[each.result.tool] += 1
        else:
            left.append(each)
    return own, left


def _with(finding: Finding, result: Result) -> Finding:
    confirmation = Confirmation(result.tool, result.id)
    if confirmation in finding.confirmed_by or (finding.source, finding.id) == (result.tool, result.id):
        return finding
    return replace(finding, confirmed_by=(*finding.confirmed_by, confirmation))


def _grouped(found: Iterable[Foreign], tally: _Tally) -> list[list[Foreign]]:
    """Return the results that mean the same, one group for each problem, the most exact place first.

    Two results of one tool are two problems.
    """
    groups: defaultdict[tuple[object, ...], list[list[Foreign]]] = defaultdict(list)
    seen: Counter[tuple[object, ...]] = Counter()
    for each in found:
        meaning = tuple(check.id for check in checks_like(each.result.id)) or (canonical(each.result.id),)
        same = groups[each.where, meaning]
        # The second result of a tool belongs to the second group, and so on.
        number = seen[each.where, meaning, each.result.tool]
        seen[each.where, meaning, each.result.tool] += 1
        if number < len(same):
            same[number].append(each)
            tally.merged[each.result.tool] += 1
        else:
            same.append([each])
    return [sorted(group, key=lambda each: each.is_whole_block) for same in groups.values() for group in same]


def _numbered(groups: Iterable[list[Foreign]]) -> Iterator[tuple[list[Foreign], int]]:
    """Yield each group with its number among those of one rule in one block, in the order of lines."""
    seen: Counter[tuple[object, ...]] = Counter()
    for group in sorted(groups, key=lambda each: (each[0].path, each[0].at.line)):
        key = (group[0].where, group[0].result.tool, group[0].result.id)
        yield group, seen[key]
        seen[key] += 1


def _notices(files: Iterable[Results], tally: _Tally) -> Iterator[Notice]:
    for file in files:
        for problem in file.problems:
            yield Notice(f"{code(file.path)}: its results may be incomplete: {code(problem)}.")
    for tool, rules in sorted(tally.placeless.items()):
        count = f"{len(rules)} {'result' if len(rules) == 1 else 'results'} of {code(tool)}"
        verb = "names" if len(rules) == 1 else "name"
        yield Notice(f"{count} {verb} no file, so nothing is shown of it: {code(rules[0])}.")
    for tool, paths in sorted(tally.missing.items()):
        count = f"{len(paths)} {'result names a file' if len(paths) == 1 else 'results name files'}"
        yield Notice(f"{count} that this revision does not have, as {code(tool)} calls it: {code(paths[0])}.")
