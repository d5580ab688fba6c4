"""How bad other tools say it is, in the four words of this one."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Mapping[str, Severity] = MappingProxyType(
    {
        "critical": Severity.CRITICAL,
        "high": Severity.HIGH,
        "error": Severity.HIGH,
        "medium": Severity.MEDIUM,
        "warning": Severity.MEDIUM,
        "low": Severity.LOW,
        "note": Severity.LOW,
        "notice": Severity.LOW,
        "info": Severity.LOW,
        "unknown": Severity.LOW,
        "none": Severity.LOW,
    }
)
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))
"""What GitHub makes of ``security-severity`` (documentation, "SARIF support for code scanning")."""


def of_word(word: str | None) -> Severity | None:
    """Return the severity that a word stands for; None when it is no such word."""
    return _WORDS.get((word or "").casefold())


def of_score(text: object) -> Severity | None:
    """Return the severity of a CVSS-like score such as ``"8.0"``; None when it is none."""
    try:
        score = float(str(text))
    except ValueError:
        return None
    return next((severity for least, severity in _BANDS if score >= least), None)
