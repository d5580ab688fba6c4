"""What everything that only carries data is made of."""

from __future__ import annotations

from typing import dataclass_transform

from msgspec import Struct, field


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Record(Struct, frozen=True):
    """An immutable record with slots, compared by its fields; with ``eq=False`` by identity.

    It does what ``@dataclass(frozen=True, slots=True)`` does. The program has some three hundred of them:
    Python 3.11 takes 0.5 ms to make each such dataclass, which was a fifth of a small review, and 0.02 ms to
    make one of these. A class that changes is a dataclass, and so is one with a field that is computed,
    hidden or described (``init``, ``repr``, ``metadata``).
    """
