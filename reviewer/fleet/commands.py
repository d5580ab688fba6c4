"""What ``audit --shard`` and ``merge`` do, between the options and the files."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from reviewer.errors import UsageError
from reviewer.fleet.audit import Auditor, audit_shard, exit_code, write
from reviewer.fleet.merge import merge, read, read_previous
from reviewer.fleet.report import Form, render
from reviewer.fleet.repositories import Shard, repositories
from reviewer.output import put

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reviewer.engine.in_time import Progress


def audit_to(place: Path, shard: Shard, auditor: Auditor, target: str, progress: Progress | None) -> int:
    """Audit a shard of the repositories at ``place``, write its file, and return the exit code."""
    document = audit_shard(repositories(place), shard, auditor, progress)
    put(write(document), target)
    return exit_code(document)


def merge_to(files: Sequence[Path], previous: Path | None, targets: Sequence[tuple[Form, str]]) -> int:
    """Merge the files of shards, write every report, and return the exit code."""
    earlier = None if previous is None else read_previous(str(previous), _content(previous))
    fleet = merge([read(str(each), _content(each)) for each in files], earlier)
    for form, place in targets:
        put(render(form, fleet, shutil.get_terminal_size((120, 24)).columns), place)
    return fleet.verdict.conclusion.exit_code


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
