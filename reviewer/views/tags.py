"""Tags: what a resource carries, its own and those that its provider adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Self

from reviewer.config.rule_kinds import plain_key
from reviewer.terraform.value import UndecidedError, Value
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.module_source import module_source
from reviewer.views.network.vpc import refers_to
from reviewer.views.provider import provider_of
from reviewer.views.view import View

if TYPE_CHECKING:
    from reviewer.terraform.body import BlockBody, Body
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context

RESOURCES = (
    "aws_eks_cluster",
    "aws_eks_node_group",
    "aws_instance",
    "aws_ebs_volume",
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_elasticache_replication_group",
    "aws_efs_file_system",
    "aws_s3_bucket",
    "aws_nat_gateway",
    "aws_lb",
    "aws_msk_cluster",
    "aws_opensearch_domain",
)
"""Resources that cost enough for their owner to matter."""

MODULES = {"terraform-aws-modules/eks/aws": "module:eks", "terraform-aws-modules/vpc/aws": "module:vpc"}


class Tagged(View):
    """A resource or module call whose cost should be allocated."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every such resource and call."""
        for module in context.root.walk():
            for instance in module.resources_of(*RESOURCES):
                yield cls(instance, instance.address)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name in MODULES and not source.submodule:
                    yield cls(call, call.address)

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the provider's default tags changed; else it is touched as its block is."""
        try:
            defaults = self.inherited()
        except UndecidedError:
            return None
        return True if defaults is not None and changed.supply(defaults) else None

    @property
    def own(self) -> Value:
        """Return the ``tags`` argument, null when it is not written."""
        return self.instance.body.attr("tags")

    @property
    def provider(self) -> BlockBody | None:
        """Return the provider that makes the resource; None when its configuration is not in the code."""
        return provider_of(self.instance)

    def inherited(self) -> Value | None:
        """Return the provider's default tags; None when it has no such block."""
        block = self._defaults()
        return block.attr("tags") if block is not None else None

    @property
    def defaults_at(self) -> Range | None:
        """Return where the provider's default tags are written; None when it has no such block."""
        block = self._defaults()
        return block.range if block is not None else None

    def _defaults(self) -> Body | None:
        provider = self.provider
        return provider.blocks("default_tags").first() if provider is not None else None

    def key_of(self, spellings: frozenset[str]) -> str | None:
        """Return the key that is one of ``spellings``, plainly written; None when no tag has such a key.

        Raises :class:`UndecidedError` when the tags are not all known.
        """
        undecided: UndecidedError | None = None
        for source in (self.own, self.inherited()):
            try:
                key = None if source is None else _key_in(source, spellings)
            except UndecidedError as error:
                undecided = undecided or error
                continue
            if key is not None:
                return key
        if undecided is not None:
            raise undecided
        return None


def keys(tags: Value) -> tuple[str, ...]:
    """Return the keys of a map of tags, none when it is not a known map."""
    return tuple(tags.data) if isinstance(tags.data, Mapping) else ()


def usual_spellings(module: ModuleInstance) -> Mapping[str, str]:
    """Return the spelling of each key that most tags of a module have, by the key without case.

    When two are as frequent, the one that is written first.
    """
    counts: Counter[str] = Counter()
    for instance in (*module.resources(), *module.calls()):
        if instance.kind != "data":
            counts.update(keys(instance.body.attr("tags")))
    usual: dict[str, str] = {}
    for name, _ in counts.most_common():
        usual.setdefault(name.casefold(), name)
    return usual


def _key_in(tags: Value, spellings: frozenset[str]) -> str | None:
    if tags.test(lambda data: _first(data, spellings) is None):
        return None
    return _first(tags.data, spellings) or next(iter(spellings))


def _first(data: object, spellings: frozenset[str]) -> str | None:
    names = data if isinstance(data, Mapping) else ()
    return next((name for name in names if spellings.intersection(_plain_keys(name))), None)


def _plain_keys(name: str) -> tuple[str, str]:
    """Return a key, and it without the name of the organisation before a colon: ``acme:cost-center``."""
    return plain_key(name), plain_key(name.rpartition(":")[2])


TAG_MAPS = ("tags", "common_tags", "default_tags")
"""Names that modules give their map of tags."""


def tag_map(module: ModuleInstance, required: Iterable[frozenset[str]] = ()) -> str | None:
    """Return the reference to a module's own map of tags, when it has all that is required."""
    declared = module.declarations
    for kind, names, value in (
        ("local", declared.locals, module.local),
        ("var", declared.variables, module.variable),
    ):
        for name in TAG_MAPS:
            data = value(name).data if name in names else None
            if isinstance(data, Mapping) and all(_first(data, spellings) for spellings in required):
                return f"{kind}.{name}"
    return None


class NodeTags(View):
    """What gives nodes their tags: a launch template, an Auto Scaling group, or a bare node group."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the templates that node groups use, Auto Scaling groups, and groups without a template."""
        groups = [each for each in NodeGroup.find(context) if each.source in _RAW_GROUPS]
        templates = [each.instance.body.blocks("launch_template") for each in groups]
        used = [block.attr(name) for blocks in templates for block in blocks for name in ("id", "name")]
        for module in context.root.walk():
            for instance in module.resources_of("aws_launch_template"):
                if any(refers_to(value, instance) for value in used):
                    yield cls(instance, instance.address)
        for group, blocks in zip(groups, templates, strict=True):
            bare = not blocks.known and blocks.undecided is None
            if group.source == "aws_autoscaling_group" or bare:
                yield cls(group.instance, group.address)


_RAW_GROUPS = frozenset({"aws_eks_node_group", "aws_autoscaling_group"})
