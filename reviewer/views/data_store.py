"""Resources that keep data, by their type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.body import Body

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


@dataclass(frozen=True, slots=True, eq=False)
class DataStore(View):
    """One resource of :data:`TYPES`."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every data store that the code makes."""
        for module in context.root.walk():
            for instance in module.resources():
                if instance.kind == "resource" and instance.type in TYPES:
                    yield cls(instance, instance.address)

    @property
    def kind(self) -> str:
        """Return the type of the resource."""
        return self.instance.type

    @property
    def body(self) -> Body:
        """Return the arguments."""
        return self.instance.body
