"""What is stored, and whether it is encrypted: keys, volumes and data stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.terraform.body import Body, ValueBody
from reviewer.terraform.value import NULL, UndecidedError, Value
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_ROTATION = {
    "module-eks": "enable_kms_key_rotation",
    "cloudposse": "cluster_encryption_config_kms_key_enable_key_rotation",
}
_OF_DISK, _OF_CLASS = "block_device_mappings.ebs.encrypted", "parameters.encrypted"
_CSI_DRIVERS = frozenset({"ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com"})


class Key(View):
    """A KMS key: a resource, or the one that a module makes. ``rotation`` is null when not written."""

    argument: str
    rotation: Value

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every key of one's own."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_kms_key"):
                name = "enable_key_rotation"
                yield cls(instance, instance.address, name, instance.body.attr(name))
        for cluster in Cluster.find(context):
            argument = _ROTATION.get(cluster.source)
            if argument is not None and cluster.body.has(argument):
                yield cls(cluster.instance, cluster.address, argument, cluster.body.attr(argument))

    @property
    def is_resource(self) -> bool:
        """Tell whether it is a resource, of which rotation is off by default."""
        return self.instance.kind == "resource"

    def never_rotates(self) -> bool:
        """Tell whether AWS cannot rotate a key of this kind: asymmetric, HMAC, or in another key store."""
        body = self.instance.body
        spec, usage = body.attr("customer_master_key_spec"), body.attr("key_usage")
        symmetric = spec.test(lambda data: data in {None, "SYMMETRIC_DEFAULT"})
        encrypting = usage.test(lambda data: data in {None, "ENCRYPT_DECRYPT"})
        return not (symmetric and encrypting) or not body.attr("custom_key_store_id").is_null


class Volume(View):
    """An EBS volume that is or will be made. ``encrypted`` is null when nothing is written.

    ``snapshot`` is what it is made from. ``group`` is the node group of a module whose entry it is part of.
    """

    encrypted: Value
    snapshot: Value
    name: str
    body: Body
    attribute: str
    group: NodeGroup | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every volume: resources, launch templates, node groups of modules, storage classes."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_ebs_volume", "aws_launch_template"):
                yield from cls._of_resource(instance)
        for group in NodeGroup.find(context):
            yield from cls._of_group(group)
        for thing in KubernetesObject.find(context):
            if thing.kind == "StorageClass":
                yield from cls._of_storage_class(thing)

    @classmethod
    def _of_resource(cls, instance: Instance) -> Iterator[Self]:
        if instance.type == "aws_ebs_volume":
            yield cls._of(instance, instance.body, instance.address, "encrypted")
        elif instance.type == "aws_launch_template":
            mappings = instance.body.blocks("block_device_mappings")
            for mapping in mappings:
                for ebs in mapping.blocks("ebs"):
                    yield cls._of(instance, ebs, _on_device(instance.address, mapping), _OF_DISK)

    @classmethod
    def _of_group(cls, group: NodeGroup) -> Iterator[Self]:
        if not (group.source.removeprefix("sub").startswith("module-eks") or group.source == "cloudposse"):
            return
        written = (each.attr("block_device_mappings") for each in group.bodies)
        mappings = next((each for each in written if not each.is_null), NULL)
        data = mappings.data
        elements = (
            tuple(data.values()) if isinstance(data, Mapping) else data if isinstance(data, tuple) else ()
        )
        for element in elements:
            body = ValueBody(element)
            ebs = body if group.source == "cloudposse" else next(iter(body.blocks("ebs")), None)
            if ebs is None or (group.source == "cloudposse" and not ebs.has("encrypted")):
                continue
            yield cls._of(group.instance, ebs, _on_device(group.address, body), _OF_DISK, group)

    @classmethod
    def _of_storage_class(cls, thing: KubernetesObject) -> Iterator[Self]:
        argument = "provisioner" if thing.root.is_manifest else "storage_provisioner"
        if thing.root.body.attr(argument).data not in _CSI_DRIVERS:
            return
        parameters = thing.root.attr("parameters")
        data = parameters.data
        encrypted = data.get("encrypted", NULL) if isinstance(data, Mapping) else parameters
        body = ValueBody(parameters) if isinstance(data, Mapping) else thing.root.body
        yield cls(thing.instance, thing.address, encrypted, NULL, thing.label, body, _OF_CLASS)

    @classmethod
    def _of(
        cls, instance: Instance, body: Body, name: str, attribute: str, group: NodeGroup | None = None
    ) -> Self:
        address = group.address if group is not None else instance.address
        encrypted, snapshot = body.attr("encrypted"), body.attr("snapshot_id")
        return cls(instance, address, encrypted, snapshot, name, body, attribute, group)

    @property
    def part(self) -> str:
        """Return which of its owner's volumes it is, by device or name; empty when it is the only one."""
        return self.name.removeprefix(self.address).strip()

    @property
    def is_class(self) -> bool:
        """Tell whether it stands for the volumes that a storage class will make."""
        return self.attribute == _OF_CLASS

    @property
    def header(self) -> Range:
        """Return where the volume is written."""
        return self.body.range or self.instance.range

    @property
    def part_of(self) -> View | None:
        """Return the node group; None for what has a block of its own."""
        return self.group


def _on_device(owner: str, mapping: Body) -> str:
    """Return how a disk of a launch template or node group is called: two of one owner must differ."""
    device = mapping.attr("device_name").data
    return f"{owner} {device}" if isinstance(device, str) else owner


class DataStore(View):
    """A data store of ``data/at_rest.yaml``."""

    row: Mapping[str, Any]

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every data store that can be unencrypted."""
        stores = table("at_rest")["stores"]
        for module in context.root.walk():
            for instance in module.resources_of(*stores):
                yield cls(instance, instance.address, stores[instance.type])

    def holder(self) -> Body:
        """Return the block that holds or would hold the setting."""
        block = self.row["argument"].rpartition(".")[0]
        found = self.instance.body.blocks(block).first() if block else None
        return found or self.instance.body

    def setting(self) -> Value:
        """Return what is written, null when nothing is."""
        block, _, name = self.row["argument"].rpartition(".")
        if block and self.instance.body.blocks(block).first() is None:
            return NULL
        return self.holder().attr(name)

    def is_encrypted(self) -> bool:
        """Tell whether the store encrypts. Raises :class:`UndecidedError` when that depends on another."""
        body, setting = self.instance.body, self.setting()
        for name in self.row.get("inherits", ()):
            if body.has(name) or body.blocks(name).known:
                raise UndecidedError(f"`{self.address}` takes its encryption from what it is made of")
        if "unless" in self.row and not body.attr(self.row["unless"]).is_null:
            return True
        if not setting.is_null:
            return not setting.test(lambda data: data in {False, "false", *self.row.get("disabled", ())})
        if body.attr("engine").data == "valkey":
            raise UndecidedError("whether Valkey encrypts by default depends on the version of the provider")
        return bool(self.row.get("default")) or body.attr("engine_mode").test(
            lambda mode: mode == "serverless"
        )
