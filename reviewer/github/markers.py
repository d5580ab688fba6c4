"""Hidden HTML comments by which the action knows its own texts again.

The markers of a summary and of a finding are part of the text that :mod:`reviewer.report` writes; those here
are added when it is posted. A marker counts only in a comment of the action's own author: anyone can write
one.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.finding import Finding

_FINDING = re.compile(r"<!-- eks-review:finding (\S{1,200}) -->")
_ABOUT = re.compile(r"\n<!-- eks-review:about (\S+) (\S+) -->(?:\n<!-- eks-review:digest \w+ -->)?\s*\Z")
_DIGEST = re.compile(r"\n<!-- eks-review:digest ([0-9a-f]{16}) -->\s*\Z")
_GONE = re.compile(r"<!-- eks-review:gone (\w+) -->\n.*\n\n")
"""Looked for only where they are written, at an end: a suggestion quotes code word for word."""


class Gone(StrEnum):
    """Why a comment no longer stands."""

    FIXED = "fixed"
    ACCEPTED = "accepted"
    UNDECIDED = "undecided"


class About(Record):
    """The check and the address that a comment is about."""

    id: str
    address: str


def fingerprint(body: str) -> str | None:
    """Return the fingerprint of the finding that ``body`` stands for."""
    match = _FINDING.search(body)
    return match[1] if match else None


def about(body: str) -> About | None:
    """Return what ``body`` is about, as :func:`sealed` wrote it."""
    match = _ABOUT.search(_unix(body))
    return About(unquote(match[1]), unquote(match[2])) if match else None


def sealed(body: str, finding: Finding | None = None, *, stands_for: str | None = None) -> str:
    """Return ``body`` with a digest, and with what it is about, in markers at its end.

    The digest, not the text, tells whether a comment must be edited: GitHub may hand a text back changed in
    blanks or line ends, and a person may have corrected it. A shortened text ``stands_for`` the whole one,
    whose digest it carries.
    """
    text = body.rstrip()
    if finding is not None:
        text += f"\n<!-- eks-review:about {_quoted(finding.id)} {_quoted(finding.address)} -->"
    whole = text if stands_for is None else stands_for.rstrip()
    return f"{text}\n<!-- eks-review:digest {_hash([whole])} -->"


def digest(body: str) -> str | None:
    """Return the digest that ``body`` carries."""
    match = _DIGEST.search(_unix(body))
    return match[1] if match else None


def gone(body: str) -> Gone | None:
    """Return why ``body`` says that it no longer stands; ``None`` when it stands."""
    match = _GONE.match(_unix(body))
    return Gone(match[1]) if match and match[1] in set(Gone) else None


def marked_gone(body: str, why: Gone, sentence: str) -> str:
    """Return ``body`` opened by a sentence on why it no longer stands, in place of an earlier one."""
    standing = _DIGEST.sub("", _GONE.sub("", _unix(body), count=1))
    return f"<!-- eks-review:gone {why} -->\n{sentence}\n\n{standing}"


def review(head: str, fingerprints: Iterable[str]) -> str:
    """Return the marker of the one review that posts these findings at this head."""
    return f"<!-- eks-review:review {_hash([head, *sorted(fingerprints)])} -->"


def _unix(body: str) -> str:
    """GitHub keeps a text as it came, but who edits one in a browser gets other line ends."""
    return body.replace("\r\n", "\n")


def _quoted(text: str) -> str:
    """Percent-encode all that could end the marker or be read as a mention."""
    return quote(text, safe="").replace("-", "%2D") or "%20"


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
