"""What a check may know besides its subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from reviewer.change.tree import Tree
    from reviewer.config.config import Config
    from reviewer.terraform.configuration import Configuration
    from reviewer.terraform.module_instance import ModuleInstance


@dataclass(frozen=True, slots=True)
class Context:
    """One root module of one revision, and the settings of the run.

    ``is_production`` is true unless the root's path, var files or environment value name a non-production
    environment.
    ``today`` is given, never read from a clock, so that a review can be repeated. ``base`` is the same root
    module before the change, for the few checks that compare; None in an audit.
    """

    configuration: Configuration
    root: ModuleInstance
    config: Config
    today: date
    is_production: bool
    base: Context | None = None
    found: dict[type, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The subjects of each view, as far as somebody looked for them."""

    @property
    def tree(self) -> Tree:
        """Return the files of the revision."""
        return self.configuration.tree
