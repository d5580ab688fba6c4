"""The quality document that the checks come from: its ten sections and their issues."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "1": "Configuration discrepancies",
        "2": "Security vulnerabilities",
        "3": "High availability and resilience",
        "4": "Monitoring and observability",
        "5": "Cost optimization",
        "6": "Operational excellence",
        "7": "Compliance and governance",
        "8": "Testing and validation",
        "9": "Documentation",
        "10": "Migration and upgrades",
    }
)
"""The sections, by number, in their order."""

ISSUES: Mapping[str, str] = MappingProxyType(
    {
        "1.1": "Region mismatch",
        "1.2": "Kubernetes version inconsistency",
        "2.1": "Overly permissive security groups",
        "2.2": "IAM role permissions too broad",
        "2.3": "Secrets management",
        "3.1": "Single point of failure",
        "3.2": "Missing auto-scaling configuration",
        "4.1": "Insufficient logging",
        "4.2": "Missing metrics and alerting",
        "5.1": "Over-provisioned resources",
        "5.2": "Missing cost allocation tags",
        "6.1": "Manual deployment process",
        "6.2": "Missing backup and disaster recovery",
        "7.1": "Missing compliance controls",
        "7.2": "No network policies",
        "8.1": "Insufficient test coverage",
        "8.2": "No validation of best practices",
        "9.1": "Incomplete documentation",
        "10.1": "No upgrade strategy",
    }
)
"""The issues, by section and number, in their order."""
