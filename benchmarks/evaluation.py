"""What evaluating a repository cost; apart from what measures it, which imports the whole program."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one repository cost. ``attributes`` counts values, each instance of a block for itself.

    ``evaluation_seconds`` include ``grammar_seconds``, which loading the grammar takes once in a process.
    """

    files: int
    kilobytes: int
    attributes: int
    index_seconds: float
    grammar_seconds: float
    evaluation_seconds: float
    mebibytes: float
