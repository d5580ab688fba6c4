"""Opens a file of results, finds out whose it is, and reads it. Nothing in it is taken on trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from reviewer.imported import checkov, sarif, tflint, tfsec, trivy
from reviewer.imported.result import InvalidResultsError, Results
from reviewer.json_faults import explained

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 32 * 1024 * 1024
"""A scan of a very large repository has a few megabytes."""
MAX_RESULTS = 50_000
_BOM = b"\xef\xbb\xbf"


def load(file: Path, name: str, folder: str = "") -> Results:
    """Return the results in a file.

    ``name`` is what messages call it; ``folder`` is where it lies, seen from the root of the repository.
    Raises :class:`InvalidResultsError` that names the file, the place in it, and what is wrong.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{name}: the results cannot be read: {error.strerror or error}"
        raise InvalidResultsError(message) from None
    if len(content) > MAX_BYTES:
        message = f"{name}: the results have more than {MAX_BYTES:,} bytes; import those of a smaller scan"
        raise InvalidResultsError(message)
    return parse(content, name, folder)


def parse(content: bytes, name: str, folder: str = "") -> Results:
    """Return the results in ``content``. Raises as :func:`load` does."""
    content = content.removeprefix(_BOM)
    try:
        results = _read(content, name, folder)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidResultsError(explained(error, content, name, "results")) from None
    if len(results.results) > MAX_RESULTS:
        message = f"{name}: {len(results.results):,} results are more than the {MAX_RESULTS:,} that are read"
        raise InvalidResultsError(message)
    return results


def _read(content: bytes, name: str, folder: str) -> Results:
    top = msgspec.json.decode(content, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    if isinstance(top, list):
        return _list(content, name, folder)
    if "runs" in top:
        return sarif.read(_decoded(content, sarif.Document), name, folder)
    if "issues" in top:
        return tflint.read(_decoded(content, tflint.Document), name, folder)
    if "Results" in top or "SchemaVersion" in top:
        return trivy.read(_decoded(content, trivy.Document), name, folder)
    if "check_type" in top or {"passed", "failed", "checkov_version"} <= top.keys():
        return checkov.read([_decoded(content, checkov.Document)], name, folder)
    if "results" in top:
        return tfsec.read(_decoded(content, tfsec.Document), name, folder)
    raise _unknown(name)


def _list(content: bytes, name: str, folder: str) -> Results:
    """Return the results of a list: Checkov's reports, or what Trivy printed before version 0.20."""
    items = msgspec.json.decode(content, type=list[dict[str, msgspec.Raw]])
    if items and all("Target" in each for each in items):
        return trivy.read(trivy.Document(results=_decoded(content, trivy.Legacy)), name, folder)
    if items and not any("results" in each or "check_type" in each for each in items):
        raise _unknown(name)
    return checkov.read(_decoded(content, list[checkov.Document]), name, folder)


def _unknown(name: str) -> InvalidResultsError:
    expected = "SARIF 2.1.0 nor the JSON of tflint, tfsec, Trivy or Checkov"
    return InvalidResultsError(f"{name}:1:1: this is neither {expected}")


def _decoded(content: bytes, kind: Any) -> Any:  # noqa: ANN401 - the type that is asked for
    return msgspec.json.decode(content, type=kind)
