"""The order in which findings are shown: by severity, then by the document's list of priorities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.finding import Finding

_PRIORITIES = (
    ("EKS-SEC-1",),
    ("EKS-SEC-2",),
    ("EKS-SEC-3",),
    ("EKS-REL-101", "EKS-REL-102", "EKS-REL-103"),
    ("EKS-OBS-2",),
    ("EKS-OPS-2",),
    ("EKS-GOV-1",),
    ("EKS-OPS-101", "EKS-OPS-102"),
    ("EKS-COST-103", "EKS-COST-104"),
    ("EKS-GOV-2",),
    ("EKS-TEST-1",),
    ("EKS-DOC-101", "EKS-DOC-102", "EKS-DOC-103"),
    ("EKS-COST-2",),
    ("EKS-TEST-2",),
    ("EKS-DOC-104",),
)
"""The "Recommendations Summary" of the quality document, as prefixes of ids."""


def priority(check_id: str) -> int:
    """Return the rank of a check in the document's list of priorities; what it does not name is last."""
    ranks = (index for index, prefixes in enumerate(_PRIORITIES) if check_id.startswith(prefixes))
    return next(ranks, len(_PRIORITIES))


def sort_key(finding: Finding) -> tuple[int, int, str, int, str]:
    """Return the key that puts the worst finding first."""
    return finding.severity.rank, priority(finding.id), finding.path, finding.line, finding.id
