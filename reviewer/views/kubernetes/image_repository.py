"""ECR repositories: the resource and the community module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.fact import Fact, is_false, is_true
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

_MODULE = "terraform-aws-modules/ecr/aws"


class ImageRepository(View):
    """``is_module`` tells that it is a call of terraform-aws-modules/ecr/aws, whose defaults are safe."""

    is_module: bool

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every private repository."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_ecr_repository"):
                yield cls(instance, instance.address, is_module=False)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name == _MODULE and not source.submodule and _makes(call):
                    yield cls(call, call.address, is_module=True)

    @property
    def label(self) -> str:
        """Return the repository's name when it is known, else its address."""
        argument = "repository_name" if self.is_module else "name"
        return self.name_or_address(self.instance.body.attr(argument))

    @property
    def is_cache(self) -> bool:
        """Tell whether images come from a pull-through cache, whose tags move with those of its source."""
        return "cache" in self.label.lower() or "cache" in self.instance.name.lower()

    def mutable_tags(self) -> Fact | None:
        """Return the argument that lets tags be overwritten; None when they cannot be."""
        name = "repository_image_tag_mutability" if self.is_module else "image_tag_mutability"
        value = self.instance.body.attr(name)
        if value.is_null and self.is_module:
            return None
        if not value.test(lambda data: data in {None, "MUTABLE"}):
            return None
        return Fact(name, value, written=not value.is_null, body=self.instance.body, header=self.header)

    def unscanned(self) -> Fact | None:
        """Return the argument that leaves pushed images unscanned; None when they are scanned."""
        body = self.instance.body
        if self.is_module:
            value = body.attr("repository_image_scan_on_push")
            found = Fact("repository_image_scan_on_push", value, written=True, body=body, header=self.header)
            return found if value.test(is_false) else None
        block = body.blocks("image_scanning_configuration").first()
        if block is None:
            name = "image_scanning_configuration"
            return Fact(name, body.attr(name), written=False, body=body, header=self.header)
        value = block.attr("scan_on_push")
        found = Fact("scan_on_push", value, written=not value.is_null, body=block, header=self.header)
        return None if value.test(is_true) else found


def scans_registry(context: Context) -> bool:
    """Tell whether the repository sets how the whole registry is scanned."""
    types = ("aws_ecr_registry_scanning_configuration", "manage_registry_scanning_configuration")
    return bool(context.tree.containing(types, CONFIGURATION_SUFFIXES))


def _makes(call: Instance) -> bool:
    """Tell whether a call of the module makes a private repository."""
    created = not any(is_false(call.body.attr(name).data) for name in ("create", "create_repository"))
    return created and call.body.attr("repository_type").data != "public"
