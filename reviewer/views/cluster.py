"""An EKS cluster: the resource, five generations of the community module, and Cloud Posse's module, as one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.terraform.body import Body
from reviewer.terraform.value import NULL, Value, unknown
from reviewer.views.fact import Fact, from_data
from reviewer.views.module_source import module_source
from reviewer.views.view import View

if TYPE_CHECKING:
    from reviewer.checks.context import Context
    from reviewer.terraform.instance import Instance

MODULES: Mapping[str, str] = {
    "terraform-aws-modules/eks/aws": "module-eks",
    "cloudposse/eks-cluster/aws": "cloudposse",
}


@dataclass(frozen=True, slots=True, eq=False)
class Cluster(View):
    """``source`` is ``aws_eks_cluster``, ``module-eks`` or ``cloudposse``.

    ``majors`` are the major versions of the module that the call's constraint admits and its arguments fit; empty for the resource.
    """

    source: str
    majors: tuple[int, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every cluster; a module call with ``create = false`` makes none."""
        for module in context.root.walk():
            for instance in module.resources():
                if instance.kind == "resource" and instance.type == "aws_eks_cluster":
                    yield cls(instance, instance.address, "aws_eks_cluster")
            for call in module.calls():
                cluster = cls._of_call(call)
                if cluster is not None and call.body.attr("create").data is not False:
                    yield cluster

    @classmethod
    def _of_call(cls, call: Instance) -> Self | None:
        source = module_source(call)
        kind = MODULES.get(source.name) if source and not source.submodule else None
        if source is None or kind is None:
            return None
        inputs = table("cluster_inputs")
        majors = source.majors(inputs["oldest"][kind], inputs["newest"][kind])
        return cls(call, call.address, kind, _fitting(call.body, kind, majors))

    @property
    def body(self) -> Body:
        """Return the arguments of the resource or the call."""
        return self.instance.body

    @property
    def label(self) -> str:
        """Return the cluster's name when it is known, else its address."""
        name = self.fact("name").value.data
        return name if isinstance(name, str) else self.address

    @property
    def is_local(self) -> bool:
        """Tell whether it is a local cluster on AWS Outposts, which has rules of its own."""
        return self.body.has("outpost_config") or bool(self.body.blocks("outpost_config").known)

    def fact(self, name: str) -> Fact:
        """Return a fact of ``data/cluster_inputs.yaml``, whatever the source calls it.

        When the module's version is not known well enough to tell the default, the value is unknown.
        """
        rows = self._rows(name)
        arguments = dict.fromkeys(row["argument"] for row in rows if "argument" in row)
        for argument in arguments:
            body, last = self._holder(argument)
            if body is not None and (body.has(last) or _has_blocks(body, last)):
                value = body.attr(last) if body.has(last) else _blocks_value(body, last)
                if value.data is not None:
                    return Fact(argument, value, written=True, body=body, header=self.header)
        argument = next(reversed(arguments), name)
        holder = self._holder(argument)[0] or self.body
        return Fact(argument, self._default(name, rows, argument), written=False, body=holder, header=self.header)

    def _rows(self, name: str) -> list[Mapping[str, Any]]:
        rows = table("cluster_inputs")["facts"][name].get(self.source, [])
        if not self.majors:
            return list(rows)
        return [row for row in rows if any(row.get("from", 0) <= each <= row.get("until", 999) for each in self.majors)]

    def _holder(self, argument: str) -> tuple[Body | None, str]:
        """Return the block that holds an argument path, and the argument's own name."""
        block, _, name = argument.rpartition(".")
        return (self.body.blocks(block).first(), name) if block else (self.body, name)

    def _default(self, name: str, rows: list[Mapping[str, Any]], argument: str) -> Value:
        defaults = [row["default"] for row in rows if "default" in row]
        if len(defaults) != len(rows):
            return unknown(f"`{argument}` of `{self.address}` has no default that the code tells")
        if not defaults:
            return NULL
        if any(each != defaults[0] for each in defaults):
            return unknown(f"the default of `{name}` depends on the module's version, which `{self.address}` does not pin")
        return from_data(defaults[0])


def _fitting(body: Body, kind: str, majors: tuple[int, ...]) -> tuple[int, ...]:
    """Narrow several admitted majors: a constraint takes the newest, unless the arguments written are of an older one."""
    if len(majors) <= 1:
        return majors
    facts = table("cluster_inputs")["facts"]
    fits = tuple(major for major in majors if _written_arguments_fit(body, facts, kind, major))
    constrained = len(majors) < len(range(table("cluster_inputs")["oldest"][kind], table("cluster_inputs")["newest"][kind] + 1))
    if constrained:
        return (max(fits or majors),)
    return fits or majors


def _written_arguments_fit(body: Body, facts: Mapping[str, Any], kind: str, major: int) -> bool:
    for rows_by_source in facts.values():
        rows = rows_by_source.get(kind, [])
        names = {row["argument"] for row in rows if "argument" in row}
        valid = {
            row["argument"] for row in rows if "argument" in row and row.get("from", 0) <= major <= row.get("until", 999)
        }
        if any(body.has(name) for name in names - valid):
            return False
    return True


def _has_blocks(body: Body, name: str) -> bool:
    blocks = body.blocks(name)
    return bool(blocks.known) or blocks.undecided is not None


def _blocks_value(body: Body, name: str) -> Value:
    """Return nested blocks as a value: null for none, unknown when that is not certain."""
    blocks = body.blocks(name)
    if blocks.undecided is not None:
        return unknown(blocks.undecided)
    where = blocks.known[0].range if blocks.known else None
    return Value((), origins=(where,) if where else ())
