"""What shows that a component is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.terraform.text import Range


class Evidence(Record):
    """``what`` names the place, or says why it may be there when the evidence is not certain."""

    what: str
    at: Range | None = None
    is_certain: bool = True
