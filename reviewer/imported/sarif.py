"""SARIF 2.1.0, as tflint, tfsec, Trivy, Checkov and others write it.

Source of facts: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from reviewer.imported import severities
from reviewer.imported.paths import below, candidates, of_uri
from reviewer.imported.result import (
    InvalidResultsError,
    Result,
    Results,
    lines,
    tidy_id,
    tidy_text,
    tidy_url,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.finding import Severity

_TFLINT = "tflint"
_NAMES = {"defsec": "tfsec", f"{_TFLINT}-errors": _TFLINT}
_OWN = "eks-review"
_NAME_LIMIT = 64
_SECRET_TAGS = frozenset({"secret", "secrets"})


class _Text(Struct):
    text: str = ""


class _Region(Struct, rename="camel"):
    start_line: int | None = None
    end_line: int | None = None


class _Artifact(Struct, rename="camel"):
    uri: str = ""
    uri_base_id: str | None = None


class _Physical(Struct, rename="camel"):
    artifact_location: _Artifact = field(default_factory=_Artifact)
    region: _Region = field(default_factory=_Region)


class _Location(Struct, rename="camel"):
    physical_location: _Physical | None = None


class _Configuration(Struct):
    level: str | None = None


class _Rule(Struct, rename="camel"):
    id: str = ""
    name: str | None = None
    short_description: _Text = field(default_factory=_Text)
    full_description: _Text = field(default_factory=_Text)
    help_uri: str | None = None
    default_configuration: _Configuration = field(default_factory=_Configuration)
    properties: dict[str, Any] = {}


class _Driver(Struct):
    name: str
    rules: list[_Rule] = []


class _Tool(Struct):
    driver: _Driver


class _Reference(Struct):
    id: str | None = None
    index: int | None = None


class _Result(Struct, rename="camel"):
    rule_id: str | None = None
    rule_index: int | None = None
    rule: _Reference | None = None
    kind: str = "fail"
    level: str | None = None
    message: _Text = field(default_factory=_Text)
    locations: list[_Location] = []
    baseline_state: str | None = None
    suppressions: list[dict[str, Any]] | None = None


class _Invocation(Struct, rename="camel"):
    execution_successful: bool = True


class _Run(Struct, rename="camel"):
    tool: _Tool
    results: list[_Result] | None = None
    invocations: list[_Invocation] = []
    original_uri_base_ids: dict[str, _Artifact] = {}


class Document(Struct):
    """A log file. What is not named here is not looked at."""

    version: str
    runs: list[_Run]


def read(document: Document, path: str, folder: str) -> Results:
    """Return the results of all runs; ``folder`` holds the file, seen from the root of the repository."""
    if not document.version.startswith("2.1."):
        message = f"{path}: this is SARIF {document.version[:20]}; results of version 2.1.0 can be read"
        raise InvalidResultsError(message)
    found: list[Result] = []
    suppressed = 0
    problems: list[str] = []
    for run in document.runs:
        tool = _tool(run, path)
        if any(not each.execution_successful for each in run.invocations):
            problems.append(f"{tool} says that it did not run to its end")
        if _is_of_errors(run):
            problems += told(tool, [_error(each) for each in run.results or []])
            continue
        for each in run.results or []:
            if each.suppressions and not any(s.get("status") == "rejected" for s in each.suppressions):
                suppressed += 1
            elif each.kind in {"fail", "open", "review"} and each.baseline_state != "absent":
                found.append(_read(each, run, tool, folder))
    tools = tuple(dict.fromkeys(_tool(run, path) for run in document.runs))
    return Results(path, tuple(found), tools, suppressed, tuple(problems))


def _tool(run: _Run, path: str) -> str:
    name = run.tool.driver.name
    slug = re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-.")[:_NAME_LIMIT] or "unknown"
    if slug == _OWN:
        message = f"{path}: these are results of EKS Review itself; import those of other tools"
        raise InvalidResultsError(message)
    return _NAMES.get(slug, slug)


def _is_of_errors(run: _Run) -> bool:
    """Tell whether a run is tflint's second one, whose results are what kept it from looking."""
    return run.tool.driver.name == f"{_TFLINT}-errors"


def _error(result: _Result) -> str:
    """Return an error with its place, if it has one."""
    physical = next((each.physical_location for each in result.locations if each.physical_location), None)
    if physical is None:
        return result.message.text
    place = f"{of_uri(physical.artifact_location.uri)}:{physical.region.start_line or 1}"
    return f"{place}: {result.rule_id}: {result.message.text}"


def _read(result: _Result, run: _Run, tool: str, folder: str) -> Result:
    """Return a result at its first place; one that names no file is nowhere in the change."""
    rule = _rule(result, run.tool.driver.rules)
    places = (each.physical_location for each in result.locations if each.physical_location is not None)
    physical = next(places, _Physical())
    first, last = lines(physical.region.start_line, physical.region.end_line)
    rule_id = tidy_id(result.rule_id or (result.rule and result.rule.id) or rule.id)
    title = tidy_text(rule.short_description.text or rule.full_description.text)
    message = tidy_text(result.message.text)
    return Result(
        tool=tool,
        id=rule_id,
        title=title or _first_line(message) or rule_id,
        message=_without_preamble(message),
        severity=_severity(result, rule, tool),
        paths=candidates(*_names(physical.artifact_location, run), folder=folder),
        line=first,
        end_line=last,
        docs=tidy_url(rule.help_uri),
        is_new={"new": True, "updated": True, "unchanged": False}.get(result.baseline_state or ""),
        secret=_is_secret(rule_id, rule),
    )


def _rule(result: _Result, rules: list[_Rule]) -> _Rule:
    index = result.rule_index
    if index is None and result.rule is not None:
        index = result.rule.index
    if index is not None and 0 <= index < len(rules):
        return rules[index]
    return next((each for each in rules if each.id and each.id == result.rule_id), _Rule())


def _names(artifact: _Artifact, run: _Run) -> Iterator[str]:
    """Yield what the file may be called: as it is, and below the folder that the run was made in."""
    name = of_uri(artifact.uri)
    base = run.original_uri_base_ids.get(artifact.uri_base_id or "")
    folder = of_uri(base.uri).rstrip("/") if base is not None else ""
    if name and folder and not name.startswith("/"):
        yield from below(folder, name)
    elif name and base is not None and base.uri and not name.startswith("/"):
        yield f"/{name}"
    # A file of a module from elsewhere, as Trivy names it, has an address on the web.
    if name or artifact.uri:
        yield name or artifact.uri


def _severity(result: _Result, rule: _Rule, tool: str) -> Severity | None:
    """Return how bad the tool says it is. Checkov calls everything an error, unless it has a licence."""
    scored = severities.of_score(rule.properties.get("security-severity"))
    if scored is not None or tool == "checkov":
        return scored
    return severities.of_word(result.level or rule.default_configuration.level or "warning")


def _is_secret(rule_id: str, rule: _Rule) -> bool:
    tags = rule.properties.get("tags")
    words = {str(each).casefold() for each in tags} if isinstance(tags, list) else set[str]()
    return "SECRET" in rule_id.upper() or not words.isdisjoint(_SECRET_TAGS) or rule.name == "Secret"


def _without_preamble(message: str) -> str:
    """Return the sentence of a message; Trivy writes a form around it, whose fields are shown elsewhere."""
    match = re.search(r"^Message: (.+?)(?=\nLink: |\Z)", message, re.MULTILINE | re.DOTALL)
    return match[1] if match and message.startswith("Artifact: ") else message


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
