"""Names in the code that belong to one region: ARNs, hosts of services, registries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.record import Record
from reviewer.terraform.body import BlockBody
from reviewer.terraform.meta_arguments import META_ARGUMENTS
from reviewer.views.backend import backend_block
from reviewer.views.declaration import Declared, declared
from reviewer.views.provider import provider_name, provider_of
from reviewer.views.region import is_region, region_in_force

if TYPE_CHECKING:
    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[\w-]+):(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d):\d*:\S*")
_HOST = re.compile(
    r"(?:https?://|s3://)?(?:[\w-]+\.)*(?P<service>[\w-]+)\.(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d)\."
    r"(?:eks\.)?amazonaws\.com(?:\.cn)?(?:[/:]\S*)?"
)
_GLOBAL_SERVICES = frozenset(
    [
        "acm",
        "budgets",
        "ce",
        "cloudfront",
        "cur",
        "ecr-public",
        "globalaccelerator",
        "health",
        "iam",
        "organizations",
        "pricing",
        "route53",
        "route53domains",
        "shield",
        "sts",
        "support",
        "waf",
        "wafv2",
    ]
)
"""Services that live in us-east-1, or whose resources for CloudFront do."""

_GLOBAL_RESOURCES = (
    "aws_cloudfront_",
    "aws_route53",
    "aws_wafv2_",
    "aws_shield_",
    "aws_globalaccelerator_",
    "aws_iam_",
)
_ELSEWHERE = re.compile(
    r"replica|replicat|destination|copy_action|peer|(?:^|_)dr(?:_|$)|secondary|failover|origin|policy|policies|"
    r"statement|source_arn|identifiers|accepter|remote|backup_region|cross_region"
)
_KEY = re.compile(r"\[\s*\"([a-z0-9-]+)\"\s*\]$|^lookup\([^,]+,\s*\"([a-z0-9-]+)\"")
_BACKEND = "terraform.backend"
_NO_ARGUMENTS = META_ARGUMENTS | {"lifecycle"}


class RegionalName(Record):
    """A literal that names a region. ``argument`` is its path in the block."""

    argument: str
    value: Value
    region: str
    service: str

    @property
    def is_global(self) -> bool:
        """Tell whether the service has its only home in us-east-1."""
        return self.region == "us-east-1" and self.service in _GLOBAL_SERVICES


class InOneRegion(Declared):
    """A resource, module call or provider that is made in the default region of its provider."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every block whose provider is the default one."""
        for module in context.root.walk():
            for instance in module.resources():
                if _is_regional(instance):
                    yield cls(instance, instance.address)
            for call in module.calls():
                if not call.body.has("providers"):
                    yield cls(call, call.address)
        for block in context.root.declarations.providers:
            if block.labels != ("aws",) and "alias" not in block.attributes:
                instance = declared(context.root, block, f"provider.{block.labels[0]}")
                yield cls(instance, instance.address)
        backend = backend_block(context.root)
        if backend is not None and backend.labels == ("s3",):
            instance = declared(context.root, backend, _BACKEND)
            yield cls(instance, instance.address)

    @property
    def is_backend(self) -> bool:
        """Tell whether this is where the state is kept, which may be in another region on purpose."""
        return self.address == _BACKEND

    @property
    def region(self) -> Value:
        """Return the region in force, null when the code does not hold it."""
        provider = provider_of(self.instance) if self.is_backend else None
        return provider.attr("region") if provider is not None else region_in_force(self.instance)

    def names(self) -> Iterator[RegionalName]:
        """Yield the regional names among the values, without those that are elsewhere by design."""
        if not self.is_backend:
            yield from _in_body(self.instance.body, "")
            return
        region = self.instance.body.attr("region")
        if isinstance(region.data, str) and is_region(region.data):
            yield RegionalName("region", region, region.data, "s3")


def _is_regional(instance: Instance) -> bool:
    """Tell whether a block is an AWS resource of the provider's own region."""
    if not instance.type.startswith("aws_") or instance.type.startswith(_GLOBAL_RESOURCES):
        return False
    return provider_name(instance) == "aws" and not instance.body.has("region")


def _in_body(body: Body, path: str) -> Iterator[RegionalName]:
    if not isinstance(body, BlockBody):
        return
    for name, attribute in body.block.attributes.items():
        if name not in _NO_ARGUMENTS and not _ELSEWHERE.search(name):
            value = body.attr(name)
            yield from _in_value(value, f"{path}{name}")
            yield from _image_of(value, attribute.expression.text, f"{path}{name}")
    for name in body.block_types():
        if not _ELSEWHERE.search(name):
            for nested in body.blocks(name):
                yield from _in_body(nested, f"{path}{name}.")


def _image_of(value: Value, expression: str, path: str) -> Iterator[RegionalName]:
    """Yield the region by which an image is taken out of a map of images: its id is of that region alone."""
    match = _KEY.search(expression)
    region = (match[1] or match[2]) if match is not None else None
    if region is not None and is_region(region) and str(value.data).startswith("ami-"):
        yield RegionalName(path, value, region, "ec2")


def _in_value(value: Value, path: str) -> Iterator[RegionalName]:
    data = value.data
    if isinstance(data, str):
        match = _ARN.fullmatch(data) or _HOST.fullmatch(data)
        if match is not None and is_region(match["region"]):
            yield RegionalName(path, value, match["region"], match["service"])
    elif isinstance(data, tuple):
        for each in data:
            yield from _in_value(each, path)
    elif isinstance(data, Mapping):
        for name, each in data.items():
            if not _ELSEWHERE.search(name):
                yield from _in_value(each, f"{path}.{name}")
