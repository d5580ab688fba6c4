"""Kubernetes objects: typed resources, manifests in HCL, and YAML files, read alike.

Names are those of the typed resources (``pod_selector``, ``container``); for a manifest they are translated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.record import Record
from reviewer.terraform.body import Body, ValueBody
from reviewer.terraform.loaded_text import is_loaded
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.declaration import whole_file
from reviewer.views.repository_files import YAML_SUFFIXES, read_text, yaml_file, yaml_values
from reviewer.views.view import View
from reviewer.views.yaml_documents import NotYamlError, of_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context

_PLURALS = {
    "container": "containers",
    "env": "env",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "init_container": "initContainers",
    "match_expressions": "matchExpressions",
    "metric": "metrics",
    "port": "ports",
    "rule": "rules",
    "subject": "subjects",
    "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints",
    "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates",
    "volume_mount": "volumeMounts",
}
"""Blocks of the typed resources whose name in a manifest is another than the same in camel case."""

_KINDS = {"daemonset": "DaemonSet", "daemon_set": "DaemonSet", "api_service": "APIService"}
_VERSION = re.compile(r"_v\d+(?:beta\d+)?$")


class Part(Record, eq=False):
    """An object or a part of one. ``is_manifest`` tells that its names are in camel case."""

    body: Body
    is_manifest: bool

    @property
    def range(self) -> Range | None:
        """Return where the part is written."""
        return self.body.range

    def has(self, name: str) -> bool:
        """Tell whether an argument is written."""
        return self.body.has(self._name(name))

    def attr(self, name: str) -> Value:
        """Return an argument's value, null when it is not written."""
        return self.body.attr(self._name(name))

    def parts(self, name: str) -> tuple[Part, ...]:
        """Return nested blocks; raises :class:`UndecidedError` when not all are known."""
        return tuple(Part(each, self.is_manifest) for each in self.body.blocks(self._name(name)).require())

    def part(self, *path: str) -> Part | None:
        """Return the block at a path such as ``spec``, ``template``, ``spec``; None when there is none."""
        part: Part | None = self
        for name in path:
            found = part.parts(name) if part is not None else ()
            part = found[0] if found else None
        return part

    def parts_of(self, *path: str) -> tuple[Part, ...]:
        """Return the blocks at the end of a path; none when the way to them is not there."""
        holder = self.part(*path[:-1])
        return holder.parts(path[-1]) if holder is not None else ()

    def at(self, *path: str) -> Value:
        """Return the value of an argument behind a path of blocks, null when there is none."""
        holder = self.part(*path[:-1])
        return holder.attr(path[-1]) if holder is not None else NULL

    def _name(self, name: str) -> str:
        if not self.is_manifest:
            return name
        first, *rest = _PLURALS.get(name, name).split("_")
        return first + "".join(each.title() for each in rest)


class KubernetesObject(View):
    """``kind`` is as in manifests (``Deployment``), empty when unknown; ``root`` is the whole object."""

    KINDS: ClassVar[frozenset[str] | None] = None
    """The kinds of a narrower view; None for any."""

    kind: str
    root: Part

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every object that the configuration of the root module makes."""
        for module in context.root.walk():
            for instance in module.resources_of(*filter(_makes_objects, module.declarations.by_type)):
                made = cls.of_resource(instance)
                yield from (each for each in made if cls.KINDS is None or each.kind in cls.KINDS)

    @classmethod
    def of_resource(cls, instance: Instance) -> Iterator[Self]:
        """Yield the objects that a resource makes; none for one that is not about Kubernetes."""
        kind = kind_of_type(instance.type)
        if kind is not None:
            yield cls(instance, instance.address, kind, Part(instance.body, is_manifest=False))
        elif instance.type == "kubernetes_manifest":
            yield cls._of_value(instance, instance.body.attr("manifest"))
        elif instance.type == "kubectl_manifest":
            for each in instance.module.configuration.derived(_manifests, instance):
                yield cls._of_value(instance, each)

    @classmethod
    def _of_value(cls, instance: Instance, manifest: Value) -> Self:
        part = Part(ValueBody(manifest), is_manifest=True)
        return cls(instance, instance.address, _text(part.attr("kind")) or "", part)

    @property
    def header(self) -> Range:
        """Return the first line of a document in a file of its own, else that of the resource."""
        return self._document or super().header

    @property
    def extent(self) -> Range:
        """Return the document in a file of its own, else the block of the resource."""
        return self._document or super().extent

    @property
    def _document(self) -> Range | None:
        place = self.root.range
        return place if place is not None and is_loaded(place) else None

    @property
    def name(self) -> str | None:
        """Return ``metadata.name``; None when it is unknown, generated, or a blank of a template file."""
        name = _text(self._metadata("name"))
        is_blank = name is not None and self.instance.kind == "file" and ("${" in name or "{{" in name)
        return None if is_blank else name

    @property
    def namespace(self) -> str | None:
        """Return the namespace, ``default`` when none is written; None when it is unknown."""
        value = self._metadata("namespace")
        return "default" if value.is_null else _text(value)

    def _metadata(self, name: str) -> Value:
        """Return a part of the metadata; unknown when they are unknown as a whole."""
        try:
            return self.root.at("metadata", name)
        except UndecidedError as undecided:
            return Value(Unknown(undecided.reason))

    @property
    def label(self) -> str:
        """Return the object's name when it is known, else its address."""
        return self.name or self.address

    def pod(self) -> Part | None:
        """Return the pod's spec of a workload; None for any other kind."""
        match self.kind:
            case "Pod":
                return self.root.part("spec")
            case "CronJob":
                return self.root.part("spec", "job_template", "spec", "template", "spec")
            case "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet":
                return self.root.part("spec", "template", "spec")
        return None


def kubernetes_objects(context: Context, *kinds: str) -> tuple[KubernetesObject, ...]:
    """Return every object of some kinds, in the root module and in YAML files of the repository.

    A document that the root module loads is the object that it makes of it, and no other one.
    """
    made: tuple[KubernetesObject, ...] = context.configuration.derived(_made, context)
    found = [each for each in made if each.kind in kinds]
    loaded = {str(each.root.range) for each in found}
    written = context.configuration.derived(_in_files, context.root, kinds)
    return (*found, *(each for each in written if str(each.root.range) not in loaded))


def _made(context: Context) -> tuple[KubernetesObject, ...]:
    return tuple(KubernetesObject.find(context))


def require_known_kinds(context: Context) -> None:
    """Raise :class:`UndecidedError` when the kind of some manifest is unknown: it may be any."""
    for each in KubernetesObject.find(context):
        if not each.kind:
            raise UndecidedError(f"the kind of `{each.address}` is not known from the code")


def require_readable(context: Context, *kinds: str) -> None:
    """Raise :class:`UndecidedError` when a file that is a template makes objects of some kinds."""
    for path in context.tree.containing([f"kind: {kind}" for kind in kinds], YAML_SUFFIXES):
        source = read_text(context.root, path)
        try:
            if source is not None:
                yaml_values(source)
        except NotYamlError:
            raise UndecidedError(f"`{path}` is a template, and what it makes is not known") from None


def _makes_objects(resource_type: str) -> bool:
    """Tell whether resources of a type make objects."""
    return resource_type in _MANIFESTS or kind_of_type(resource_type) is not None


def kind_of_type(resource_type: str) -> str | None:
    """Return the kind that a typed resource makes: ``Deployment`` for ``kubernetes_deployment_v1``."""
    if not resource_type.startswith("kubernetes_") or resource_type in _UNTYPED:
        return None
    name = without_version(resource_type).removeprefix("kubernetes_")
    return _KINDS.get(name) or "".join(each.title() for each in name.split("_"))


def without_version(resource_type: str) -> str:
    """Return a type as it was called before types had versions: ``kubernetes_deployment``."""
    return _VERSION.sub("", resource_type)


_MANIFESTS = ("kubernetes_manifest", "kubectl_manifest")


def types_of_manifests(instance: Instance) -> frozenset[str]:
    """Return the typed resources that would make the objects of a manifest, as far as it is known."""
    if instance.type not in _MANIFESTS:
        return frozenset()
    kinds = [each.kind for each in KubernetesObject.of_resource(instance) if each.kind]
    return frozenset(
        f"kubernetes_{name}"
        for kind in kinds
        for name in (
            _WORD_OF_KIND.sub("_", kind).lower(),
            *(n for n, typed in _KINDS.items() if typed == kind),
        )
    )


_WORD_OF_KIND = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNTYPED = frozenset(
    {
        "kubernetes_manifest",
        "kubernetes_labels",
        "kubernetes_annotations",
        "kubernetes_config_map_v1_data",
        "kubernetes_env",
    }
)


def _manifests(instance: Instance) -> tuple[Value, ...]:
    """Return the manifests in a resource's string of YAML, one unknown one when it cannot be read."""
    body = instance.body.attr("yaml_body")
    if isinstance(body.data, Unknown) and body.data.document is not None:
        return (body.data.document,)
    try:
        found = of_string(body)
    except NotYamlError:
        found = ()
    reason = body.data.reason if isinstance(body.data, Unknown) else "the manifest cannot be read"
    return found or (Value(Unknown(reason), origins=body.origins),)


def _in_files(root: ModuleInstance, kinds: tuple[str, ...]) -> tuple[KubernetesObject, ...]:
    tree = root.configuration.tree
    found: list[KubernetesObject] = []
    for path in tree.containing([f"kind: {kind}" for kind in kinds], YAML_SUFFIXES):
        file = yaml_file(root, path)
        for each in file.documents if file is not None else ():
            part = Part(ValueBody(each), is_manifest=True)
            kind = _text(part.attr("kind"))
            if file is not None and kind in kinds:
                name = _text(part.at("metadata", "name"))
                instance = whole_file(root, file.source)
                address = f"{path}:{kind}/{name}" if name is not None else f"{path}:{kind}"
                found.append(KubernetesObject(instance, address, kind, part))
    return tuple(found)


def _text(value: Value) -> str | None:
    return value.data if isinstance(value.data, str) else None
