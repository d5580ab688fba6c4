"""Where IAM policies are written: policy documents, JSON arguments, and inputs of modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.body import Blocks, value_blocks
from reviewer.terraform.value import Unknown, Value, object_of, string, tuple_of
from reviewer.views.fact import is_true
from reviewer.views.module_source import module_source

if TYPE_CHECKING:
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance

DOCUMENT = "aws_iam_policy_document"


class Purpose(Enum):
    """What a policy is for."""

    PERMISSIONS = "permissions"
    TRUST = "trust"
    RESOURCE = "resource"
    GUARDRAIL = "guardrail"


_ARGUMENTS: Mapping[str, tuple[str, Purpose]] = {
    "aws_iam_policy": ("policy", Purpose.PERMISSIONS),
    "aws_iam_role_policy": ("policy", Purpose.PERMISSIONS),
    "aws_iam_user_policy": ("policy", Purpose.PERMISSIONS),
    "aws_iam_group_policy": ("policy", Purpose.PERMISSIONS),
    "aws_ssoadmin_permission_set_inline_policy": ("inline_policy", Purpose.PERMISSIONS),
    "aws_iam_role": ("assume_role_policy", Purpose.TRUST),
    "aws_organizations_policy": ("content", Purpose.GUARDRAIL),
    "aws_kms_key": ("policy", Purpose.RESOURCE),
    "aws_kms_key_policy": ("policy", Purpose.RESOURCE),
    "aws_s3_bucket_policy": ("policy", Purpose.RESOURCE),
    "aws_sqs_queue": ("policy", Purpose.RESOURCE),
    "aws_sqs_queue_policy": ("policy", Purpose.RESOURCE),
    "aws_sns_topic": ("policy", Purpose.RESOURCE),
    "aws_sns_topic_policy": ("policy", Purpose.RESOURCE),
    "aws_ecr_repository_policy": ("policy", Purpose.RESOURCE),
    "aws_secretsmanager_secret": ("policy", Purpose.RESOURCE),
    "aws_secretsmanager_secret_policy": ("policy", Purpose.RESOURCE),
}
_MODULE_STATEMENTS = (
    "iam_role_policy_statements",
    "iam_policy_statements",
    "policy_statements",
    "inline_policy_statements",
    "inline_policy_permissions",
)
_NODE_GROUPS = ("eks_managed_node_groups", "self_managed_node_groups", "fargate_profiles")


class PolicySource(Record, eq=False):
    """One policy: the ``statements`` of a document or of a module's input, or the JSON ``text``.

    ``attribute`` is the path of the argument. ``users`` are the resources that use a policy document, and
    ``purposes`` what for; a document that nobody in the code uses has none.
    """

    instance: Instance
    attribute: str
    text: Value | None = None
    statements: Blocks | None = None
    purposes: frozenset[Purpose] = frozenset()
    users: tuple[Instance, ...] = ()


@dataclass(slots=True)
class _Usage:
    """Who uses which policy document, by the document's address."""

    users: dict[str, list[Instance]] = field(default_factory=dict)
    purposes: dict[str, set[Purpose]] = field(default_factory=dict)

    def add(self, text: Value, instance: Instance, purpose: Purpose) -> None:
        """Record the documents that a JSON argument refers to."""
        for address in documents_of(text):
            self.users.setdefault(address, []).append(instance)
            self.purposes.setdefault(address, set()).add(purpose)


def documents_of(text: Value) -> tuple[str, ...]:
    """Return the addresses of the policy documents whose JSON a value may be; () when it is anything else."""
    data = text.data
    if not isinstance(data, Unknown):
        return ()
    if data.alternatives:
        found = [documents_of(each) for each in data.alternatives]
        return tuple(address for each in found for address in each) if all(found) else ()
    reference = data.reference or ""
    if f"data.{DOCUMENT}." not in reference:
        return ()
    return (reference.removesuffix(".json").removesuffix(".minified_json"),)


def policy_sources(root: ModuleInstance) -> Iterator[PolicySource]:
    """Yield every policy under a root module; JSON from a policy document is yielded as that document."""
    sources: list[PolicySource] = []
    usage = _Usage()
    for module in root.walk():
        for instance in (*module.resources(), *module.calls()):
            for source in _sources(instance):
                if source.text is not None:
                    for purpose in source.purposes:
                        usage.add(source.text, instance, purpose)
                sources.append(source)
    for source in sources:
        if source.text is not None and documents_of(source.text):
            continue
        yield source if source.instance.type != DOCUMENT else _with_usage(source, usage)


def _with_usage(source: PolicySource, usage: _Usage) -> PolicySource:
    address = source.instance.address
    users, purposes = usage.users.get(address, ()), usage.purposes.get(address, ())
    return PolicySource(
        source.instance, source.attribute, source.text, source.statements, frozenset(purposes), tuple(users)
    )


def _sources(instance: Instance) -> Iterator[PolicySource]:
    match instance.kind:
        case "data" if instance.type == DOCUMENT:
            yield from _of_document(instance)
        case "resource" if instance.type in _ARGUMENTS:
            argument, purpose = _ARGUMENTS[instance.type]
            if instance.body.has(argument):
                yield PolicySource(
                    instance, argument, instance.body.attr(argument), purposes=frozenset({purpose})
                )
            yield from _inline(instance)
        case "module":
            yield from _of_call(instance)


def _of_document(document: Instance) -> Iterator[PolicySource]:
    yield PolicySource(document, "statement", statements=document.body.blocks("statement"))
    for argument in ("source_policy_documents", "override_policy_documents"):
        texts = document.body.attr(argument)
        if not texts.is_unknown:
            for text in texts.elements():
                yield PolicySource(document, argument, text)


def _inline(role: Instance) -> Iterator[PolicySource]:
    """Yield the policies written inside a role."""
    if role.type != "aws_iam_role":
        return
    permissions = frozenset({Purpose.PERMISSIONS})
    for body in role.body.blocks("inline_policy"):
        if body.has("policy"):
            yield PolicySource(role, "inline_policy.policy", body.attr("policy"), purposes=permissions)


def _of_call(call: Instance) -> Iterator[PolicySource]:
    """Yield the statements given to public modules. What local modules get is read inside them."""
    source = module_source(call)
    if source is None:
        return
    permissions = frozenset({Purpose.PERMISSIONS})
    yield from _wide_inputs(call, f"{source.name}//{source.submodule}".rstrip("/"))
    yield from _service_accounts(call)
    if source.name == "terraform-aws-modules/iam/aws" and source.submodule.endswith("iam-policy"):
        yield PolicySource(call, "policy", call.body.attr("policy"), purposes=permissions)
    for argument in _MODULE_STATEMENTS:
        if call.body.has(argument):
            statements = _blocks(call.body.attr(argument))
            yield PolicySource(call, argument, statements=statements, purposes=permissions)
    for name in _NODE_GROUPS:
        groups = call.body.attr(name).data
        for key, group in groups.items() if isinstance(groups, Mapping) else ():
            if isinstance(group.data, Mapping) and "iam_role_policy_statements" in group.data:
                statements = _blocks(group.data["iam_role_policy_statements"])
                attribute = f"{name}.{key}.iam_role_policy_statements"
                yield PolicySource(call, attribute, statements=statements, purposes=permissions)


def _blocks(value: Value) -> Blocks:
    """Read a list of statements, or a map of them by name."""
    data = value.data
    if isinstance(data, Mapping) and not {"actions", "not_actions", "effect"} & set(data):
        bodies = [value_blocks(each) for each in data.values()]
        undecided = next((each.undecided for each in bodies if each.undecided), None)
        return Blocks(tuple(body for each in bodies for body in each.known), undecided)
    return value_blocks(value)


def _wide_inputs(call: Instance, name: str) -> Iterator[PolicySource]:
    """Yield what a module allows by inputs for ARNs, those that mean everything when left out included."""
    for row in table("iam_actions")["wide_inputs"]:
        if row["module"] != name or not is_true(call.body.attr(row["switch"]).data):
            continue
        written = [each for each in row["arguments"] if call.body.has(each)]
        for argument in written or row["arguments"][:1]:
            resources = call.body.attr(argument) if written else string(row["default"])
            statement = object_of({"actions": string(row["action"]), "resources": resources})
            purposes = frozenset({Purpose.PERMISSIONS})
            yield PolicySource(call, argument, statements=value_blocks(statement), purposes=purposes)


def _service_accounts(call: Instance) -> Iterator[PolicySource]:
    """Yield the trust of the roles for service accounts that the IAM module makes."""
    providers = call.body.attr("oidc_providers").data
    names = ("trust_condition_test", "assume_role_condition_test")
    test = next((call.body.attr(each) for each in names if call.body.has(each)), string("StringEquals"))
    for key, provider in providers.items() if isinstance(providers, Mapping) else ():
        if not isinstance(provider.data, Mapping) or "namespace_service_accounts" not in provider.data:
            continue
        accounts = provider.data["namespace_service_accounts"]
        subjects = accounts if accounts.is_unknown else tuple_of(tuple(map(_subject, accounts.elements())))
        principal = {"type": string("Federated"), "identifiers": string("oidc.eks")}
        condition = {"test": test, "variable": string("oidc.eks:sub"), "values": subjects}
        statement = object_of(
            {
                "actions": string("sts:AssumeRoleWithWebIdentity"),
                "principals": object_of(principal),
                "condition": object_of(condition),
            }
        )
        attribute = f"oidc_providers.{key}.namespace_service_accounts"
        purposes = frozenset({Purpose.TRUST})
        yield PolicySource(call, attribute, statements=value_blocks(statement), purposes=purposes)


def _subject(account: Value) -> Value:
    if not isinstance(account.data, str):
        return account
    return string(f"system:serviceaccount:{account.data}", *account.origins)
