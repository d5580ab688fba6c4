"""What shows that a component is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.terraform.text import Range


@dataclass(frozen=True, slots=True)
class Evidence:
    """``what`` names the place, or says why it may be there when the evidence is not certain."""

    what: str
    at: Range | None = None
    is_certain: bool = True
