"""Whether what runs on the cluster is installed from somewhere else: another repository, or by hand.

A repository that makes roles for service accounts and installs nothing that could use them leaves that to
others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.views.repository_files import YAML_SUFFIXES, read_text
from reviewer.views.root import is_aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context

ROLES = ("system:serviceaccount:", "namespace_service_accounts", "aws_eks_pod_identity_association")
"""What Terraform code holds that makes a role for a service account."""

RELEASES = (
    "helm_release",
    "kubectl_manifest",
    "kustomization_resource",
    "kubernetes_manifest",
    "kubernetes_deployment",
    "kubernetes_daemon",
    "kubernetes_stateful_set",
    "eks-blueprints-",
)
"""What Terraform code holds that installs something on a cluster itself."""

_OBJECTS = tuple(
    f"kind: {kind}"
    for kind in ("Deployment", "DaemonSet", "StatefulSet", "HelmRelease", "Application", "Kustomization")
)
_COMMANDS = ("helm install", "helm upgrade", "kubectl apply")
_RUNS_HELMFILE = ("helmfile -", "helmfile apply", "helmfile sync")
_HELMFILE = re.compile(r"(?:^|/)helmfile(?:\.d/|\.ya?ml)")
_TEXTS = (*YAML_SUFFIXES, ".sh", ".bash", "Makefile")
_ACCOUNT = re.compile(
    r'system:serviceaccount:[\w-]+:(?P<subject>[\w-]+)"'
    r'|\bnamespace_service_accounts\s*=\s*\[\s*"[\w-]+:(?P<listed>[\w-]+)"'
    r'|\bservice_account\s*=\s*"(?P<associated>[\w-]+)"'
)


def other_installer(context: Context) -> str | None:
    """Return what shows that add-ons are installed from somewhere else; None when nothing does."""
    tree = context.tree
    if any(not is_aside(path) for path in tree.containing(RELEASES, CONFIGURATION_SUFFIXES)):
        return None
    runs = tree.containing(_RUNS_HELMFILE, _TEXTS)
    if runs and not any(map(_HELMFILE.search, tree.paths())):
        return f"`{runs[0]}` runs helmfile, and what it installs is not in this repository"
    if tree.containing(_OBJECTS, YAML_SUFFIXES) or tree.containing(_COMMANDS, _TEXTS):
        return None
    for path in tree.containing(ROLES, CONFIGURATION_SUFFIXES):
        account = None if is_aside(path) else next(_accounts(context, path), None)
        if account is not None:
            return (
                f"`{path}` makes a role for the service account `{account}` and nothing here installs what "
                "uses it, so add-ons are installed from somewhere else"
            )
    return None


def _accounts(context: Context, path: str) -> Iterator[str]:
    """Yield the service accounts that a file names, but those of EKS add-ons."""
    own = {name for row in table("addon_roles")["addons"].values() for name in row["accounts"]}
    source = read_text(context.root, path)
    for match in _ACCOUNT.finditer(source.text if source is not None else ""):
        account = match[match.lastgroup or 0]
        if account not in own:
            yield account
