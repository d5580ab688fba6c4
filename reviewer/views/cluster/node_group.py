"""A group of nodes, however it is declared: managed, self-managed or a tagged Auto Scaling group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from reviewer.data import table
from reviewer.terraform.body import BlockBody, Blocks, Body, ValueBody, elements_with_keys
from reviewer.terraform.value import UndecidedError, Unknown, Value, tuple_of, unknown
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.fact import is_false, is_true
from reviewer.views.inputs import Inputs, holds, majors_of
from reviewer.views.module_source import module_source
from reviewer.views.text import starts_with
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context
    from reviewer.views.fact import Fact

_SUBMODULES: Mapping[tuple[str, str], str] = {
    ("terraform-aws-modules/eks/aws", "modules/eks-managed-node-group"): "submodule-eks-managed",
    ("terraform-aws-modules/eks/aws", "modules/self-managed-node-group"): "submodule-eks-self-managed",
    ("cloudposse/eks-node-group/aws", ""): "cloudposse",
}
_CLUSTER_NAME = re.compile(r'(?:"\$\{)?(aws_eks_cluster\.[\w-]+(?:\[[^\]]*\])?)\.(?:name|id)(?:\}")?')
_CLUSTER_TAGS = ("kubernetes.io/cluster/", "k8s.io/cluster/", "k8s.io/cluster-autoscaler/")


class NodeGroup(View):
    """``source`` is a key of ``data/node_group_inputs.yaml``.

    ``bodies`` hold the arguments: the group's own, then the defaults that the module applies to all groups.
    ``name`` is the key in the module's map, the label of the block otherwise. ``cluster`` is the module
    call that makes the cluster, too.
    """

    source: str
    bodies: tuple[Body, ...]
    name: str
    majors: tuple[int, ...] = ()
    cluster: Cluster | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every group. What a map may hold besides is one subject of which nothing is known."""
        for module in context.root.walk():
            for instance in module.resources_of("aws_eks_node_group", "aws_autoscaling_group"):
                if _is_group(instance):
                    yield cls(instance, instance.address, instance.type, (instance.body,), instance.name)
            for call in module.calls():
                yield from cls._of_call(call)

    @classmethod
    def _of_call(cls, call: Instance) -> Iterator[Self]:
        cluster = Cluster.of_call(call)
        if cluster is not None and cluster.source == "module-eks" and cluster.is_created:
            yield from cls._of_cluster(cluster)
        source = module_source(call)
        kind = _SUBMODULES.get((source.name, source.submodule)) if source else None
        if source is not None and kind is not None:
            majors = majors_of(source, call.body, table("node_group_inputs"), kind)
            group = cls(call, call.address, kind, (call.body,), call.name, majors)
            if not is_false(group.fact("create").value.data):
                yield group

    @classmethod
    def _of_cluster(cls, cluster: Cluster) -> Iterator[Self]:
        for row in table("node_group_inputs")["groups"]:
            groups = cluster.body.attr(row["argument"])
            if groups.is_null or (cluster.majors and not any(holds(row, each) for each in cluster.majors)):
                continue
            defaults = cluster.body.attr(row["defaults"])
            for suffix, name, value in _entries(groups, row["argument"]):
                bodies = (ValueBody(value),) if defaults.is_null else (ValueBody(value), ValueBody(defaults))
                address = f"{cluster.address}.{row['argument']}{suffix}"
                group = cls(cluster.instance, address, row["source"], bodies, name, cluster.majors, cluster)
                if not is_false(group.fact("create").value.data):
                    yield group

    @property
    def header(self) -> Range:
        """Return the first line of the group's own arguments."""
        return self.bodies[0].range or self.instance.range

    @property
    def extent(self) -> Range:
        """Return all that is written for the group: a module's entry, else its block."""
        entry = self.bodies[0].range if self.cluster is not None else None
        return entry or self.instance.block.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of a module's entry changed; others are touched as their block is."""
        if self.cluster is None:
            return None
        return any(changed.supply(body.value) for body in self.bodies if isinstance(body, ValueBody))

    @property
    def label(self) -> str:
        """Return the name that the code gives the group, or the prefix of it; else its address."""
        name = self.fact("name").value.data
        if isinstance(name, str) and name:
            return name.removesuffix("-")
        return self.address if self.name == "this" else self.name

    @property
    def is_managed(self) -> bool:
        """Tell whether EKS manages the group."""
        return self.source in {
            "aws_eks_node_group",
            "cloudposse",
            "module-eks-managed",
            "submodule-eks-managed",
        }

    def fact(self, name: str) -> Fact:
        """Return a fact of ``data/node_group_inputs.yaml``, whatever the source calls it."""
        facts = table("node_group_inputs")["facts"]
        return Inputs(facts, self.source, self.majors, self.bodies, self.header, self.address).fact(name)

    @property
    def types(self) -> Fact:
        """Return the instance types; those of a mixed group stand for its single type."""
        overrides = self.fact("override_types")
        if overrides.written:
            return overrides
        try:
            types = [each.attr("instance_type") for each in self.overrides().known]
        except UndecidedError:
            types = []
        if not types or any(each.is_null for each in types):
            return self.fact("instance_types")
        return replace(self.fact("mixed_instances"), value=tuple_of(tuple(types), *types[0].origins))

    def mixed_policy(self) -> Body | None:
        """Return the policy that mixes instance types; the module heeds it only when it is told to."""
        if self.is_managed or is_false(self.fact("uses_mixed_instances").value.data):
            return None
        fact = self.fact("mixed_instances")
        return fact.body.blocks(fact.name).first()

    def overrides(self) -> Blocks:
        """Return what a mixed group may use instead of the type of its template."""
        policy = self.mixed_policy()
        if policy is None:
            return Blocks()
        template = policy.blocks("launch_template").first()
        # The resource has its overrides in the template, the module beside it.
        places = (policy,) if template is None else (policy, template)
        found = [place.blocks("override") for place in places]
        known = tuple(each for blocks in found for each in blocks.known)
        return Blocks(known, next((each.undecided for each in found if each.undecided), None))

    def taints(self) -> tuple[Body, ...]:
        """Return the taints: objects with ``key``, ``value`` and ``effect``."""
        fact = self.fact("taints")
        if isinstance(fact.body, BlockBody) and not fact.body.has(fact.name):
            return fact.body.blocks(fact.name).require()
        return tuple(ValueBody(each) for each in fact.value.elements())

    def is_for_system(self) -> bool:
        """Tell whether labels or taints keep the group for add-ons that must run before any autoscaler."""
        keys = set(table("node_group_inputs")["system_keys"])
        labels = self.fact("labels").value.require()
        if isinstance(labels, Mapping) and keys & set(labels):
            return True
        return any(taint.attr("key").test(lambda key: key in keys) for taint in self.taints())

    def is_named_for_system(self) -> bool:
        """Tell whether a word of its name says that it is for add-ons, which proves little by itself."""
        words = set(re.split(r"[^a-z]+", f"{self.name} {self.label}".lower()))
        return not words.isdisjoint(table("node_group_inputs")["system_words"])

    def is_accelerated(self) -> bool:
        """Tell whether the group has accelerators or reserved capacity, whose number is given."""
        known = table("node_group_inputs")
        images, families = tuple(known["accelerated_amis"]), tuple(known["accelerated_families"])
        image = self.fact("ami_type")
        if image.written and image.value.test(lambda kind: str(kind).endswith(images)):
            return True
        if is_true(self.fact("efa").value.data) or self.fact("capacity_reservation").value.data:
            return True
        return self.fact("instance_types").value.find(lambda kind: str(kind).startswith(families)) is not None


def _is_group(instance: Instance) -> bool:
    """Tell whether a resource is a node group, or an Auto Scaling group tied to a cluster by its tags."""
    if instance.type != "aws_autoscaling_group":
        return instance.type == "aws_eks_node_group"
    tags = instance.body.blocks("tag").known
    return any(starts_with(tag.attr("key"), prefix) for tag in tags for prefix in _CLUSTER_TAGS)


def _entries(groups: Value, argument: str) -> Iterator[tuple[str, str, Value]]:
    """Yield the index as in an address, the name, and the arguments of each group."""
    if isinstance(groups.data, Unknown):
        for name, value in _certain(groups.data):
            yield f'["{name}"]', name, value
        # What a condition adds is not one group with the attributes that all of them have.
        yield "", argument, unknown(groups.data.reason, origins=groups.origins)
        return
    for key, value in elements_with_keys(groups):
        index = str(key.data) if isinstance(key.data, int) else f'"{key.data}"'
        yield f"[{index}]", str(key.data), value


def _certain(groups: Unknown) -> Iterator[tuple[str, Value]]:
    """Yield the groups that there are whatever a condition turns out to be."""
    maps = [each.data for each in groups.alternatives if isinstance(each.data, Mapping)]
    if not maps or len(maps) < len(groups.alternatives):
        return
    for name, value in maps[0].items():
        if all(other.get(name) is value for other in maps[1:]):
            yield name, value


def cluster_reference(group: NodeGroup) -> str | None:
    """Return ``aws_eks_cluster.name`` when a resource takes its ``cluster_name`` from there; else None."""
    if group.source != "aws_eks_node_group":
        return None
    attribute = group.instance.block.attributes.get("cluster_name")
    match = _CLUSTER_NAME.fullmatch(attribute.expression.text) if attribute is not None else None
    return match[1] if match is not None else None
