"""Whether a VPC has NAT gateways, and a way to S3 beside them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.fact import is_true

if TYPE_CHECKING:
    from reviewer.views.context import Context
    from reviewer.views.network.vpc import Vpc

_ENDPOINT = re.compile(r"aws_vpc_endpoint\"|//modules/vpc-endpoints|enable_s3_endpoint")
_S3 = re.compile(r"\.s3\b|\bservice\s*=\s*\"s3\"|enable_s3_endpoint\s*=\s*true|\"s3\"|\bs3\s*=")


def has_nat(vpc: Vpc) -> bool:
    """Tell whether a VPC has NAT gateways; raises :class:`UndecidedError` when that is unknown."""
    if vpc.is_module:
        return vpc.instance.body.attr("enable_nat_gateway").test(is_true)
    return bool(vpc.gateways)


def has_s3_endpoint(context: Context) -> bool:
    """Tell whether any folder of the repository declares an endpoint for S3, in any spelling.

    The services of endpoints are often keys of a map or parts of a template, so the code is searched as text.
    """
    paths = context.tree.containing(
        ("aws_vpc_endpoint", "vpc-endpoints", "enable_s3_endpoint"), CONFIGURATION_SUFFIXES
    )
    for path in paths:
        text = context.configuration.file(path).source.text
        if _ENDPOINT.search(text) and _S3.search(text):
            return True
    return False
