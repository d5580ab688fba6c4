"""Kubernetes secrets whose values Terraform has: from variables, or written in the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from reviewer.terraform.value import Unknown
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.kubernetes.kubernetes_object import KubernetesObject
from reviewer.views.secrets.credential import is_secret_name
from reviewer.views.secrets.disclosure import VARIABLE, Disclosure
from reviewer.views.secrets.stored_password import references
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


class _Secret(KubernetesObject):
    """A secret that Terraform makes."""

    KINDS: ClassVar[frozenset[str] | None] = frozenset({"Secret"})


class FedSecret(View):
    """One Kubernetes secret that is fed by Terraform variables or literals.

    Without any, a cluster beside the ``variables`` of a root module that are named like secrets.
    """

    variables: tuple[str, ...] = ()

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every such secret, else each cluster."""
        found = [cls(each.instance, each.address) for each in _Secret.find(context) if _is_fed(each)]
        yield from found
        variables = () if found else tuple(_secret_variables(context))
        for cluster in Cluster.find(context) if variables else ():
            yield cls(cluster.instance, cluster.address, variables)


def _secret_variables(context: Context) -> Iterator[str]:
    for each in Disclosure.find(context):
        if each.kind == VARIABLE and each.instance.module is context.root and each.is_secret():
            yield each.address


def _is_fed(secret: _Secret) -> bool:
    """Tell whether a value of the secret, named like one, is a literal or a variable."""
    if secret.root.attr("type").data == "kubernetes.io/service-account-token":
        return False
    for argument in ("data", "binary_data", "string_data"):
        data = secret.root.attr(argument).data
        for key, value in data.items() if isinstance(data, Mapping) else ():
            if not is_secret_name(key):
                continue
            found = tuple(references(value))
            if isinstance(value.data, str) or any(each.startswith("var.") for each in found):
                return True
            if isinstance(value.data, Unknown) and any(".var." in each for each in found):
                return True
    return False
