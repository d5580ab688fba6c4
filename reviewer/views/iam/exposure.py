"""What makes a resource readable by others: its policy, an S3 ACL, a switched-off public access block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.iam.iam_statement import IamStatement
from reviewer.views.iam.policy_source import Purpose
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_ARGUMENTS = {
    "aws_s3_bucket_public_access_block": (
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ),
    "aws_s3_bucket_acl": ("acl",),
    "aws_s3_bucket": ("acl",),
}


class Exposure(View):
    """Either ``statement`` of a resource's policy, or the ``value`` of the argument ``name``."""

    statement: IamStatement | None = None
    name: str = ""
    value: Value | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield each statement of each resource's policy, then the arguments of buckets."""
        for statement in IamStatement.find(context):
            if statement.is_for(Purpose.RESOURCE):
                yield cls(statement.instance, statement.address, statement)
        for module in context.root.walk():
            for instance in module.resources_of(*_ARGUMENTS):
                for name in _ARGUMENTS[instance.type]:
                    if instance.body.has(name):
                        yield cls(instance, instance.address, name=name, value=instance.body.attr(name))

    @property
    def resource(self) -> str:
        """Return the address of the resource that is exposed."""
        return self.statement.holder if self.statement is not None else self.address
