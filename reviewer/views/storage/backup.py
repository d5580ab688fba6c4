"""What AWS Backup takes care of: selections by name, by pattern and by tag."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.globs import is_like
from reviewer.terraform.value import UndecidedError, Unknown, any_holds
from reviewer.views.module_source import module_source
from reviewer.views.network.vpc import refers_to
from reviewer.views.provider import provider_name
from reviewer.views.region import REGION, region_in_force
from reviewer.views.storage.bucket import Bucket
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_COPY = re.compile(r"replica|copy|secondary|(?:^|[-_ ])dr(?:$|[-_ ])")
_MODULE_NAMES = ("backup",)
_DATABASE = "aws_db_instance"
_REPLICAS = {
    _DATABASE: "replicate_source_db",
    "aws_db_instance_automated_backups_replication": "source_db_instance_arn",
}


class BackupSelection(View):
    """An ``aws_backup_selection``, or a call of a module that makes one (``is_opaque``)."""

    is_opaque: bool = False

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every selection."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_backup_selection"):
                yield cls(instance, instance.address)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name.split("/")[1] in _MODULE_NAMES:
                    yield cls(call, call.address, is_opaque=True)

    def covers(self, target: Instance, service: str) -> bool:
        """Tell whether a resource is selected: by reference, by a pattern on ARNs of its service, or by tags.

        ``service`` is as in ARNs (``eks``). Raises :class:`UndecidedError` when the code does not tell.
        """
        if self.is_opaque:
            raise UndecidedError(f"what `{self.address}` backs up is not known from the code")
        if self._by_tags:
            return True
        undecided: str | None = None
        for each in self.instance.body.attr("resources").elements():
            data = each.data
            if isinstance(data, Unknown):
                if (data.reference or "").startswith(f"{target.address}."):
                    return True
                undecided = undecided or (None if data.reference else data.reason)
            elif isinstance(data, str) and (data == "*" or is_like(data, f"arn:*:{service}:*")):
                return True
        if undecided is not None:
            raise UndecidedError(undecided)
        return False

    @property
    def _by_tags(self) -> bool:
        body = self.instance.body
        return any(
            body.blocks(name).known or body.blocks(name).undecided for name in ("selection_tag", "condition")
        )


def is_selected(context: Context, target: Instance, service: str) -> bool:
    """Tell whether some selection of AWS Backup covers a resource; raises :class:`UndecidedError`."""
    return any_holds(BackupSelection.find(context), lambda selection: selection.covers(target, service))


class BackupCopy(View):
    """What makes backups that should leave the region: a backup plan, a bucket of backups, or a database."""

    bucket: Bucket | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every plan, every bucket whose name says that it keeps backups, and databases on demand."""
        kinds = {"aws_backup_plan", *({_DATABASE} if context.config.dr_required else ())}
        for module in context.root.walk():
            for instance in module.resources_of(*kinds):
                yield cls(instance, instance.address)
        for bucket in Bucket.find(context):
            if bucket.purpose(context) == "backups" and not _is_copy(bucket):
                yield cls(bucket.instance, bucket.address, bucket)

    def leaves(self, context: Context) -> bool:
        """Tell whether something is copied to another region; raises :class:`UndecidedError`."""
        if self.bucket is not None:
            if self.bucket.is_module:
                return not self.bucket.instance.body.attr("replication_configuration").is_null
            return bool(self.bucket.companions(context, "aws_s3_bucket_replication_configuration"))
        if self.instance.type == _DATABASE:
            return self._has_replica(context) or self._is_copied(context)
        return self._copies(self.instance, context)

    def _has_replica(self, context: Context) -> bool:
        """Tell whether a database is a replica, has one elsewhere, or its backups are replicated."""
        if not self.instance.body.attr("replicate_source_db").is_null:
            return True
        for module in context.root.walk():
            for each in module.resources_of(*_REPLICAS):
                if refers_to(each.body.attr(_REPLICAS[each.type]), self.instance):
                    here, there = region_in_force(self.instance), region_in_force(each)
                    if each.type != _DATABASE or _differ(there, here, provider_name(each) != "aws"):
                        return True
        return False

    def _is_copied(self, context: Context) -> bool:
        """Tell whether AWS Backup takes care of a database and copies somewhere else."""
        modules = context.root.walk()
        plans = [each for module in modules for each in module.resources_of("aws_backup_plan")]
        return is_selected(context, self.instance, "rds") and any(
            self._copies(each, context) for each in plans
        )

    def _copies(self, plan: Instance, context: Context) -> bool:
        targets = [
            copy.attr("destination_vault_arn")
            for rule in plan.body.blocks("rule").require()
            for copy in rule.blocks("copy_action").require()
        ]
        return any(self._is_elsewhere(each, context) for each in targets)

    def _is_elsewhere(self, vault: Value, context: Context) -> bool:
        here = region_in_force(self.instance)
        data = vault.data
        if isinstance(data, str):
            named = REGION.search(data)
            return named is not None and named[0] != here.require()
        reference = vault.reference
        for module in context.root.walk():
            for instance in module.resources_of("aws_backup_vault"):
                if (reference or "").startswith(f"{instance.address}."):
                    return _differ(region_in_force(instance), here, provider_name(instance) != "aws")
        vault.require()
        return False


def _is_copy(bucket: Bucket) -> bool:
    """Tell whether a bucket is where another one's objects are copied to."""
    name = bucket.name.data if isinstance(bucket.name.data, str) else ""
    return (
        provider_name(bucket.instance) != "aws" or _COPY.search(f"{bucket.instance.name} {name}") is not None
    )


def _differ(one: Value, other: Value, is_aliased: bool) -> bool:  # noqa: FBT001 - a fact about the first
    """Tell whether two regions differ; an alias whose region is unknown is there to be another."""
    if one.is_unknown or other.is_unknown or one.is_null or other.is_null:
        return is_aliased
    return one.data != other.data
