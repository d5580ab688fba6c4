"""GitHub workflows: events, jobs and steps, as far as the files say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.text import Range
from reviewer.terraform.value import NULL, Value
from reviewer.views.declaration import whole_file
from reviewer.views.repository_files import YAML_SUFFIXES, yaml_file
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

FOLDER = ".github/workflows"

_TERRAFORM = re.compile(r"(?<![\w./-])(?:terraform|tofu|terragrunt)\s+(?P<arguments>[^\n|;&]*)")
_CHDIR = re.compile(r"-chdir[= ]\"?([\w./-]+)\"?")
_CD = re.compile(r"(?:^|[\n;&]\s*)cd\s+\"?([\w./-]+)\"?", re.MULTILINE)


def member(value: Value, *path: str) -> Value:
    """Return the value behind a path of keys, null where there is none."""
    for name in path:
        data = value.data
        value = data[name] if isinstance(data, Mapping) and name in data else NULL
    return value


def text(value: Value) -> str:
    """Return a string, empty for anything else."""
    return value.data if isinstance(value.data, str) else ""


class Command(Record, eq=False):
    """One call of Terraform in a step: ``name`` is ``plan``; ``folder`` is None when it is not known."""

    name: str
    arguments: str
    folder: str | None
    at: Range


class Step(Record, eq=False):
    """One step of a job."""

    value: Value
    job: Job

    @property
    def run(self) -> str:
        """Return the script, empty for an action."""
        return text(member(self.value, "run"))

    @property
    def uses(self) -> str:
        """Return the action with its version, empty for a script."""
        return text(member(self.value, "uses"))

    @property
    def at(self) -> Range | None:
        """Return the lines of the script or the action."""
        return (
            member(self.value, "run").supplier or member(self.value, "uses").supplier
        ) or self.value.supplier

    def commands(self) -> Iterator[Command]:
        """Yield the calls of Terraform in the step's script."""
        place = member(self.value, "run").supplier
        if place is None:
            return
        for match in _TERRAFORM.finditer(_joined(self.run)):
            words = [each for each in match["arguments"].split() if not each.startswith("-chdir")]
            name = next((each for each in words if not each.startswith("-")), "")
            yield Command(name, match["arguments"], self._folder(match["arguments"]), _line(place, match[0]))

    def _folder(self, arguments: str) -> str | None:
        base = self.job.setting(self.value, "working-directory") or "."
        for pattern, script in ((_CHDIR, arguments), (_CD, self.run)):
            found = pattern.search(script)
            if found:
                base = posixpath.join(base, found[1])
        if "$" in base:
            return None
        folder = posixpath.normpath(base)
        return "" if folder == "." else folder


class Job(Record, eq=False):
    """One job of a workflow."""

    name: str
    value: Value
    workflow: Workflow

    def steps(self) -> tuple[Step, ...]:
        """Return the steps; a job that calls a reusable workflow has none."""
        data = member(self.value, "steps").data
        return tuple(Step(each, self) for each in data) if isinstance(data, tuple) else ()

    def commands(self) -> Iterator[Command]:
        """Yield the calls of Terraform in all steps."""
        for step in self.steps():
            yield from step.commands()

    def setting(self, step: Value, name: str) -> str:
        """Return a setting of a step, or the default of the job or the workflow."""
        places = (
            step,
            member(self.value, "defaults", "run"),
            member(self.workflow.document, "defaults", "run"),
        )
        return next((text(member(each, name)) for each in places if text(member(each, name))), "")

    def environment(self) -> Iterator[Value]:
        """Yield the maps of environment variables that hold in the job, the most specific first."""
        yield from (member(step.value, "env") for step in self.steps())
        yield from self.shared_environment()

    def shared_environment(self) -> Iterator[Value]:
        """Yield the maps of environment variables that hold in all steps."""
        yield member(self.value, "env")
        yield member(self.workflow.document, "env")


class Workflow(View):
    """One workflow file."""

    document: Value

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every workflow of the repository that can be read."""
        for path in context.tree.files_in(FOLDER):
            file = yaml_file(context.root, path) if path.endswith(YAML_SUFFIXES) else None
            if file is not None and file.documents:
                yield cls(whole_file(context.root, file.source), path, file.documents[0])

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the file changed."""
        return changed.meet(self.instance.block.range)

    def events(self) -> Mapping[str, Value]:
        """Return the events that start the workflow, with their filters."""
        on = member(self.document, "on")
        if isinstance(on.data, Mapping):
            return on.data
        names = on.data if isinstance(on.data, tuple) else (on,)
        return {text(each): NULL for each in names if text(each)}

    def jobs(self) -> tuple[Job, ...]:
        """Return the jobs in the order of their names."""
        data = member(self.document, "jobs").data
        return (
            tuple(Job(name, each, self) for name, each in data.items()) if isinstance(data, Mapping) else ()
        )


def is_literal(value: Value) -> bool:
    """Tell whether a value is text without an expression."""
    return isinstance(value.data, str) and "${{" not in value.data


def _joined(script: str) -> str:
    """Return a script with continued lines joined."""
    return re.sub(r"\\\s*\n\s*", " ", script)


def _line(place: Range, command: str) -> Range:
    """Return the line of a script that holds the start of a command."""
    start = command.split("\n", maxsplit=1)[0].split("  ", maxsplit=1)[0].strip()
    words = " ".join(start.split()[:2])
    found = place.text.find(words)
    if found < 0:
        return place
    end = place.text.find("\n", found)
    return Range(place.source, place.start + found, place.start + end if end >= 0 else place.end)
