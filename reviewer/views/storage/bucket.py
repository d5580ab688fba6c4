"""S3 buckets: the resource and the community module, with what else is configured for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.terraform.value import NULL, UndecidedError, Unknown
from reviewer.views.backend import backend_block
from reviewer.views.module_source import module_source
from reviewer.views.network.vpc import refers_to
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

MODULE = "terraform-aws-modules/s3-bucket/aws"

_PURPOSES = {
    "Terraform state": re.compile(r"tf-?state|terraform-?state|(?:^|-)state(?:-|$)|tf-?backend"),
    "backups": re.compile(r"velero|backup"),
    "audit logs": re.compile(r"audit|cloud-?trail"),
    "build artefacts": re.compile(r"arti?[ef]acts?(?:-|$)"),
}
_USERS = {
    "aws_cloudtrail": (("s3_bucket_name",), "audit logs"),
    "aws_codepipeline": (("artifact_store", "location"), "build artefacts"),
}
"""What keeps such things in a bucket, and the argument that names it."""


class Bucket(View):
    """One bucket; ``is_module`` tells that the community module makes it."""

    is_module: bool

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every bucket that the code makes."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_s3_bucket"):
                yield cls(instance, instance.address, is_module=False)
            for call in module.calls():
                source = module_source(call)
                made = call.body.attr("create_bucket").data is not False
                if source is not None and source.name == MODULE and not source.submodule and made:
                    yield cls(call, call.address, is_module=True)

    @property
    def name(self) -> Value:
        """Return the name of the bucket."""
        return self.instance.body.attr("bucket")

    def purpose(self, context: Context) -> str | None:
        """Return what the bucket keeps, by its name or by what uses it; None for anything else."""
        return self._named_purpose() or self._used_for(context)

    def _used_for(self, context: Context) -> str | None:
        name = self.name.data
        backend = backend_block(context.root)
        written = backend.attributes.get("bucket") if backend is not None else None
        if written is not None and isinstance(name, str) and written.expression.text == f'"{name}"':
            return "Terraform state"
        for module in context.root.walk():
            for each in module.resources_of(*_USERS):
                argument, purpose = _USERS[each.type]
                block = each.body.blocks(argument[0]).first() if argument[1:] else each.body
                value = block.attr(argument[-1]) if block is not None else NULL
                if refers_to(value, self.instance) or (isinstance(name, str) and value.data == name):
                    return purpose
        return None

    def _named_purpose(self) -> str | None:
        words = [self.instance.name, self.name.data if isinstance(self.name.data, str) else ""]
        if isinstance(self.name.data, Unknown):
            words += [part.data for part in self.name.data.parts if isinstance(part.data, str)]
        for purpose, pattern in _PURPOSES.items():
            if any(pattern.search(str(word).lower().replace("_", "-")) for word in words):
                return purpose
        return None

    def companions(self, context: Context, kind: str) -> tuple[Instance, ...]:
        """Return the resources of a type that configure this bucket.

        Raises :class:`UndecidedError` when one may: its ``bucket`` is unknown and no other bucket's.
        """
        return tuple(
            instance
            for module in context.root.walk()
            for instance in module.resources_of(kind)
            if self._is_of(instance)
        )

    def _is_of(self, companion: Instance) -> bool:
        target = companion.body.attr("bucket")
        if refers_to(target, self.instance):
            return True
        if isinstance(target.data, Unknown):
            reference, own = target.data.reference, self.name.data
            if isinstance(own, Unknown) and reference is not None and reference == own.reference:
                return True
            if reference is None or reference.startswith("var."):
                raise UndecidedError(target.data.reason)
            return False
        return isinstance(target.data, str) and target.data == self.name.data
