"""Network policies and the namespaces they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from reviewer.terraform.body import ValueBody
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import UndecidedError, Unknown, string
from reviewer.views.component.component import require_no_other_owner
from reviewer.views.kubernetes.kubernetes_object import (
    KubernetesObject,
    kubernetes_objects,
    require_known_kinds,
)
from reviewer.views.kubernetes.repository_object import RepositoryObject
from reviewer.views.repository_files import YAML_SUFFIXES
from reviewer.views.text import UNNAMED, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import Part

INGRESS, EGRESS = "Ingress", "Egress"

_BASELINES = (
    "GlobalNetworkPolicy",
    "CiliumClusterwideNetworkPolicy",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "ClusterNetworkPolicy",
)
"""Kinds that hold for all namespaces."""


class NetworkPolicy(KubernetesObject):
    """A NetworkPolicy of Kubernetes."""

    KINDS: ClassVar[frozenset[str] | None] = frozenset({"NetworkPolicy"})

    @property
    def selects_all(self) -> bool:
        """Tell whether it selects every pod of its namespace; raises :class:`UndecidedError`."""
        selector = self.root.part("spec", "pod_selector")
        return selector is not None and is_empty_selector(selector)

    def isolates(self, direction: str) -> bool:
        """Tell whether it restricts a direction, ``Ingress`` or ``Egress``, of the pods it selects."""
        types = self.root.at("spec", "policy_types")
        if types.is_null:
            return direction == INGRESS or bool(self.rules(EGRESS))
        return direction in types.strings()

    def rules(self, direction: str) -> tuple[Part, ...]:
        """Return the rules of a direction; raises :class:`UndecidedError` when not all are known."""
        return self.root.parts_of("spec", direction.lower())

    def types(self) -> Value:
        """Return ``policy_types``."""
        return self.root.at("spec", "policy_types")

    def denies(self, direction: str) -> bool:
        """Tell whether it closes a direction for all pods of its namespace."""
        return self.selects_all and self.isolates(direction) and not self.rules(direction)


class Namespace(RepositoryObject):
    """A Namespace, of Terraform or in a YAML file."""

    WANTED: ClassVar[tuple[str, ...]] = ("Namespace",)


def is_empty_selector(selector: Part) -> bool:
    """Tell whether a selector matches everything."""
    labels = selector.attr("match_labels")
    return labels.test(lambda data: not data) and not selector.parts("match_expressions")


def policies_in(context: Context, namespace: Value, of: KubernetesObject) -> tuple[NetworkPolicy, ...]:
    """Return the policies of a namespace, of Terraform and of YAML files.

    ``of`` is the object that the value belongs to. Raises :class:`UndecidedError` when some policy may be
    one of them.
    """
    found: list[NetworkPolicy] = []
    undecided: str | None = None
    for each in policies(context):
        answer = _is_in(each, namespace, of)
        if answer is None:
            undecided = undecided or f"the namespace of `{each.address}` is not known from the code"
        elif answer:
            found.append(each)
    if undecided is not None and not found:
        raise UndecidedError(undecided)
    return tuple(found)


def policies(context: Context) -> tuple[NetworkPolicy, ...]:
    """Return every policy of the root module and of YAML files."""
    found = kubernetes_objects(context, "NetworkPolicy")
    return tuple(NetworkPolicy(each.instance, each.address, each.kind, each.root) for each in found)


def namespace_of(policy: KubernetesObject) -> Value:
    """Return the namespace of an object: ``default`` where Terraform writes none."""
    value = policy.root.at("metadata", "namespace")
    return string("default") if value.is_null else value


def _is_in(policy: NetworkPolicy, namespace: Value, of: KubernetesObject) -> bool | None:
    """Tell whether a policy is in a namespace; None when that cannot be known."""
    written = policy.root.at("metadata", "namespace")
    if written.is_null and policy.instance.kind == "file":
        return None  # whoever applies the file says where
    own = namespace_of(policy)
    if isinstance(own.data, Unknown) and (own.data.reference or "").startswith(f"{of.address}."):
        return True
    if not own.is_unknown and not namespace.is_unknown:
        return bool(own.data == namespace.data)
    same = shape(own) == shape(namespace) and UNNAMED not in shape(own)
    return True if same else None


def refuse_unless_all_seen(context: Context) -> None:
    """Raise :class:`UndecidedError` when policies may be written where they are not read."""
    require_known_kinds(context)
    walked = {module.folder for module in context.root.walk()}
    for path in context.tree.containing(("kubernetes_network_policy",), CONFIGURATION_SUFFIXES):
        if path.rpartition("/")[0] not in walked:
            raise UndecidedError(f"`{path}` makes network policies, perhaps for this namespace")
    read = {each.instance.address for each in policies(context)}
    for path in context.tree.containing(("kind: NetworkPolicy", "kind: CiliumNetworkPolicy"), YAML_SUFFIXES):
        if path not in read:
            raise UndecidedError(f"`{path}` holds network policies that cannot be read")
    require_no_other_owner(context)


def baseline(context: Context) -> str | None:
    """Return the address of what restricts all namespaces at once; None when nothing does."""
    for each in kubernetes_objects(context, *_BASELINES):
        return each.address
    for each in kubernetes_objects(context, "ClusterPolicy", "NamespaceConfig"):
        if "NetworkPolicy" in _strings(each.root):
            return each.address
    for each in kubernetes_objects(context, "NodeClass"):
        if each.root.at("spec", "network_policy").data == "DefaultDeny":
            return each.address
    return None


def _strings(part: Part) -> Iterator[object]:
    if isinstance(part.body, ValueBody):
        yield from (each.data for each in part.body.value.walk() if isinstance(each.data, str))
