"""The tool of the SARIF report: a rule for every check, and the tools whose results were folded in."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer import PROJECT_URL, __version__, escape
from reviewer.checks import CHECKS
from reviewer.finding import Finding, Pillar, Severity
from reviewer.record import Record
from reviewer.report import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.checks.check import Check

Object = dict[str, object]
"""A JSON object."""

OWN = "eks-review"
LEVELS: Mapping[Severity, str] = MappingProxyType(
    {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
)
_SECURITY_SEVERITY = MappingProxyType(
    {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
)
"""Within the bands of GitHub's documentation: above 9 critical, from 7 high, from 4 medium, below low."""
_PROBLEM_SEVERITY = MappingProxyType({"error": "error", "warning": "warning", "note": "recommendation"})
_DESCRIPTION_LIMIT = 1000
"""Characters; GitHub cuts descriptions of rules at 1,024."""
_NOTIFICATIONS = (
    ("not-analysed", "A file could not be read."),
    ("not-evaluated", "A check could not decide, because a value is not known from the code."),
    ("notice", "Something else that a reader must know."),
)


class Tool(Record):
    """The rules by component: our own first, then those of each other tool, by name."""

    rules: Mapping[str, Mapping[str, Object]]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Tool:
        """Return the whole catalogue, and what else the findings refer to.

        A report that another version made may name checks that this one does not have.
        """
        rules: dict[str, dict[str, Object]] = {OWN: {each.id: _rule(each) for each in CHECKS.values()}}
        for each in findings:
            rules.setdefault(each.source, {}).setdefault(each.id, _foreign_rule(each))
        others = {source: rules[source] for source in sorted(rules) if source != OWN}
        return cls({OWN: rules[OWN], **others})

    def document(self) -> Object:
        """Return the object ``tool``."""
        driver: Object = {
            "name": "EKS Review",
            "version": __version__,
            "semanticVersion": __version__,
            "informationUri": PROJECT_URL,
            "shortDescription": {"text": "Reviews Terraform pull requests for EKS platforms."},
            "rules": list(self.rules[OWN].values()),
            "notifications": [_described({"id": name}, text) for name, text in _NOTIFICATIONS],
        }
        extensions = [
            {"name": escape.visible(source) or "unknown", "rules": list(rules.values())}
            for source, rules in self.rules.items()
            if source != OWN
        ]
        return {"driver": driver, **({"extensions": extensions} if extensions else {})}

    def reference(self, finding: Finding) -> Object:
        """Return the members of a result that name its rule."""
        index = list(self.rules[finding.source]).index(finding.id)
        if finding.source == OWN:
            return {"ruleId": finding.id, "ruleIndex": index}
        component = {"index": list(self.rules).index(finding.source) - 1}
        return {
            "ruleId": finding.id,
            "rule": {"id": finding.id, "index": index, "toolComponent": component},
        }


def _rule(check: Check) -> Object:
    text = check.documentation
    level = LEVELS[check.severity]
    return {
        "id": check.id,
        "name": check.name,
        "shortDescription": {"text": escape.text(check.title)},
        "fullDescription": {"text": escape.clip(escape.text(text.why), _DESCRIPTION_LIMIT)},
        "help": {
            "text": f"{escape.text(text.why)}\n\n{escape.text(text.fix)}",
            "markdown": catalogue.page(check),
        },
        "helpUri": check.docs,
        "defaultConfiguration": {"enabled": check.default_on, "level": level},
        "properties": {
            "tags": _tags(check.pillar, check.issue),
            "precision": "high",
            "problem.severity": _PROBLEM_SEVERITY[level],
            "security-severity": _SECURITY_SEVERITY[check.severity],
            "peers": list(check.peers),
        },
    }


def _foreign_rule(finding: Finding) -> Object:
    """Return a rule from all that is known of it: a finding."""
    level = LEVELS[finding.severity]
    title = escape.clip(escape.text(finding.title), _DESCRIPTION_LIMIT) or finding.id
    rule: Object = {
        **_described({"id": finding.id, "name": finding.name}, title),
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": _tags(finding.pillar, finding.issue),
            "problem.severity": _PROBLEM_SEVERITY[level],
            "security-severity": _SECURITY_SEVERITY[finding.severity],
        },
    }
    address = escape.url(finding.docs)
    return {**rule, **({"helpUri": address} if address else {})}


def _described(descriptor: Object, text: str) -> Object:
    """Code scanning wants all three texts; here is but one."""
    names = ("shortDescription", "fullDescription", "help")
    return {**descriptor, **{name: {"text": text} for name in names}}


def _tags(pillar: Pillar, issue: str) -> list[str]:
    return ["eks", f"issue-{issue}", str(pillar), "terraform"]
