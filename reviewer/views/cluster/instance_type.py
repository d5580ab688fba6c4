"""EC2 instance types: family, size and generation."""

from __future__ import annotations

import re

from reviewer.data import table
from reviewer.record import Record

_TYPE = re.compile(r"(?P<family>(?P<series>[a-z]++)-?\d*+[a-z0-9-]*)\.(?P<size>[\w-]+)")


_SMALL = ("nano", "micro", "small", "medium", "large")
_MULTIPLE = re.compile(r"(\d*)xlarge")


class InstanceType(Record):
    """``m7i.2xlarge``: ``series`` is ``m``, ``family`` ``m7i``, ``size`` ``2xlarge``."""

    name: str
    series: str
    family: str
    size: str

    @classmethod
    def of(cls, name: object) -> InstanceType | None:
        """Read a name; None when it is not one of EC2."""
        match = _TYPE.fullmatch(name) if isinstance(name, str) else None
        return cls(match[0], match["series"], match["family"], match["size"]) if match else None

    @property
    def is_special(self) -> bool:
        """Tell whether the family is for work that needs large or particular machines."""
        return self.series in table("instance_types")["special"]

    def is_at_least(self, size: str) -> bool:
        """Tell whether it is of a size such as ``8xlarge``, or larger."""
        return _rank(self.size) >= _rank(size)

    @property
    def is_previous(self) -> bool:
        """Tell whether a newer generation does the same for less."""
        return self.family in table("instance_types")["previous"]

    @property
    def is_burstable(self) -> bool:
        """Tell whether its speed depends on CPU credits."""
        return self.family in table("instance_types")["burstable"]


def _rank(size: str) -> float:
    """Return a number that grows with the size; a whole machine is larger than any part of one."""
    if size.startswith("metal"):
        return float("inf")
    multiple = _MULTIPLE.fullmatch(size)
    if multiple is None:
        return _SMALL.index(size) - len(_SMALL) if size in _SMALL else -len(_SMALL)
    return int(multiple[1] or 1)
