"""Hash and crypto functions of strings."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewer.terraform.functions.base64_text import encode_base64
from reviewer.terraform.functions.function import Function
from reviewer.terraform.functions.pieces import made_string, text_of, texts
from reviewer.terraform.types import STRING
from reviewer.terraform.value import EvaluationError, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UUID = re.compile(
    r"(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f-]{36}\}|[0-9a-f]{32}", re.IGNORECASE
)
_NAMESPACES = {
    "dns": "NAMESPACE_DNS",
    "url": "NAMESPACE_URL",
    "oid": "NAMESPACE_OID",
    "x500": "NAMESPACE_X500",
}


def hexadecimal(algorithm: str, content: bytes) -> str:
    """Return a digest in hexadecimal digits."""
    import hashlib

    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def base64_digest(algorithm: str, content: bytes) -> str:
    """Return a digest in base64."""
    import hashlib

    return encode_base64(hashlib.new(algorithm, content, usedforsecurity=False).digest())


def _hash(digest: Callable[[str, bytes], str], algorithm: str) -> Function:
    return Function(texts("str"), lambda text: made_string(digest(algorithm, text_of(text).encode())), STRING)


def _uuidv5(namespace: Value, name: Value) -> Value:
    import uuid

    given = text_of(namespace)
    if given in _NAMESPACES:
        root: uuid.UUID = getattr(uuid, _NAMESPACES[given])
    elif _UUID.fullmatch(given):
        root = uuid.UUID(given)
    else:
        raise EvaluationError(f"uuidv5() doesn't support namespace {given}")
    return made_string(str(uuid.uuid5(root, text_of(name))))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "base64sha256": _hash(base64_digest, "sha256"),
        "base64sha512": _hash(base64_digest, "sha512"),
        "md5": _hash(hexadecimal, "md5"),
        "sha1": _hash(hexadecimal, "sha1"),
        "sha256": _hash(hexadecimal, "sha256"),
        "sha512": _hash(hexadecimal, "sha512"),
        "uuidv5": Function(texts("namespace", "name"), _uuidv5, STRING),
    }
)
