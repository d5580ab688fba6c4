"""JSON that people can read, too."""

from __future__ import annotations

import json

import msgspec


def indented(document: object, indent: int = 2) -> str:
    """Return plain data as JSON with ``indent`` spaces for each level, ending in a newline.

    Lone surrogates become question marks: nothing can read them. The standard library indents a large report
    piece by piece, which takes as long as a tenth of the review, so that it only writes the text here.
    """
    text = json.dumps(document, ensure_ascii=False).encode(errors="replace")
    return msgspec.json.format(text, indent=indent).decode() + "\n"
