"""Resources that keep data, by their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.terraform.value import NULL, Value
from reviewer.views.module_source import EKS_MODULE, module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

TYPES = frozenset(
    {
        "aws_backup_vault",
        "aws_db_instance",
        "aws_db_parameter_group",
        "aws_docdb_cluster",
        "aws_docdb_cluster_parameter_group",
        "aws_dynamodb_table",
        "aws_ebs_volume",
        "aws_ecr_repository",
        "aws_efs_file_system",
        "aws_elasticache_replication_group",
        "aws_elasticsearch_domain",
        "aws_memorydb_cluster",
        "aws_msk_cluster",
        "aws_neptune_cluster",
        "aws_opensearch_domain",
        "aws_rds_cluster",
        "aws_rds_cluster_instance",
        "aws_rds_cluster_parameter_group",
        "aws_redshift_parameter_group",
        "aws_s3_bucket",
    }
)


class DataStore(View):
    """One resource of :data:`TYPES`."""

    KINDS: ClassVar[frozenset[str]] = TYPES
    """The types of a narrower view."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every data store that the code makes."""
        for module in context.root.walk():
            for instance in module.resources_of(*cls.KINDS):
                yield cls(instance, instance.address)

    @property
    def kind(self) -> str:
        """Return the type of the resource."""
        return self.instance.type

    @property
    def body(self) -> Body:
        """Return the arguments."""
        return self.instance.body

    def get(self, path: str) -> Value:
        """Return the value of an argument behind a path of blocks, null when there is none."""
        body: Body | None = self.instance.body
        *blocks, name = path.split(".")
        for each in blocks:
            body = body.blocks(each).first() if body is not None else None
        return body.attr(name) if body is not None else NULL

    @property
    def is_kept(self) -> bool:
        """Tell whether the code forbids to destroy the resource."""
        for block in self.instance.block.nested("lifecycle"):
            attribute = block.attributes.get("prevent_destroy")
            if attribute is not None and attribute.expression.text == "true":
                return True
        return False


class Volume(DataStore):
    """A file system, volume or database, as AWS Backup can take care of."""

    KINDS: ClassVar[frozenset[str]] = frozenset(
        {"aws_efs_file_system", "aws_ebs_volume", "aws_db_instance", "aws_rds_cluster"}
    )


class BackedUp(DataStore):
    """A store with automated backups of its own."""

    KINDS: ClassVar[frozenset[str]] = frozenset(
        {
            "aws_db_instance",
            "aws_rds_cluster",
            "aws_docdb_cluster",
            "aws_neptune_cluster",
            "aws_dynamodb_table",
            "aws_elasticache_replication_group",
        }
    )


class Destroyable(DataStore):
    """A store, or a cluster, that an argument protects from being destroyed with its data."""

    KINDS: ClassVar[frozenset[str]] = frozenset(
        {
            "aws_db_instance",
            "aws_rds_cluster",
            "aws_s3_bucket",
            "aws_ecr_repository",
            "aws_eks_cluster",
            "aws_backup_vault",
            "aws_dynamodb_table",
        }
    )

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield resources, and calls of the community module from the version on that has the argument."""
        for module in context.root.walk():
            for instance in module.resources_of(*cls.KINDS):
                yield cls(instance, instance.address)
            for call in module.calls():
                if _is_protectable(call):
                    yield cls(call, call.address)

    @property
    def kind(self) -> str:
        """Return the type of the resource, for the module that of its cluster."""
        return "aws_eks_cluster" if self.instance.kind == "module" else self.instance.type


def _is_protectable(call: Instance) -> bool:
    """Tell whether a call makes a cluster by a version of the module that knows deletion protection."""
    source = module_source(call)
    if source is None or source.name != EKS_MODULE or source.submodule:
        return False
    return bool(source.constraint) and any(source.admits(21, minor) for minor in range(1, 60))


class Standby(DataStore):
    """A store that can have a standby in another availability zone."""

    KINDS: ClassVar[frozenset[str]] = frozenset(
        {
            "aws_db_instance",
            "aws_rds_cluster_instance",
            "aws_elasticache_replication_group",
            "aws_opensearch_domain",
            "aws_msk_cluster",
            "aws_efs_file_system",
        }
    )
