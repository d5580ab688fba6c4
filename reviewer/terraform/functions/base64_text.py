"""Standard base64, as Go's ``encoding/base64`` reads and writes it."""

from __future__ import annotations

import base64
import re

from reviewer.terraform.value import EvaluationError

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")


def decode_base64(text: str) -> bytes:
    """Decode standard base64 with padding; line breaks are ignored, as Go does."""
    plain = text.replace("\r", "").replace("\n", "")
    if not _BASE64.match(plain):
        raise EvaluationError("failed to decode base64 data")
    return base64.b64decode(plain)


def encode_base64(content: bytes) -> str:
    """Encode as standard base64."""
    return base64.b64encode(content).decode()
