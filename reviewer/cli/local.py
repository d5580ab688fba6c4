"""Reviews on this machine: what the ``review``, ``audit`` and ``demo`` commands share."""

from __future__ import annotations

import posixpath
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import field

from reviewer import baseline
from reviewer.change.change import Change, from_directories, from_git
from reviewer.change.directory import DirectoryTree
from reviewer.change.errors import GitNotInstalledError, NotARepositoryError
from reviewer.change.git import GitRepository
from reviewer.change.tree import MissingFileError, OverlayTree, Tree, UnreadableFileError
from reviewer.checks import CHECKS
from reviewer.config.config import DEFAULT_PATH, Config, merged
from reviewer.config.file import load as load_config
from reviewer.engine.foreseen import foreseen
from reviewer.engine.settings import Given
from reviewer.errors import UsageError
from reviewer.files import write_atomically
from reviewer.output import silent
from reviewer.own.catalogue import checks_of
from reviewer.own.installed import installed_checks
from reviewer.pipeline import audit, review
from reviewer.plan_files import read_plans
from reviewer.record import Record
from reviewer.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from reviewer.engine.in_time import Progress
    from reviewer.fix.rounds import Outcome
    from reviewer.imported.result import Results
    from reviewer.review import Review

_SHORT = 12


class Request(Record):
    """What a person asked for.

    ``overrides`` are configuration fields that options set, ``var_files`` variable files besides those of the
    configuration. ``imported`` are files with results of other tools, ``plans`` plan files, each with the
    folder of its root module and ``=`` before it or not. ``say`` hears what is done.
    """

    directory: Path
    config: Path | None
    overrides: Mapping[str, object]
    var_files: Sequence[str]
    today: date
    say: Callable[[str], None] = field(default=silent)
    imported: Sequence[Path] = ()
    plans: Sequence[str] = ()
    with_baseline: bool = True


def check_names() -> Mapping[str, str]:
    """Return the name of every check by its id, without the policies of a repository."""
    return {each.id: each.name for each in (*CHECKS.values(), *installed_checks().values())}


def review_local(
    request: Request, base: str | None, head: str | None, progress: Progress | None = None
) -> Review:
    """Review a change of the repository that holds the directory."""
    with GitRepository.open(request.directory) as repository:
        given = _given(request, repository.root)
        change = from_git(repository, base, head, foreseen=foreseen)
        return _reviewed(change, request, given, progress)


def fix_local(
    request: Request, base: str | None, *, allow_dirty: bool, progress: Progress | None = None
) -> tuple[Outcome, tuple[str, ...]]:
    """Apply the suggestions of a review to the working tree; return what came of it, and the diff.

    Raises ``UsageError`` when a file must not be written: then none is.
    """
    from reviewer.fix.rounds import fix
    from reviewer.fix.write import diff, refuse_dirty, write

    with GitRepository.open(request.directory) as repository:
        change = from_git(repository, base, None, foreseen=foreseen)
        config = _told(change, request)
        with checks_of(change.head, config) as checks:
            given = Given(with_baseline=request.with_baseline)
            outcome = fix(
                change,
                lambda each: review(
                    each, config, today=request.today, checks=checks, given=given, progress=progress
                ),
            )
        if repository.root is not None and outcome.files:
            if not allow_dirty:
                refuse_dirty(repository, change.head, outcome.files)
            lines = tuple(diff(change.head, outcome.files))
            write(repository.root, change.head, outcome.files)
            return outcome, lines
        return outcome, ()


def review_directories(base: Path, head: Path, request: Request) -> Review:
    """Review the difference of two directories."""
    return _reviewed(from_directories(base, head), request, _given(request, head), None)


def _reviewed(change: Change, request: Request, given: Given, progress: Progress | None) -> Review:
    config = _told(change, request)
    with checks_of(change.head, config) as checks:
        return review(change, config, today=request.today, checks=checks, given=given, progress=progress)


def _told(change: Change, request: Request) -> Config:
    """Return the configuration of a change; say what is compared, with what, and which files differ."""
    base = change.base.revision or "the base"
    head = change.head.revision or "the working tree"
    request.say(f"comparing {base[:_SHORT]} with {head}: {plural(len(change.files), 'changed file')}")
    config = _configured(change.head, request)
    for file in change.files:
        note = " (excluded by the configuration)" if config.excludes(file.path) else ""
        request.say(f"{file.status.value} {file.path}{note}")
    return config


def audit_local(request: Request, progress: Progress | None = None) -> Review:
    """Audit everything under the directory; in a repository, the files that git does not ignore."""
    with (
        _tree(request.directory) as (tree, root, path),
        _auditor(tree, root, path, request, progress) as (audited, _),
    ):
        return audited(tree)


def write_baseline(request: Request, progress: Progress | None = None) -> tuple[Review, str]:
    """Accept in the baseline what an audit finds; return the audit with that baseline, and what was written.

    Raises ``UsageError`` when the file cannot be written.
    """
    with _tree(request.directory) as (tree, root, path):
        with _auditor(tree, root, path, request, progress) as (audited, config):
            name = config.baseline
            old = baseline.read(tree, name)
            content = baseline.renewed(audited(tree), old).encode()
            _write(root / name, content, name)
            review = audited(OverlayTree(tree, {name: content}))
        return review, baseline.told(old, baseline.parse(content, name))


@contextmanager
def _auditor(
    tree: Tree, root: Path, path: str, request: Request, progress: Progress | None
) -> Iterator[tuple[Callable[[Tree], Review], Config]]:
    """Open what audits a tree as the configuration in ``tree`` says, and return it with the configuration."""
    given, config = _given(request, root), _configured(tree, request)
    with checks_of(tree, config) as checks:
        audited = partial(
            audit,
            config=config,
            today=request.today,
            path=path,
            checks=checks,
            given=given,
            progress=progress,
        )
        yield audited, config


def _write(place: Path, content: bytes, name: str) -> None:
    try:
        write_atomically(place, content.decode())
    except OSError as error:
        raise UsageError(f"{name}: the baseline cannot be written: {error.strerror or error}") from None


def _given(request: Request, root: Path | None) -> Given:
    """Read what there is besides the code. Raises ``UsageError`` for a file that does not hold it."""
    imported = tuple(_imported(request, root)) if request.imported else ()
    return Given(imported, read_plans(request.plans, Path()), request.with_baseline)


def _imported(request: Request, root: Path | None) -> list[Results]:
    """Read the results of other tools. Raises ``UsageError`` for a file that holds none."""
    from reviewer.imported.load import load
    from reviewer.imported.result import InvalidResultsError

    try:
        return [load(each, str(each), _folder_in(root, each)) for each in request.imported]
    except InvalidResultsError as error:
        raise UsageError(str(error)) from None


def _folder_in(root: Path | None, file: Path) -> str:
    """Return the folder of a file as the repository names it; that of a file elsewhere is the root."""
    folder = file.resolve().parent
    if root is None or not folder.is_relative_to(root.resolve()):
        return ""
    inside = folder.relative_to(root.resolve()).as_posix()
    return "" if inside == "." else inside


@contextmanager
def _tree(directory: Path) -> Iterator[tuple[Tree, Path, str]]:
    """Open the tree a directory is in, and tell its root and where in it the directory is."""
    if not directory.is_dir():
        message = f"{str(directory)!r} is not a directory"
        raise UsageError(message)
    try:
        repository = GitRepository.open(directory)
    except (GitNotInstalledError, NotARepositoryError):
        yield DirectoryTree(directory), directory, ""
        return
    with repository:
        if repository.root is None:
            message = f"{str(directory)!r} is a bare repository: audit a checkout of it"
            raise UsageError(message)
        inside = directory.resolve().relative_to(repository.root.resolve()).as_posix()
        yield repository.working_tree(), repository.root, "" if inside == "." else inside


def _configured(tree: Tree, request: Request) -> Config:
    """Return the configuration of the named file or the tree's root, with the options on top."""
    path, content = _configuration(tree, request)
    if content is None:
        request.say(f"no {path}: every setting has its default")
        config = Config()
    else:
        request.say(f"configuration: {path}")
        config = load_config(_decoded(path, content), path, check_names())
    var_files = tuple(_var_file(tree, each) for each in request.var_files)
    return merged(config, var_files=var_files or None, **request.overrides)


def _configuration(tree: Tree, request: Request) -> tuple[str, bytes | None]:
    """Return the configuration's path and content; None when there is none at the usual place."""
    if request.config is not None:
        try:
            return str(request.config), request.config.read_bytes()
        except OSError as error:
            message = f"{request.config}: the configuration cannot be read: {error.strerror or error}"
            raise UsageError(message) from None
    try:
        return DEFAULT_PATH, tree.read(DEFAULT_PATH)
    except MissingFileError:
        return DEFAULT_PATH, None
    except UnreadableFileError as error:
        message = f"{DEFAULT_PATH}: the configuration cannot be read: {error.reason}"
        raise UsageError(message) from None


def _decoded(path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{path}:{line}: the configuration is not valid UTF-8"
        raise UsageError(message) from None


def _var_file(tree: Tree, given: str) -> str:
    """Return a variables file as a path in the tree; a misspelt one would leave its values unknown."""
    path = posixpath.normpath(given)
    try:
        tree.read(path)
    except MissingFileError:
        message = (
            f"--var-file {given!r}: there is no such file; name it relative to the root of the repository"
        )
        raise UsageError(message) from None
    except UnreadableFileError as error:
        message = f"--var-file {given!r} cannot be read: {error.reason}"
        raise UsageError(message) from None
    return path
