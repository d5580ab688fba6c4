"""Who becomes administrator of a cluster: through access entries, or the aws-auth ConfigMap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import TYPE_CHECKING, Self

from reviewer.terraform.body import Body, ValueBody
from reviewer.terraform.value import Unknown, Value, string
from reviewer.views.fact import is_true
from reviewer.views.module_source import EKS_MODULE, module_source
from reviewer.views.text import end_of, equal_to, shown
from reviewer.views.view import View
from reviewer.views.yaml_documents import NotYamlError, of_string

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.views.context import Context

ACCESS, LEGACY, CREATOR = "an access entry", "the aws-auth ConfigMap", "the creator's own access"
_MASTERS = "system:masters"
_ADMIN_POLICY = re.compile(r".*:?cluster-access-policy/AmazonEKSClusterAdminPolicy")
_MAPS = ("aws_auth_roles", "aws_auth_users", "map_roles", "map_users")
_CONFIG_MAPS = ("kubernetes_config_map", "kubernetes_config_map_v1", "kubernetes_config_map_v1_data")


_RESOURCES = ("aws_eks_access_policy_association", "aws_eks_access_entry", *_CONFIG_MAPS)


class AdminGrant(View):
    """One principal with one policy or its groups. ``scope`` is ``cluster`` or ``namespace``.

    ``mechanism`` says how. ``policies`` are ARNs of access policies, ``groups`` those of Kubernetes: single
    values or lists.
    """

    mechanism: str
    principal: Value
    policies: Value
    groups: Value
    scope: Value
    attribute: str

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every grant, of whatever rights."""
        for module in context.root.walk():
            for instance in module.resources_of(*_RESOURCES):
                yield from cls._of_resource(instance)
            for call in module.calls():
                source = module_source(call)
                if source is not None and source.name == EKS_MODULE:
                    yield from cls._of_call(call)

    @classmethod
    def _of_resource(cls, instance: Instance) -> Iterator[Self]:
        body = instance.body
        if instance.type == "aws_eks_access_policy_association":
            scope = body.blocks("access_scope").first() if not body.blocks("access_scope").undecided else None
            yield cls._association(instance, body.attr("principal_arn"), body, scope, "policy_arn")
        elif instance.type == "aws_eks_access_entry":
            groups = body.attr("kubernetes_groups")
            principal = body.attr("principal_arn")
            yield cls(
                instance,
                instance.address,
                ACCESS,
                principal,
                Value(None),
                groups,
                string("cluster"),
                "kubernetes_groups",
            )
        elif _is_aws_auth(body):
            data = body.attr("data")
            for key in ("mapRoles", "mapUsers"):
                value = data.data.get(key, Value(None)) if isinstance(data.data, Mapping) else Value(None)
                yield from cls._of_map(instance, _decoded(value), f"data.{key}")

    @classmethod
    def _of_call(cls, call: Instance) -> Iterator[Self]:
        for argument in _MAPS:
            yield from cls._of_map(call, call.body.attr(argument), argument)
        entries = call.body.attr("access_entries").data
        for key, entry in entries.items() if isinstance(entries, Mapping) else ():
            body, path = ValueBody(entry), f"access_entries.{key}"
            principal = body.attr("principal_arn")
            groups = body.attr("kubernetes_groups")
            if not groups.is_null:
                path_of_groups = f"{path}.kubernetes_groups"
                yield cls(
                    call,
                    call.address,
                    ACCESS,
                    principal,
                    Value(None),
                    groups,
                    string("cluster"),
                    path_of_groups,
                )
            associations = body.attr("policy_associations").data
            for name, association in associations.items() if isinstance(associations, Mapping) else ():
                inner = ValueBody(association)
                scope = inner.blocks("access_scope").known
                attribute = f"{path}.policy_associations.{name}"
                yield cls._association(call, principal, inner, scope[0] if scope else None, attribute)
        creator = call.body.attr("enable_cluster_creator_admin_permissions")
        if is_true(creator.data):
            policies = string("cluster-access-policy/AmazonEKSClusterAdminPolicy", *creator.origins)
            none = Value(None)
            yield cls(call, call.address, CREATOR, none, policies, none, string("cluster"), "creator")

    @classmethod
    def _association(
        cls, instance: Instance, principal: Value, body: Body, scope: Body | None, attribute: str
    ) -> Self:
        kind = (
            scope.attr("type")
            if scope is not None
            else Value(Unknown("the scope of the access is not known"))
        )
        policy, none = body.attr("policy_arn"), Value(None)
        return cls(instance, instance.address, ACCESS, principal, policy, none, kind, attribute)

    @classmethod
    def _of_map(cls, instance: Instance, entries: Value, attribute: str) -> Iterator[Self]:
        if isinstance(entries.data, Unknown):
            yield cls(
                instance,
                instance.address,
                LEGACY,
                entries,
                Value(None),
                entries,
                string("cluster"),
                attribute,
            )
            return
        for entry in entries.elements():
            body = ValueBody(entry)
            principal = next(
                (body.attr(each) for each in ("rolearn", "userarn") if body.has(each)), Value(None)
            )
            groups = body.attr("groups")
            yield cls(
                instance,
                instance.address,
                LEGACY,
                principal,
                Value(None),
                groups,
                string("cluster"),
                attribute,
            )

    def admin(self) -> Value | None:
        """Return the policy or group that makes the principal administrator of the cluster, if any."""
        group = self.groups.find(equal_to(_MASTERS))
        if group is not None:
            return group
        policy = _admin_policy(self.policies)
        return policy if policy is not None and self.scope.test(equal_to("cluster")) else None

    @property
    def who(self) -> str:
        """Return the principal for people: its ARN, or the reference to it."""
        return shown(self.principal) or "somebody"


def _admin_policy(policy: Value) -> Value | None:
    if isinstance(policy.data, Unknown) and policy.data.parts:
        return policy if _ADMIN_POLICY.fullmatch(end_of(policy) or "") else None
    return policy.find(lambda each: _ADMIN_POLICY.fullmatch(str(each)) is not None)


def _is_aws_auth(body: Body) -> bool:
    metadata = body.blocks("metadata").known
    return bool(metadata) and metadata[0].attr("name").data == "aws-auth"


def _decoded(text: Value) -> Value:
    """Return what the YAML of a mapping says; unknown when it cannot be read."""
    if isinstance(text.data, Unknown):
        return text.data.document or text
    if not isinstance(text.data, str):
        return Value(None)
    content = dedent(text.data)
    wrapped = f"entries: {content}" if content.lstrip().startswith("[") else f"entries:\n{content}"
    try:
        return ValueBody(next(iter(of_string(Value(wrapped, text.type, text.origins))))).attr("entries")
    except NotYamlError:
        return Value(Unknown("the mapping in the aws-auth ConfigMap cannot be read"), origins=text.origins)
