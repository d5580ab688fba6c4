"""Issue 6.1, manual deployment process: versions that change by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, check
from reviewer.checks.problem import Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import UndecidedError
from reviewer.views.kubernetes.deployable import Deployable, is_exact_version, is_floating_image
from reviewer.views.module_call import ModuleCall
from reviewer.views.root import Root, is_wrapped
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.views.context import Context


@check(
    "EKS-OPS-104",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=Deployable,
    resources=("helm_release", "module:blueprints-addon"),
    peers=("CKV_K8S_14 (images)", "KSV-0013 (images)"),
)
def helm_chart_version_floating(deployable: Deployable, context: Context) -> Iterator[Problem]:
    """A chart or an image is installed at whatever version is newest.

    The next apply or the next restart of a pod then brings a version that nobody has tried, and a rollback
    brings the same version again.

    Fix: Pin the chart to a version and the image to a tag that never moves, or to a digest.

    Bad:

    ```hcl
    resource "helm_release" "ingress" { # fails
      name       = "ingress-nginx"
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
    }
    ```

    Good:

    ```hcl
    resource "helm_release" "ingress" {
      name       = "ingress-nginx"
      repository = "https://kubernetes.github.io/ingress-nginx"
      chart      = "ingress-nginx"
      version    = "4.14.0"
    }
    ```

    References:
    - [Helm provider: helm_release](https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release)
    - [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
    """
    if deployable.release is not None:
        yield from _floating_chart(deployable, context)
    for image in deployable.images():
        if not image.is_unknown and is_floating_image(image.data):
            yield Problem(
                message=(
                    f"The image {code(image.data)} of {code(deployable.address)} is whatever was pushed last."
                ),
                at=image.supplier or deployable.header,
                attribute="image",
                evidence=str(image.data).partition(":")[0],
                related=image.origins,
            )


def _floating_chart(deployable: Deployable, context: Context) -> Iterator[Problem]:
    release = deployable.release
    if release is None or _is_local_chart(deployable, context):
        return
    version = release.version
    if version.is_unknown or is_exact_version(version.data):
        return
    if version.is_null and release.chart.test(lambda chart: str(chart).endswith(".tgz")):
        return
    if release.chart.data == "":
        raise UndecidedError(f"which chart {code(release.address)} installs is left to the caller")
    label = release.name_or_address(release.name)
    yield Problem(
        message=f"{code(label)} installs whatever chart version is newest at apply time.",
        at=version.supplier or deployable.header,
        attribute=release.version_argument,
        related=version.origins,
    )


def _is_local_chart(deployable: Deployable, context: Context) -> bool:
    chart = deployable.instance.block.attributes.get("chart")
    if chart is None:
        return False
    written = chart.expression.text
    data = deployable.instance.body.attr("chart").data
    if "path." in written or (isinstance(data, str) and data.startswith(("./", "../", "/"))):
        return True
    folder = deployable.instance.module.folder
    place = f"{folder}/{data}/Chart.yaml" if folder else f"{data}/Chart.yaml"
    return isinstance(data, str) and place in context.tree.files_in(place.rpartition("/")[0])


@check(
    "EKS-OPS-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.MODULE,
    on=Root,
    resources=("terraform:required_providers", "terraform:required_version", "provider:*"),
    peers=("tflint terraform_required_version", "tflint terraform_required_providers"),
)
def toolchain_version_unbounded(root: Root, context: Context) -> Iterator[Problem]:
    """Terraform or a provider may be of any version.

    The next major version renames arguments and replaces resources. Without a bound or a lock file it arrives
    on whichever machine runs `terraform init` next.

    Fix: Give `required_version`, and each provider a version with an upper bound, such as `~> 6.0` for `aws`;
    or a lower bound, with `.terraform.lock.hcl` committed.

    Bad:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      required_providers {
        aws = { source = "hashicorp/aws" } # fails
      }
    }

    provider "aws" {}
    ```

    Good:

    ```hcl
    terraform {
      required_version = ">= 1.10"

      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 6.0"
        }
      }
    }

    provider "aws" {}
    ```

    References:
    - [Terraform: version constraints](https://developer.hashicorp.com/terraform/language/expressions/version-constraints)
    """
    if not root.is_deployed or root.is_aside:
        raise NotApplicableError("a module that is called leaves versions to its callers")
    settings = context.root.declarations.settings
    if is_wrapped(context):
        raise UndecidedError("Terragrunt may generate the versions")
    if not any("required_version" in each.attributes for each in settings):
        yield Problem(
            message=f"Any version of Terraform may run {code(root.label)}: there is no `required_version`.",
            at=settings[0].header if settings else root.header,
            attribute="required_version",
        )
    yield from _unbounded_providers(context)


def _unbounded_providers(context: Context) -> Iterator[Problem]:
    declared = _required_providers(context)
    folder = context.root.folder
    locked = (f"{folder}/.terraform.lock.hcl" if folder else ".terraform.lock.hcl") in context.tree.files_in(
        folder
    )
    for name, place in _used_providers(context).items():
        constraint, at = declared.get(name, (None, place))
        if constraint is None or (not locked and _is_open(constraint)):
            what = "has no upper bound and no lock file" if constraint else "has no version constraint"
            if constraint is None and locked:
                continue
            yield Problem(
                message=f"Provider {code(name)} {what}: its next major version arrives unannounced.",
                at=at,
                attribute=f"required_providers.{name}",
            )


def _required_providers(context: Context) -> dict[str, tuple[str | None, Range]]:
    """Return the version constraint of each required provider, and where it is required."""
    found: dict[str, tuple[str | None, Range]] = {}
    for settings in context.root.declarations.settings:
        for block in settings.nested("required_providers"):
            for name, attribute in block.attributes.items():
                written = re.search(r"version\"?\s*[=:]\s*\"([^\"]*)\"", attribute.expression.text)
                short = re.fullmatch(r"\"([^\"]*)\"", attribute.expression.text)
                constraint = written or short
                found[name] = (constraint[1] if constraint else None, attribute.range)
    return found


def _used_providers(context: Context) -> dict[str, Range]:
    """Return the providers that blocks of the root module configure, and where."""
    found: dict[str, Range] = {}
    for block in context.root.declarations.providers:
        found.setdefault(block.labels[0], block.header)
    return {name: place for name, place in found.items() if name != "terraform"}


def _is_open(constraint: str) -> bool:
    """Tell whether a constraint admits every later version."""
    clauses = [each.strip() for each in constraint.split(",") if each.strip()]
    return not clauses or all(each.startswith((">=", ">", "!=")) for each in clauses)


@check(
    "EKS-OPS-109",
    severity=Severity.MEDIUM,
    pillar=Pillar.OPERATIONAL_EXCELLENCE,
    scope=Scope.RESOURCE,
    on=ModuleCall,
    resources=("module:*",),
    peers=(
        "CKV_TF_1",
        "CKV_TF_2",
        "tflint terraform_module_version",
        "tflint terraform_module_pinned_source",
        "KICS generic_git_module_without_revision",
    ),
)
def module_source_floating(call: ModuleCall, context: Context) -> Iterator[Problem]:
    """A module is taken at whatever version is newest.

    `terraform init` on another day, or on another machine, brings other code: inputs renamed, resources
    replaced.

    Fix: Give registry modules a `version` with an upper bound, and git sources a `ref` that is a tag or a
    commit.

    Bad:

    ```hcl
    module "eks" {
      source = "terraform-aws-modules/eks/aws" # fails
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
    }
    ```

    References:
    - [Terraform: module sources](https://developer.hashicorp.com/terraform/language/modules/configuration)
    """
    source = call.source
    if source is None or source.startswith(("./", "../", "/")):
        raise NotApplicableError("a local module has the version of the repository")
    fault, argument = _floating(source, call.constraint)
    if fault is None:
        return
    value = call.instance.body.attr(argument)
    other = next(
        (each.constraint for each in ModuleCall.find(context) if each.source == source and each.constraint),
        None,
    )
    advice = f" Another call of it says {code(other)}." if other and other != call.constraint else ""
    yield Problem(
        message=f"Module {code(call.instance.name)} {fault}.{advice}",
        at=value.supplier or call.header,
        attribute=argument,
    )


def _floating(source: str, constraint: str | None) -> tuple[str | None, str]:
    """Return what is wrong with a source or a constraint, and the argument it is about."""
    if re.fullmatch(r"(?:[\w.-]+\.[a-z]+/)?[\w-]+/[\w-]+/[\w-]+(?://[\w./-]+)?", source):
        if constraint is None:
            return "has no version, so it is whatever the registry has newest", "source"
        return ("admits every later version" if _is_open(constraint) else None), "version"
    is_git = source.startswith(("git::", "git@", "github.com/", "bitbucket.org/")) or ".git" in source
    if not is_git:
        return None, "source"
    ref = re.search(r"[?&]ref=([^&]+)", source)
    if ref is None:
        return "has no `ref`, so it is whatever the default branch holds", "source"
    if ref[1] in {"main", "master", "HEAD", "develop", "trunk"}:
        return f"follows the branch {code(ref[1])}", "source"
    return None, "source"
