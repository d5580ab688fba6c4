"""Evidence of a component in Terraform code: releases, add-ons, switches of modules, manifests, resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import Unknown, Value
from reviewer.views.cluster.addon import Addon, maps_of_call
from reviewer.views.component.evidence import Evidence
from reviewer.views.component.setting import has_setting
from reviewer.views.fact import is_true
from reviewer.views.inputs import has_blocks
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.module_source import module_source
from reviewer.views.provider import aws_providers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.views.component.signature import Signature

_EXACT = frozenset({"helm_release", "aws_eks_addon"})
_INSTALLERS = ("terraform-aws-modules/eks/", "aws-ia/")
"""What installs things itself, by arguments that are looked at: what else it names is switched off."""

_COMMANDS = frozenset({"null_resource", "terraform_data", "local_exec"})


def in_module(module: ModuleInstance, wanted: Signature) -> Iterator[Evidence]:
    """Yield the evidence in one module, without those that it calls."""
    for instance in module.resources():
        for each in _of_resource(instance, wanted):
            yield _doubted(instance, each)
    for call in module.calls():
        for each in _of_call(call, wanted):
            yield _doubted(call, each)
    for provider, body in aws_providers(module) if wanted.providers else ():
        if any(has_blocks(body, each) for each in wanted.providers):
            yield Evidence(f"provider.{provider}", body.range)


def _doubted(instance: Instance, evidence: Evidence) -> Evidence:
    if not instance.is_template or not evidence.is_certain:
        return evidence
    return Evidence(
        f"whether `{instance.address}` exists is not known from the code", evidence.at, is_certain=False
    )


def _of_resource(instance: Instance, wanted: Signature) -> Iterator[Evidence]:
    match instance.type:
        case "helm_release" if instance.kind == "resource":
            yield from _of_release(instance, instance.body, wanted)
        case "aws_eks_addon" if wanted.addons:
            yield from _of_name(instance, instance.body.attr("addon_name"), wanted.addons)
        case kind if kind in _COMMANDS:
            yield from _of_command(instance, wanted)
    is_it = wanted.is_resource(instance)
    if is_it is not False:
        yield (
            _found(instance)
            if is_it
            else _open(f"what `{instance.address}` is is not known from the code", instance)
        )
    if instance.kind == "resource" and wanted.may_be_set_in(instance.block.range.text):
        yield from _of_settings(instance, wanted)
    yield from _of_objects(instance, wanted)
    if instance.type not in _EXACT:
        yield from _of_traces(instance, wanted)


def _of_objects(instance: Instance, wanted: Signature) -> Iterator[Evidence]:
    for each in KubernetesObject.of_resource(instance) if instance.kind == "resource" else ():
        api_version = each.root.attr("api_version").data
        group = api_version if isinstance(api_version, str) else ""
        if not each.kind:
            if wanted.may_be_object:
                yield _open(f"the kind of `{instance.address}` is not known from the code", instance)
        elif (
            wanted.is_kind(each.kind, group)
            or wanted.is_named(each.kind, each.name or "")
            or has_setting([("", each.root.attr("spec"))], wanted.settings)
        ):
            yield _found(instance)
        elif wanted.charts and each.kind in {"Application", "HelmRelease"}:
            charts = _charts_in(each.root.body)
            if wanted.is_chart(charts):
                yield _found(instance)


def _charts_in(body: Body) -> frozenset[str]:
    """Return the charts that an Argo CD application or a Flux release installs."""
    found: set[str] = set()
    pending = [body.attr("spec")]
    while pending:
        data = pending.pop().data
        if isinstance(data, Mapping):
            chart = data["chart"].data if "chart" in data else None
            if isinstance(chart, str):
                found.add(chart.rpartition("/")[2])
            pending.extend(data.values())
        elif isinstance(data, tuple):
            pending.extend(data)
    return frozenset(found)


def _of_release(instance: Instance, body: Body, wanted: Signature) -> Iterator[Evidence]:
    if not wanted.charts:
        return
    chart, name = body.attr("chart"), body.attr("name")
    texts = [each.data.rstrip("/").rpartition("/")[2] for each in (chart, name) if isinstance(each.data, str)]
    if wanted.is_chart(texts):
        yield _found(instance)
    elif isinstance(chart.data, Unknown):
        yield _open(chart.data.reason, instance)


def _of_name(instance: Instance, name: Value, names: tuple[str, ...]) -> Iterator[Evidence]:
    if isinstance(name.data, Unknown):
        yield _open(name.data.reason, instance)
    elif name.data in names:
        yield _found(instance)


def _of_command(instance: Instance, wanted: Signature) -> Iterator[Evidence]:
    for block in instance.block.nested("provisioner"):
        text = block.range.text
        if ("helm" in text or "kubectl" in text) and any(each in text for each in wanted.charts):
            yield _open(f"a command of `{instance.address}` may install it", instance)


def _of_call(call: Instance, wanted: Signature) -> Iterator[Evidence]:
    if wanted.is_module(call) or wanted.in_source(call):
        yield _found(call)
    elif wanted.may_be_in_source(call):
        yield _open(f"`{call.address}` may install it, and its code is not in this repository", call)
    for flag in wanted.flags:
        value = call.body.attr(flag)
        if isinstance(value.data, Unknown):
            yield _open(value.data.reason, call)
        elif is_true(value.data):
            yield Evidence(call.address, value.supplier or call.range)
    for hint in wanted.hints:
        if is_true(call.body.attr(hint).data):
            yield _open(f"`{call.address}` makes a role for it, so something else installs it", call)
    yield from _of_settings(call, wanted)
    yield from _of_addons(call, wanted)
    yield from _of_charts(call, wanted)
    source = module_source(call)
    if source is None or not source.name.startswith(_INSTALLERS):
        yield from _of_traces(call, wanted)


def _of_traces(instance: Instance, wanted: Signature) -> Iterator[Evidence]:
    """Yield roles for its service account, alarms on it and what else is of use only beside it."""
    if instance.kind in {"resource", "module"} and wanted.is_spoken_of(instance.block.range.text):
        yield _open(f"`{instance.address}` is made for it, so something else may install it", instance)


def _of_settings(instance: Instance, wanted: Signature) -> Iterator[Evidence]:
    is_set = has_setting(_arguments(instance), wanted.settings)
    if is_set:
        yield _found(instance)
    elif is_set is None:
        yield _open(f"whether `{instance.address}` sets it is not known from the code", instance)


def _arguments(instance: Instance) -> Iterator[tuple[str, Value]]:
    """Yield the arguments of a block and of the blocks in it, each when it is asked for."""
    pending: list[Body] = [instance.body]
    while pending:
        body = pending.pop()
        if not isinstance(body, BlockBody):
            continue
        yield from ((name, body.attr(name)) for name in body.block.attributes)
        pending.extend(each for kind in body.block_types() for each in body.blocks(kind))


def _of_addons(call: Instance, wanted: Signature) -> Iterator[Evidence]:
    if not wanted.addons:
        return
    for addon in Addon.of_call(call):
        if addon.name in wanted.addons:
            yield Evidence(addon.address, addon.header)
    for _, value in maps_of_call(call):
        if isinstance(value.data, Unknown):
            yield _open(value.data.reason, call)


def _of_charts(call: Instance, wanted: Signature) -> Iterator[Evidence]:
    """Yield charts that the blueprints' modules install: one per call, or a map of them."""
    source = module_source(call)
    if source is None or not wanted.charts:
        return
    if source.name == "aws-ia/eks-blueprints-addon/aws":
        yield from _of_release(call, call.body, wanted)
    elif source.name == "aws-ia/eks-blueprints-addons/aws":
        releases = call.body.attr("helm_releases").data
        for key, value in releases.items() if isinstance(releases, Mapping) else ():
            data = value.data
            chart = data["chart"].data if isinstance(data, Mapping) and "chart" in data else None
            if wanted.is_chart([key, chart if isinstance(chart, str) else key]):
                yield _found(call)


def _found(instance: Instance) -> Evidence:
    return Evidence(instance.address, instance.range)


def _open(reason: str, instance: Instance) -> Evidence:
    return Evidence(reason, instance.range, is_certain=False)
