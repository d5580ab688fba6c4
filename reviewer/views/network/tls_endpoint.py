"""Endpoints that speak TLS, and the security policy that says which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.data import table
from reviewer.globs import is_like
from reviewer.terraform.value import UndecidedError, Value
from reviewer.views.fact import Fact, is_true
from reviewer.views.kubernetes.ingress import alb
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.network.listener import LISTENERS
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.body import Body
    from reviewer.views.context import Context

_OTHERS = ("aws_opensearch_domain", "aws_cloudfront_distribution")


class TlsEndpoint(View):
    """A listener, a search domain, a distribution or an ingress."""

    ingress: KubernetesObject | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every endpoint."""
        for module in context.root.walk():
            for instance in module.resources_of(*LISTENERS, *_OTHERS):
                yield cls(instance, instance.address)
        for made in KubernetesObject.find(context):
            if made.kind == "Ingress":
                yield cls(made.instance, made.address, made)

    def policy(self) -> Fact | None:
        """Return the security policy, with what AWS takes when a listener names none.

        None when the endpoint speaks no TLS or leaves the choice to AWS.
        """
        if self.ingress is not None:
            value = alb(self.ingress, "ssl-policy")
            return None if value.is_null else self._fact("ssl-policy", value, self.instance.body)
        match self.instance.type:
            case "aws_opensearch_domain":
                return self._nested("domain_endpoint_options", "tls_security_policy")
            case "aws_cloudfront_distribution":
                return self._nested("viewer_certificate", "minimum_protocol_version")
        return self._of_listener()

    def _of_listener(self) -> Fact | None:
        body = self.instance.body
        if not body.attr("protocol").test(lambda data: str(data).upper() in {"HTTPS", "TLS"}):
            return None
        value = body.attr("ssl_policy")
        if not value.is_null:
            return self._fact("ssl_policy", value, body)
        default = Value(table("tls_policies")["default"])
        return Fact("ssl_policy", default, written=False, body=body, header=self.header)

    def _nested(self, block: str, name: str) -> Fact | None:
        body = self.instance.body.blocks(block).first()
        if body is None or body.attr("cloudfront_default_certificate").test(is_true):
            return None
        value = body.attr(name)
        return None if value.is_null else self._fact(f"{block}.{name}", value, body)

    def _fact(self, argument: str, value: Value, body: Body) -> Fact:
        return Fact(argument, value, written=True, body=body, header=self.header)


def is_weak(policy: Value) -> bool:
    """Tell whether a policy negotiates TLS 1.0 or 1.1; raises :class:`UndecidedError` for an unknown one."""
    known = table("tls_policies")

    def judge(data: object) -> bool:
        if any(is_like(str(data), each) for each in known["denied"]):
            return True
        if any(is_like(str(data), each) for each in known["accepted"]):
            return False
        raise UndecidedError(f"`{data}` is not in the table of security policies")

    return policy.test(judge)


def recommended(policy: str) -> str | None:
    """Return the policy to take instead of one of the same service."""
    table_: dict[str, str] = table("tls_policies")["recommended"]
    return next((each for prefix, each in table_.items() if policy.startswith(prefix)), None)
