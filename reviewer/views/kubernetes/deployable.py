"""What is installed at some version: Helm releases and the containers of workloads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.kubernetes.workload import Workload
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?|v?\d+\.\d+|[0-9a-f]{40}")


class Deployable(View):
    """A Helm release or a workload."""

    release: HelmRelease | None = None
    workload: Workload | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every release and workload."""
        for release in HelmRelease.find(context):
            yield cls(release.instance, release.address, release=release)
        for workload in Workload.find(context):
            yield cls(workload.instance, workload.address, workload=workload)

    def images(self) -> Iterator[Value]:
        """Yield the images of a workload's containers."""
        pod = self.workload.pod() if self.workload is not None else None
        for name in ("init_container", "container") if pod is not None else ():
            for container in pod.parts(name) if pod is not None else ():
                yield container.attr("image")


def is_exact_version(version: object) -> bool:
    """Tell whether a chart version names one release."""
    return _EXACT.fullmatch(str(version)) is not None


def is_floating_image(image: object) -> bool:
    """Tell whether an image has no tag, or one that moves; a digest never moves."""
    if not isinstance(image, str) or not image or "@sha256:" in image:
        return False
    name = image.rpartition("/")[2]
    return ":" not in name or name.endswith((":latest", ":main", ":master", ":stable"))
