"""Characters as people count them, in ``length``, ``substr`` and ``format``: grapheme clusters."""

from __future__ import annotations


def clusters_of(text: str) -> list[str]:
    """Split into extended grapheme clusters (Unicode Standard Annex 29)."""
    if text.isascii():
        return list(text) if "\r\n" not in text else _ascii_clusters(text)
    import regex

    return [str(each) for each in regex.findall(r"\X", text)]


def cluster_count(text: str) -> int:
    """Return how many grapheme clusters ``text`` has."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(clusters_of(text))


def _ascii_clusters(text: str) -> list[str]:
    lines = text.split("\r\n")
    found = list(lines[0])
    for line in lines[1:]:
        found.append("\r\n")
        found.extend(line)
    return found
