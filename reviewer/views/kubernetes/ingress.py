"""Ingresses: what their annotations tell the AWS Load Balancer Controller and ingress-nginx."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.network.listener import Opening

if TYPE_CHECKING:
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import KubernetesObject

_ALB = "alb.ingress.kubernetes.io/"
_SECURED = ("certificate-arn", "ssl-redirect", "actions.ssl-redirect")
_ELSEWHERE = (
    "aws-load-balancer-ssl-cert",
    "aws-load-balancer-internal",
    "aws-load-balancer-scheme",
    "default-ssl-certificate",
    "defaultTLS",
)
"""Settings of a controller that end TLS before the ingress, or keep it off the internet."""


def annotation(ingress: KubernetesObject, name: str) -> Value:
    """Return an annotation, null when it is not written."""
    annotations = ingress.root.at("metadata", "annotations")
    data = annotations.data
    if isinstance(data, Unknown):
        return annotations
    return data.get(name, NULL) if isinstance(data, Mapping) else NULL


def alb(ingress: KubernetesObject, name: str) -> Value:
    """Return an annotation of the AWS Load Balancer Controller."""
    return annotation(ingress, f"{_ALB}{name}")


def ingress_class(ingress: KubernetesObject) -> str | None:
    """Return the class of an ingress; raises :class:`UndecidedError` when it is unknown."""
    written = ingress.root.at("spec", "ingress_class_name")
    value = annotation(ingress, "kubernetes.io/ingress.class") if written.is_null else written
    data = value.require()
    return data if isinstance(data, str) else None


def open_ingress(ingress: KubernetesObject, context: Context) -> Opening | None:
    """Return where an ingress serves HTTP to the internet; None when it does not.

    Raises :class:`UndecidedError` when the code does not tell.
    """
    match ingress_class(ingress):
        case "alb":
            return _open_alb(ingress)
        case "nginx":
            return _open_nginx(ingress, context)
    return None


def _open_alb(ingress: KubernetesObject) -> Opening | None:
    scheme = alb(ingress, "scheme")
    if not scheme.test(lambda data: data == "internet-facing"):
        return None
    if any(not alb(ingress, name).is_null for name in _SECURED):
        return None
    if ingress.root.parts_of("spec", "tls") or _listens_on_https(alb(ingress, "listen-ports")):
        return None
    if not alb(ingress, "group.name").is_null:
        raise UndecidedError(f"other members of the group of `{ingress.address}` may bring a certificate")
    return Opening(scheme.supplier or ingress.header, "alb.scheme", scheme.origins)


def _listens_on_https(ports: Value) -> bool:
    data = ports.require()
    if not isinstance(data, str):
        return False
    try:
        found = json.loads(data)
    except ValueError:
        return "HTTPS" in data
    return isinstance(found, list) and any(isinstance(each, dict) and "HTTPS" in each for each in found)


def _open_nginx(ingress: KubernetesObject, context: Context) -> Opening | None:
    hosts = [each.attr("host") for each in ingress.root.parts_of("spec", "rule")]
    if not hosts or all(each.is_null for each in hosts) or ingress.root.parts_of("spec", "tls"):
        return None
    for path in context.tree.containing(_ELSEWHERE, ()):
        raise UndecidedError(f"`{path}` may end TLS at the load balancer, or keep it internal")
    at: Range | None = next((each.supplier for each in hosts if each.supplier is not None), None)
    return Opening(at or ingress.header, "spec.tls")
