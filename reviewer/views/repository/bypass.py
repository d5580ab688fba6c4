"""Lines that switch a gate off: ignored findings in Terraform code, and tools whose result does not count."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.instance import Instance
from reviewer.terraform.syntax import Block
from reviewer.terraform.text import Range
from reviewer.views.component.component import files_named
from reviewer.views.repository.workflow import Workflow
from reviewer.views.repository_files import read_text
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context
    from reviewer.views.repository.workflow import Step

_IGNORES = (
    ("Checkov", re.compile(r"checkov:skip=(?P<ids>\w+)(?P<rest>.*)")),
    ("tfsec", re.compile(r"tfsec:ignore:(?P<ids>[\w,:*-]+)(?P<rest>.*)")),
    ("Trivy", re.compile(r"trivy:ignore:(?P<ids>[\w,:*-]+)(?P<rest>.*)")),
    (
        "KICS",
        re.compile(r"kics-scan (?:ignore-block|ignore-line|ignore|disable)(?P<ids>=[\w,-]*)?(?P<rest>.*)"),
    ),
    ("tflint", re.compile(r"tflint-ignore(?:-file)?:\s*(?P<ids>[\w-]+(?:\s*,\s*[\w-]+)*)(?P<rest>.*)")),
    ("Terrascan", re.compile(r"ts:skip=(?P<ids>[\w.,]+)(?P<rest>.*)")),
)
_TOOLS = (
    ("Checkov", re.compile(r"\bcheckov\b|checkov-action|terraform_checkov", re.IGNORECASE)),
    ("Trivy", re.compile(r"\btrivy\b|trivy-action|terraform_trivy", re.IGNORECASE)),
    ("tfsec", re.compile(r"\btfsec\b|terraform_tfsec", re.IGNORECASE)),
    ("KICS", re.compile(r"\bkics\b", re.IGNORECASE)),
    ("Terrascan", re.compile(r"\bterrascan\b", re.IGNORECASE)),
    ("Snyk", re.compile(r"\bsnyk\b", re.IGNORECASE)),
    ("tflint", re.compile(r"\btflint\b|terraform_tflint", re.IGNORECASE)),
    ("conftest", re.compile(r"\bconftest\s+test\b")),
    ("terraform validate", re.compile(r"\b(?:terraform|tofu)\b[^\n]{0,200}\bvalidate\b|terraform_validate")),
    ("terraform fmt", re.compile(r"\b(?:terraform|tofu)\b[^\n]{0,200}\bfmt\b[^\n]{0,200}-check")),
)
_OFF = re.compile(
    r"""soft[_-]fail["']?\s*:\s*["']?true|--soft-fail\b|exit-code["']?\s*:\s*["']?0\b|--exit-code[= ]0\b"""
    r"""|continue-on-error\s*:\s*["']?true|\|\|\s*(?:true\b|:(?=\s|$)|exit\s+0\b)"""
)
_REPORT_ONLY = re.compile(r"\bsarif\b", re.IGNORECASE)
"""A run that only fills the code scanning page, which has a gate of its own."""

_SELF_EXPLAINING = frozenset({"terraform_unused_declarations"})
"""Rules whose name is the reason: what is ignored is there although nothing uses it."""

_WORD = re.compile(r"[^\W\d_]{3,}")

_HOOK = re.compile(r"^\s*-\s*(?:id|repo):", re.MULTILINE)


class Bypass(View):
    """What is switched off in one file, ``tool`` or one rule of it, with all the lines that do so.

    ``has_reason`` tells whether somebody wrote why. A rule ignored ten times in a file is one decision.
    """

    tool: str
    places: tuple[Range, ...]
    has_reason: bool

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield what is switched off, that with and that without a reason apart."""
        groups: dict[tuple[str, bool], list[_Found]] = {}
        for each in _all(context):
            groups.setdefault((f"{each.at.path}: {each.subject}", each.has_reason), []).append(each)
        for (address, has_reason), found in groups.items():
            first, places = found[0], tuple(each.at for each in found)
            block = Block("bypass", (first.tool,), first.at, first.at, {}, ())
            body = first.module.body(block)
            name = f"{address} (with a reason)" if has_reason else address
            instance = Instance(first.module, name, "bypass", "bypass", first.tool, block, body)
            yield cls(instance, name, first.tool, places, has_reason)

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether one of the lines is new or changed."""
        return any(map(changed.meet_text, self.places))


class _Found(Record, eq=False):
    """One line: ``subject`` is the tool with the rule or the job that it is about."""

    module: ModuleInstance
    subject: str
    tool: str
    at: Range
    has_reason: bool


def _all(context: Context) -> Iterator[_Found]:
    folders: set[str] = set()
    for module in context.root.walk():
        if module.folder not in folders:
            folders.add(module.folder)
            for tool, ids, at, reason in _in_comments(module):
                yield _Found(module, f"{tool} {ids}", tool, at, reason)
    for subject, tool, at in _in_automation(context):
        yield _Found(context.root, subject, tool, at, _is_explained(at))


def _in_automation(context: Context) -> Iterator[tuple[str, str, Range]]:
    """Yield what switches tools off in workflows, hooks and the configuration of Checkov."""
    for workflow in Workflow.find(context):
        for job in workflow.jobs():
            for step in job.steps():
                yield from ((f"{job.name} {tool}", tool, at) for tool, at in _in_step(step))
    for path in files_named(context, ".pre-commit-config.yaml", ".pre-commit-config.yml"):
        yield from ((tool, tool, at) for tool, at in _in_hooks(context.root, path))
    for path in files_named(context, ".checkov.yaml", ".checkov.yml"):
        source = read_text(context.root, path)
        if source is not None:
            yield from (("Checkov", "Checkov", at) for at in _switches(Range(source, 0, len(source.text))))


def _switches(part: Range) -> Iterator[Range]:
    """Yield what says in a part of a file that a result does not count; comments are left out."""
    for match in _OFF.finditer(part.text):
        at = Range(part.source, part.start + match.start(), part.start + match.end())
        if not _is_comment(part.source.line(at.line)):
            yield at


def _in_comments(module: ModuleInstance) -> Iterator[tuple[str, str, Range, bool]]:
    for file in module.declarations.files:
        for comment in file.comments:
            for tool, pattern in _IGNORES:
                match = pattern.search(comment.text)
                if match is not None and match["ids"] not in _SELF_EXPLAINING:
                    reason = _is_reason(match["rest"]) or _is_explained(comment)
                    yield tool, (match["ids"] or "").strip("= "), comment, reason


def _in_step(step: Step) -> Iterator[tuple[str, Range]]:
    whole = step.value.supplier
    if whole is None or not _OFF.search(whole.text) or _REPORT_ONLY.search(whole.text):
        return
    tool = _tool_in(whole.text)
    for at in _switches(whole) if tool else ():
        here = _tool_in(whole.source.line(at.line))
        if "||" not in at.text or here is not None:
            yield here or tool or "", at


def _in_hooks(root: ModuleInstance, path: str) -> Iterator[tuple[str, Range]]:
    source = read_text(root, path)
    if source is None:
        return
    starts = [match.start() for match in _HOOK.finditer(source.text)]
    for start, end in pairwise((*starts, len(source.text))):
        hook = Range(source, start, end)
        tool = _tool_in(hook.text) if _OFF.search(hook.text) else None
        if tool is not None:
            yield from ((tool, at) for at in _switches(hook))


def _tool_in(text: str) -> str | None:
    code = "\n".join(line for line in text.split("\n") if not _is_comment(line))
    return next((tool for tool, pattern in _TOOLS if pattern.search(code)), None)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//"))


def _is_reason(text: str) -> bool:
    """Tell whether a text says why: a word in the place that a tool has for it, or two anywhere."""
    return len(_WORD.findall(text)) >= (1 if text.lstrip().startswith(":") else 2)


def _is_explained(at: Range) -> bool:
    """Tell whether a comment behind the line, or on the one above, says something in words."""
    source = at.source
    behind = source.line(at.end_line).partition(" #")[2] if not _is_comment(source.line(at.line)) else ""
    above = source.line(at.line - 1) if at.line > 1 else ""
    if _is_comment(above) and not any(pattern.search(above) for _, pattern in _IGNORES):
        return _is_reason(above)
    return _is_reason(behind) and not any(pattern.search(behind) for _, pattern in _IGNORES)
