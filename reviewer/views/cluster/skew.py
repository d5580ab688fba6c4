"""Parts of a cluster that are built for a Kubernetes version: nodes, images, kube-proxy, the autoscaler."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.record import Record
from reviewer.terraform.body import ValueBody
from reviewer.views.cluster.addon import Addon
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.cluster.node_image import NodeImage
from reviewer.views.cluster.versions import minor_of
from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.yaml_documents import NotYamlError, of_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.cluster.lifecycle import Minor
    from reviewer.views.context import Context

_PREFIX = re.compile(r"v?(\d+)\.(\d+)(?:[.-].*)?")

_DATED = re.compile(r"-20\d\d[.\d]+$")


class Built(Record, eq=False):
    """``what`` is built for ``version``. ``is_node`` parts may be behind by the kubelet's skew."""

    what: str
    address: str
    attribute: str
    version: Minor
    at: Range
    is_node: bool


def built(context: Context) -> Iterator[Built]:
    """Yield every part whose version is known."""
    for group in NodeGroup.find(context):
        for name, read in (("version", _minor), ("release_version", _of_release)):
            fact = group.fact(name)
            for value in _single(fact.value):
                version = read(value)
                if version is not None:
                    yield Built(
                        "the node group", group.address, fact.argument, version, fact.at, is_node=True
                    )
    for image in NodeImage.find(context):
        version = image.kubernetes_version
        if version is not None:
            at = image.value.supplier or image.header
            yield Built("the node image", image.address, image.attribute, version, at, is_node=True)
    yield from _in_cluster(context)


def _in_cluster(context: Context) -> Iterator[Built]:
    for addon in Addon.find(context):
        value = addon.body.attr("addon_version")
        version = _minor(value) if addon.name == "kube-proxy" else None
        if version is not None:
            at = value.supplier or addon.header
            yield Built("kube-proxy", addon.address, "addon_version", version, at, is_node=False)
    for release in HelmRelease.find(context):
        if "cluster-autoscaler" not in release.chart_names():
            continue
        for value in _image_tags(release):
            version = _minor(value)
            if version is not None:
                at = value.supplier or release.header
                yield Built("cluster-autoscaler", release.address, "image.tag", version, at, is_node=False)


def _image_tags(release: HelmRelease) -> Iterator[Value]:
    """Yield the tags of the release's image: from single settings, and from YAML values."""
    for each in release.instance.body.blocks("set"):
        if each.attr("name").data == "image.tag":
            yield each.attr("value")
    values = release.instance.body.attr("values").data
    for text in values if isinstance(values, tuple) else ():
        try:
            documents = of_string(text) if isinstance(text.data, str) else ()
        except NotYamlError:
            continue
        for document in documents:
            image = ValueBody(document).attr("image")
            if isinstance(image.data, Mapping):
                yield ValueBody(image).attr("tag")


def _single(value: Value) -> tuple[Value, ...]:
    """Return the value, or the only element of a list, as Cloud Posse's module takes it."""
    return value.data if isinstance(value.data, tuple) else (value,)


def _of_release(value: Value) -> Minor | None:
    """Read ``1.33.0-20260101``, Amazon's releases; those of Bottlerocket number the system itself."""
    data = value.data
    return _minor(value) if isinstance(data, str) and _DATED.search(data) else None


def _minor(value: Value) -> Minor | None:
    match = _PREFIX.fullmatch(value.data) if isinstance(value.data, str) else None
    return (int(match[1]), int(match[2])) if match else minor_of(value)
