"""EC2 instance types: family, size and generation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.data import table

_TYPE = re.compile(r"(?P<family>(?P<series>[a-z]+)-?\d*[a-z0-9-]*)\.(?P<size>[\w-]+)")


@dataclass(frozen=True, slots=True)
class InstanceType:
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

    @property
    def is_oversized(self) -> bool:
        """Tell whether it is larger than general-purpose nodes should be."""
        known = table("instance_types")
        size = "metal" if self.size.startswith("metal") else self.size
        sizes = known["sizes"]
        return size in sizes and sizes.index(size) > sizes.index(known["largest"])

    @property
    def is_previous(self) -> bool:
        """Tell whether a newer generation does the same for less."""
        return self.family in table("instance_types")["previous"]

    @property
    def is_burstable(self) -> bool:
        """Tell whether its speed depends on CPU credits."""
        return self.family in table("instance_types")["burstable"]
