"""What a policy can look at: blocks as they are written, and views that are the same for every spelling."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.globs import is_like
from reviewer.own import document
from reviewer.own.document import Document
from reviewer.terraform.value import Value, string, tuple_of
from reviewer.views.cluster.addon import Addon
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.iam.iam_statement import IamStatement
from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.network.security_rule import SecurityRule
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.views.context import Context

Names = frozenset[str] | None
"""The arguments at the top that are wanted; None for all."""


class AnyBlock(View):
    """A resource, a data source or a module call, as it is written."""

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every one in the root module and the local modules it calls."""
        for module in context.root.walk():
            for instance in (*module.resources(), *module.calls()):
                yield cls(instance, instance.address)

    def is_any_of(self, patterns: tuple[str, ...]) -> bool:
        """Tell whether it is of one of the types: ``aws_*``, ``data.aws_ami`` or ``module``."""
        kind, name = self.instance.kind, self.instance.type
        label = name if kind in {"resource", "module"} else f"{kind}.{name}"
        return any(is_like(label, each) for each in patterns)


VIEWS: Mapping[str, type[View]] = MappingProxyType(
    {
        "cluster": Cluster,
        "node-group": NodeGroup,
        "addon": Addon,
        "security-rule": SecurityRule,
        "iam-statement": IamStatement,
        "kubernetes-object": KubernetesObject,
        "helm-release": HelmRelease,
    }
)
"""The views by the name that ``view`` in the metadata of a policy gives them."""


def view_of(on: tuple[str, ...]) -> type[View]:
    """Return the view that a policy looks at."""
    return VIEWS.get(on[0], AnyBlock)


def document_of(subject: View, names: Names) -> Document:  # noqa: PLR0911 - one answer for each view
    """Return what a policy sees of a subject."""
    match subject:
        case Cluster():
            return _of_facts(subject, "cluster_inputs", names)
        case NodeGroup():
            return _of_facts(subject, "node_group_inputs", names)
        case Addon():
            found = document.of_body(subject.body, names)
            found.add_argument("name", string(subject.name))
            return found
        case SecurityRule():
            return _of_fields(
                subject, ("direction", "protocol", "from_port", "to_port", "description"), cidrs=True
            )
        case IamStatement():
            lists = ("effect", "actions", "not_actions", "resources", "not_resources", "sid")
            return _of_statement(subject, lists)
        case HelmRelease():
            return _of_fields(subject, ("name", "chart", "repository", "version"))
        case KubernetesObject():
            found = document.of_body(subject.root.body, names)
            found.add_argument("kind", string(subject.kind))
            return found
    return document.of_body(subject.instance.body, names)


def _of_facts(subject: Cluster | NodeGroup, inputs: str, names: Names) -> Document:
    found = Document()
    for name in table(inputs)["facts"]:
        if names is None or name in names:
            found.add_argument(name, subject.fact(name).value)
    found.add_argument("source", string(subject.source))
    return found


def _of_fields(subject: View, names: tuple[str, ...], *, cidrs: bool = False) -> Document:
    found = Document()
    for name in names:
        found.add_argument(name, getattr(subject, name))
    if cidrs and isinstance(subject, SecurityRule):
        found.add_argument("cidrs", tuple_of(tuple(_flat(subject.cidrs))))
        found.add_argument("group", string(subject.group))
    return found


def _flat(collections: tuple[Value, ...]) -> Iterator[Value]:
    for each in collections:
        yield from (each,) if each.is_unknown else each.elements()


def _of_statement(subject: IamStatement, names: tuple[str, ...]) -> Document:
    found = _of_fields(subject, names)
    if subject.effect.is_null:
        found.values["effect"] = "Allow"  # what a block without it means
    parts = {"principals": ("kind", "identifiers"), "conditions": ("test", "variable", "values")}
    for name, fields in parts.items():
        entries = getattr(subject, name)
        if entries is None:
            found.unknown[name,] = f"the {name} of the statement are not known from the code"
            continue
        rows = [Value({each: getattr(entry, each) for each in fields}) for entry in entries]
        found.add_argument(name, tuple_of(tuple(rows)))
    return found
