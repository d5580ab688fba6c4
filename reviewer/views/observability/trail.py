"""CloudTrail trails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.fact import Fact, is_false, is_true
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

_FLAGS = {
    "is_multi_region_trail": "events of other regions",
    "enable_log_file_validation": "a proof that nobody edited the log files",
}


class Trail(View):
    """One ``aws_cloudtrail``."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every trail."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_cloudtrail"):
                yield cls(instance, instance.address)

    @property
    def label(self) -> str:
        """Return the trail's name when it is known, else its address."""
        return self.name_or_address(self.instance.body.attr("name"))

    def gaps(self) -> Iterator[tuple[Fact, str]]:
        """Yield each argument that leaves a gap, with what the trail misses by it."""
        for name, what in _FLAGS.items():
            fact = self._fact(name)
            if not fact.value.test(is_true):
                yield fact, what
        logging = self._fact("enable_logging")
        if logging.value.test(is_false):
            yield logging, "everything: logging is off"

    def _fact(self, name: str) -> Fact:
        body = self.instance.body
        value = body.attr(name)
        return Fact(name, value, written=not value.is_null, body=body, header=self.header)
