"""What automation runs on the repository: the files of CI systems, and the tools in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import field

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.repository_files import YAML_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.text import SourceText
    from reviewer.views.context import Context

MAX_FILES = 200
"""Files of automation that are read."""


_ELSEWHERE = re.compile(
    r"""^\s*(?:-\s*)?(?:uses:\s*["']?[\w-][\w.-]*/[\w.-]+/\.github/workflows/"""
    r"""|(?:project|remote|component):\s*\S|@Library\()""",
    re.MULTILINE,
)
"""A reusable workflow, an included pipeline, or a shared library."""


class Automation(Record, eq=False):
    """``files`` run on their own (workflows, hooks); ``helpers`` are called by them (make files, scripts)."""

    files: tuple[SourceText, ...]
    helpers: tuple[SourceText, ...]
    _answers: dict[str, bool] = field(default_factory=dict)

    def runs(self, tool: str) -> bool:
        """Tell whether a tool of ``data/tools.yaml`` is run, by its command, its action or its hook."""
        if tool not in self._answers:
            pattern = "|".join(table("tools")["tools"][tool])
            self._answers[tool] = self._runs(re.compile(pattern, re.IGNORECASE))
        return self._answers[tool]

    def _runs(self, pattern: re.Pattern[str]) -> bool:
        if any(pattern.search(_code(each)) for each in self.files):
            return True
        return self.calls_helpers and any(pattern.search(_code(each)) for each in self.helpers)

    def mentions(self, text: str) -> bool:
        """Tell whether a text stands in the files of automation or their helpers."""
        return any(text in each.text for each in (*self.files, *self.helpers))

    def elsewhere(self) -> str | None:
        """Return a job that is written in another repository, and may run anything."""
        for each in self.files:
            if _ELSEWHERE.search(_code(each)):
                return f"`{each.path}` runs a pipeline of another repository"
        return None

    @property
    def calls_helpers(self) -> bool:
        """Tell whether automation runs make, task or scripts of the repository."""
        pattern = re.compile(
            r"\b(?:make|task|just|mage|npm run|tox|nox)\s+[\w:.-]+|(?:\./|bash |sh )[\w./-]+"
        )
        return any(pattern.search(_code(each)) for each in self.files)


def automation(context: Context) -> Automation:
    """Return the automation of the repository, read once."""
    return context.configuration.derived(_automation, context.configuration)


def service_files(context: Context) -> tuple[str, ...]:
    """Return the files of services that plan Terraform by themselves, such as ``atlantis.yaml``."""
    return tuple(_matching(context.tree.paths(), table("tools")["services"]))


def declared_services(context: Context) -> bool:
    """Tell whether Terraform code or a manifest declares a service that plans, such as a Spacelift stack."""
    names, tree = tuple(table("tools")["declared"]), context.tree
    return bool(tree.containing(names, CONFIGURATION_SUFFIXES) or tree.containing(names, YAML_SUFFIXES))


def _automation(configuration: Configuration) -> Automation:
    paths = configuration.tree.paths()
    known = table("tools")
    files = _read(configuration, _matching(paths, known["automation"]))
    helpers = _read(configuration, _matching(paths, known["helpers"]))
    return Automation(files, helpers)


def _read(configuration: Configuration, paths: Iterable[str]) -> tuple[SourceText, ...]:
    texts = (configuration.sources.text(configuration.tree, path) for path in list(paths)[:MAX_FILES])
    return tuple(each for each in texts if each is not None)


def _matching(paths: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return the paths that match a pattern; one without a slash is compared with the file's name."""
    wanted = [each if "/" in each else f"**/{each}" for each in patterns]
    expression = re.compile("|".join(_regex(each) for each in wanted))
    return [path for path in paths if expression.match(path)]


def _regex(pattern: str) -> str:
    """Return a pattern as a regular expression; ``**/`` before a name stands for any folder."""
    anywhere = pattern.startswith("**/")
    star = "[^/]*" if anywhere else ".*"
    inside = star.join(map(re.escape, pattern.removeprefix("**/").split("*")))
    return rf"(?:{'(?:.*/)?' if anywhere else ''}{inside}\Z)"


def _code(source: SourceText) -> str:
    """Return a file without its comment lines."""
    return "\n".join(line for line in source.text.split("\n") if not line.lstrip().startswith(("#", "//")))
