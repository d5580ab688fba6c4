"""What runs in replicas: workloads, and a few charts and add-ons that the whole cluster depends on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from reviewer.data import table
from reviewer.record import Record
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.views.cluster.addon import Addon
from reviewer.views.fact import from_data, is_true
from reviewer.views.kubernetes.helm_release import HelmRelease
from reviewer.views.kubernetes.helm_values import chart_value, configured
from reviewer.views.kubernetes.workload import Workload
from reviewer.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value
    from reviewer.views.changed_lines import ChangedLines
    from reviewer.views.context import Context


class Installed(Record, eq=False):
    """A chart or add-on by ``name``; ``row`` of the table says where its settings are, ``at`` reads one."""

    name: str
    row: Mapping[str, Any]
    at: Callable[[str], Value]
    addon: Addon | None = None

    @property
    def attribute(self) -> str:
        """Return the path of the setting."""
        return str(self.row["replicas"])

    def replicas(self) -> Value | None:
        """Return how many replicas are kept at least; None when that does not apply.

        Raises :class:`UndecidedError` when it is unknown.
        """
        if "kind" in self.row and self.at(self.row["kind"]).data == "DaemonSet":
            return None
        scaled = self.at(self.row["scaled"]).test(is_true)
        value = convert(self.at(self.row["least" if scaled else "replicas"]), NUMBER)
        if value.is_null:
            return None if scaled else from_data(self.row["default"])
        return value


class Replicated(View):
    """A ``workload``, or a chart or add-on that is ``installed``."""

    workload: Workload | None = None
    installed: Installed | None = None

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield every workload, and the charts and add-ons of the table."""
        for each in Workload.find(context):
            yield cls(each.instance, each.address, workload=each)
        known = table("chart_replicas")
        for release in HelmRelease.find(context):
            for name in sorted(release.chart_names() & set(known["charts"])):
                found = Installed(name, known["charts"][name], partial(chart_value, release.instance.body))
                yield cls(release.instance, release.address, installed=found)
        for addon in Addon.find(context):
            row = known["addons"].get(addon.name)
            if row is not None:
                found = Installed(addon.name, row, partial(configured, addon.configuration), addon)
                yield cls(addon.instance, addon.address, installed=found)

    @property
    def header(self) -> Range:
        """Return the first line of the object, release or add-on."""
        if self.workload is not None:
            return self.workload.header
        addon = self.installed.addon if self.installed is not None else None
        return addon.header if addon is not None else self.instance.range

    def is_touched(self, changed: ChangedLines) -> bool | None:
        """Tell whether the lines of an add-on in a map changed; others are touched as their block is."""
        addon = self.installed.addon if self.installed is not None else None
        return addon.is_touched(changed) if addon is not None else None
