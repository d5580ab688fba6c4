"""What lets a pod take over its node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.record import Record
from reviewer.views.fact import is_true
from reviewer.views.kubernetes.container import containers_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.kubernetes.kubernetes_object import Part
    from reviewer.views.kubernetes.workload import Workload

_NAMESPACES = {"host_network": "the network", "host_pid": "the processes", "host_ipc": "the shared memory"}
_CAPABILITIES = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN", "CAP_SYS_ADMIN", "CAP_NET_ADMIN"})
_PATHS = (
    "/",
    "/etc",
    "/var/run",
    "/run",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/lib/kubelet",
)


class Privilege(Record, eq=False):
    """``what`` and ``detail`` complete "it …"; ``container`` is empty for the whole pod."""

    what: str
    argument: str
    at: Range | None
    detail: str = ""
    container: str = ""


def is_node_agent(workload: Workload) -> bool:
    """Tell whether a workload is known to manage its node: by its name, or by that of an image."""
    names = [(workload.name or workload.instance.name).lower().replace("_", "-")]
    for kind in ("init_container", "container"):
        for each in containers_of(workload, kind):
            image = each.attr("image").data
            names.append(image.lower().partition("@")[0] if isinstance(image, str) else "")
    return any(agent in name for name in names for agent in table("workloads")["node_agents"])


def privileges(workload: Workload) -> Iterator[Privilege]:
    """Yield what a workload may do to its node; raises :class:`UndecidedError` when some of it is unknown."""
    pod = workload.pod()
    if pod is None:
        return
    for name, what in _NAMESPACES.items():
        value = pod.attr(name)
        if value.test(is_true):
            yield Privilege(f"shares {what} of the node", name, _at(value, pod))
    for kind in ("init_container", "container"):
        for container in pod.parts(kind):
            yield from _of_container(container)
    yield from _host_paths(pod)


def _of_container(container: Part) -> Iterator[Privilege]:
    context = container.part("security_context")
    if context is None:
        return
    name = str(container.attr("name").data)
    privileged = context.attr("privileged")
    if privileged.test(is_true):
        yield Privilege("runs privileged", "privileged", _at(privileged, context), container=name)
    capabilities = context.part("capabilities")
    added = capabilities.attr("add") if capabilities is not None else None
    found = added.find(lambda data: str(data).upper() in _CAPABILITIES) if added is not None else None
    if found is not None:
        at, added_name = _at(found, context), str(found.data)
        yield Privilege("has the capability", "capabilities.add", at, added_name, name)


def _host_paths(pod: Part) -> Iterator[Privilege]:
    for volume in pod.parts("volume"):
        host = volume.part("host_path")
        path = host.attr("path") if host is not None else None
        if path is None or not path.test(lambda data: (str(data).rstrip("/") or "/") in _PATHS):
            continue
        if _is_writable(pod, volume.attr("name")):
            yield Privilege("can write the node's", "host_path", _at(path, volume), str(path.data))


def _is_writable(pod: Part, name: Value) -> bool:
    """Tell whether any container mounts a volume for writing."""
    wanted = name.require()
    for kind in ("init_container", "container"):
        for container in pod.parts(kind):
            for mount in container.parts("volume_mount"):
                if mount.attr("name").require() == wanted and not mount.attr("read_only").test(is_true):
                    return True
    return False


def _at(value: Value, holder: Part) -> Range | None:
    return value.supplier or holder.range
