"""How long EKS supports a Kubernetes version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.versions import minor_of
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from reviewer.config.table_kinds import KubernetesVersion
    from reviewer.views.cluster.cluster import Cluster

Minor = tuple[int, int]


class Lifecycle(Record):
    """Ends of support of one version; None for a version older than the table."""

    version: Minor
    standard_until: date | None
    extended_until: date | None


def lifecycle_of(cluster: Cluster, own: Iterable[KubernetesVersion]) -> Lifecycle:
    """Return the life of a cluster's version. ``own`` rows of the configuration win over the table.

    Raises :class:`NotApplicableError` without a version and on Outposts, whose calendar is another, and
    :class:`UndecidedError` when the version is unknown, of another form, or newer than the table.
    """
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has a calendar of its own")
    value = cluster.fact("version").value
    if value.require() is None:
        raise NotApplicableError("the cluster has no version of its own")
    version = minor_of(value)
    known = _versions(own)
    if version is None:
        raise UndecidedError("the version is not of the form 1.34")
    if version > max(known):
        updated = table("eks_versions")["updated"]
        raise UndecidedError(
            f"the version is newer than the table of EKS versions, last updated {updated};"
            " `kubernetes-versions` in the configuration can add it"
        )
    return known.get(version, Lifecycle(version, None, None))


def supported(beyond: date, own: Iterable[KubernetesVersion]) -> tuple[str, ...]:
    """Return the versions whose standard support lasts beyond a day, oldest first.

    When the table is so old that none is left, the newest it knows stands for them.
    """
    lives = sorted(_versions(own).values(), key=lambda each: each.version)
    alive = [each for each in lives if each.standard_until and each.standard_until > beyond]
    return tuple(text(each.version) for each in alive or lives[-1:])


def text(version: Minor) -> str:
    """Return a version as people write it."""
    return f"{version[0]}.{version[1]}"


def skew(control_plane: Minor) -> int:
    """Return how many minor versions nodes may be behind."""
    rule = table("eks_versions")["kubelet_skew"]
    old = tuple(int(each) for each in rule["old_until"].split("."))
    return int(rule["old"] if control_plane <= old else rule["new"])


def _versions(own: Iterable[KubernetesVersion]) -> dict[Minor, Lifecycle]:
    rows = [
        (name, row["standard_until"], row["extended_until"])
        for name, row in table("eks_versions")["versions"].items()
    ]
    rows += [(each.version, each.standard_until, each.extended_until) for each in own]
    lives = (Lifecycle(_minor(name), standard, extended) for name, standard, extended in rows)
    return {each.version: each for each in lives}


def _minor(name: str) -> Minor:
    major, _, minor = name.partition(".")
    return int(major), int(minor)
