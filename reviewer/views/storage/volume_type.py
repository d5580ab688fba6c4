"""Types of block storage, wherever they are set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import ValueBody, value_blocks
from reviewer.terraform.value import NULL, UndecidedError
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.fact import is_false
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context


_IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"


class VolumeType(View):
    """``type`` is the value, null when the argument ``attribute`` is absent; ``size`` in GiB.

    ``is_immutable`` tells that a live object would have to be replaced. ``body`` holds or would hold the
    argument.
    """

    attribute: str
    type: Value
    body: Body
    size: Value = NULL
    is_immutable: bool = False
    group: NodeGroup | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every volume, disk of a launch template or node group, database and storage class."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_ebs_volume", "aws_db_instance", "aws_launch_template"):
                yield from cls._of_resource(instance)
        for storage_class in KubernetesObject.find(context):
            if storage_class.kind == "StorageClass":
                yield from cls._of_class(storage_class)
        for group in NodeGroup.find(context):
            yield from cls._of_group(group)

    @classmethod
    def _of_resource(cls, instance: Instance) -> Iterator[Self]:
        body = instance.body
        match instance.type:
            case "aws_ebs_volume":
                yield cls(instance, instance.address, "type", body.attr("type"), body, body.attr("size"))
            case "aws_db_instance":
                size = body.attr("allocated_storage")
                yield cls(instance, instance.address, "storage_type", body.attr("storage_type"), body, size)
            case "aws_launch_template":
                for mapping in body.blocks("block_device_mappings"):
                    yield from cls._of_disk(instance, instance.address, mapping)

    @classmethod
    def _of_disk(
        cls, instance: Instance, address: str, mapping: Body, group: NodeGroup | None = None
    ) -> Iterator[Self]:
        disk = next(iter(mapping.blocks("ebs")), None)
        if disk is not None:
            attribute = "block_device_mappings.ebs.volume_type"
            kind, size = disk.attr("volume_type"), disk.attr("volume_size")
            yield cls(instance, address, attribute, kind, disk, size, group=group)

    @classmethod
    def _of_class(cls, found: KubernetesObject) -> Iterator[Self]:
        """Yield a storage class. The one that EKS brings cannot be another, and is declared to give way."""
        annotations = found.root.at("metadata", "annotations").data
        default = annotations.get(_IS_DEFAULT) if isinstance(annotations, Mapping) else None
        if found.name == "gp2" and default is not None and is_false(default.data):
            return
        parameters = found.root.attr("parameters")
        provisioner = found.root.attr("storage_provisioner" if not found.root.is_manifest else "provisioner")
        if provisioner.data in {"ebs.csi.aws.com", "kubernetes.io/aws-ebs", "ebs.csi.eks.amazonaws.com"}:
            body = ValueBody(parameters)
            yield cls(
                found.instance, found.address, "parameters.type", body.attr("type"), body, is_immutable=True
            )

    @classmethod
    def _of_group(cls, group: NodeGroup) -> Iterator[Self]:
        mappings = group.fact("block_devices").value
        try:
            entries = mappings.elements()
        except UndecidedError:
            return
        for each in entries:
            for mapping in value_blocks(each):
                yield from cls._of_disk(group.instance, group.address, mapping, group)

    @property
    def part_of(self) -> View | None:
        """Return the node group; None for what has a block of its own."""
        return self.group
