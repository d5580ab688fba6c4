"""Resources that name availability zones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.terraform.value import Unknown, Value
from reviewer.views.module_source import is_vpc_module
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

RESOURCES = (
    "aws_subnet",
    "aws_eks_node_group",
    "aws_ebs_volume",
    "aws_instance",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_rds_cluster",
)
_ASKED = "data.aws_availability_zones."
_ARGUMENTS = ("availability_zone", "availability_zones", "azs")


class Zoned(View):
    """``argument`` names zones, one or a list."""

    argument: str

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every resource and VPC module that names zones."""
        for module in context.root.walk():
            for instance in (*module.resources_of(*RESOURCES), *filter(is_vpc_module, module.calls())):
                for argument in _ARGUMENTS:
                    if instance.body.has(argument):
                        yield cls(instance, instance.address, argument)

    @property
    def value(self) -> Value:
        """Return the argument's value."""
        return self.instance.body.attr(self.argument)

    @property
    def is_from_aws(self) -> bool:
        """Tell whether AWS itself is asked for the zones: then they are in the region."""
        data = self.value.data
        parts = data if isinstance(data, tuple) else (self.value,)
        return all(isinstance(each.data, Unknown) and _ASKED in each.data.reason for each in parts)

    def names(self) -> tuple[Value, ...]:
        """Return the names that are known, be the others unknown."""
        data = self.value.data
        if isinstance(data, Unknown):
            return ()
        return tuple(each for each in self.value.elements() if isinstance(each.data, str))


def region_of_zone(zone: str) -> str | None:
    """Return the region of a zone: ``eu-west-1`` of ``eu-west-1a``; None for zone ids and other words.

    Local and Wavelength Zones belong to the region that their names start with.
    """
    fitting: list[str] = [each for each in table("regions")["regions"] if zone.startswith(each)]
    region = max(fitting, key=len, default=None)
    if region is None or not re.fullmatch(r"[a-z]|-[a-z0-9-]+[a-z]", zone[len(region) :]):
        return None
    return region
