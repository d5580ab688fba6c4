"""How instances serve their metadata: launch templates, and node groups of the community modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import ValueBody
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value, string
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.fact import Fact, is_false
from reviewer.views.text import equal_to
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

_TEMPLATES = frozenset({"aws_launch_template", "aws_launch_configuration"})
_HOPS = "http_put_response_hop_limit"
_ENFORCING = ("amazon-linux-2023", "al2023", "bottlerocket")


class InstanceMetadata(View):
    """``options`` hold ``http_tokens``, None without any; ``group`` is the entry of a module's map.

    ``argument`` is the path of the argument that decides.
    """

    options: Body | None
    argument: str
    group: NodeGroup | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every launch template, and every node group whose module writes one."""
        for module in context.root.walk():
            for instance in module.resources_of(*_TEMPLATES):
                options = instance.body.blocks("metadata_options")
                known = None if options.undecided else options.first()
                yield cls(instance, instance.address, known, "metadata_options.http_tokens")
        for group in NodeGroup.find(context):
            if group.source == "cloudposse":
                yield cls(
                    group.instance, group.address, group.bodies[0], "metadata_http_tokens_required", group
                )
            elif group.source.removeprefix("sub").startswith("module-eks"):
                yield cls(
                    group.instance, group.address, _options(group), "metadata_options.http_tokens", group
                )

    @property
    def part_of(self) -> View | None:
        """Return the node group; None for a launch template."""
        return self.group

    def tokens(self) -> Value:
        """Return ``required`` or ``optional``, null when nothing says which."""
        if self.argument == "metadata_http_tokens_required" and self.options is not None:
            flag = self.options.attr(self.argument)
            needed = flag.is_null or not flag.test(is_false)
            return Value("required" if needed else "optional", origins=flag.origins)
        written = self.options.attr("http_tokens") if self.options is not None else NULL
        if self.group is not None and written.is_null:
            return string("required")
        return written

    def is_off(self) -> bool:
        """Tell whether instances serve no metadata at all."""
        return self.options is not None and self.options.attr("http_endpoint").test(equal_to("disabled"))

    def hop_limit(self) -> Fact | None:
        """Return over how many hops the metadata answers; None when that is not written where it could be."""
        if self.group is not None:
            fact = self.group.fact("hop_limit")
            # The module hands on what is written alone: its default is that of the whole object.
            partial = self.options is not None and self.group.source != "cloudposse"
            return fact if fact.written or not partial else None
        if self.options is None or self.options.attr(_HOPS).is_null:
            return None
        value = self.options.attr(_HOPS)
        return Fact(f"metadata_options.{_HOPS}", value, written=True, body=self.options, header=self.header)

    def image_enforces(self, context: Context) -> bool:
        """Tell whether the image is one that asks for IMDSv2 by itself: Amazon Linux 2023 or Bottlerocket.

        Raises :class:`UndecidedError` when EKS chooses the image and the code does not say which kind.
        """
        if self.instance.body.blocks("metadata_options").undecided:
            raise UndecidedError(f"the metadata options of `{self.address}` are not known")
        image = self.instance.body.attr("image_id")
        if not image.is_null:
            return any(word in text for text in _image_names(self.instance, image) for word in _ENFORCING)
        users = [each for each in NodeGroup.find(context) if _uses(each, self.instance)]
        kinds = [each.fact("ami_type").value.require() for each in users]
        if None in kinds:
            raise UndecidedError(f"the image of `{self.address}` is the default of the Kubernetes version")
        return bool(kinds) and all(str(each).startswith(("AL2023", "BOTTLEROCKET")) for each in kinds)


def _options(group: NodeGroup) -> Body | None:
    for body in group.bodies:
        if body.has("metadata_options"):
            options = body.attr("metadata_options")
            return ValueBody(options) if options.is_unknown else body.blocks("metadata_options").first()
    return None


def _uses(group: NodeGroup, template: Instance) -> bool:
    if group.instance.kind != "resource":
        return False
    for body in group.instance.body.blocks("launch_template"):
        for name in ("id", "name"):
            data = body.attr(name).data
            if isinstance(data, Unknown) and (data.reference or "").startswith(f"{template.address}."):
                return True
    return False


def _image_names(template: Instance, image: Value) -> Iterator[str]:
    """Yield what an image is called: by the value itself, or by the data source that looks it up."""
    if isinstance(image.data, str):
        yield image.data.lower()
    reference = image.reference
    address = ".".join((reference or "").split(".")[:3]).partition("[")[0]
    if address not in template.module.declarations.resources:
        return
    for source in template.module.resource(address).instances:
        names = [source.body.attr("name"), source.body.attr("name_regex")]
        for each in source.body.blocks("filter"):
            values = each.attr("values").data
            names.extend(values if isinstance(values, tuple) else ())
        for name in names:
            parts = name.data.parts if isinstance(name.data, Unknown) else (name,)
            yield "".join(str(part.data).lower() for part in parts if isinstance(part.data, str))
