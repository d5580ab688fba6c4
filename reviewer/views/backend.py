"""Where the state of a root module is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from reviewer.views.declaration import Declared, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context


class Backend(Declared):
    """A ``backend`` block; ``kind`` is its type, such as ``s3``."""

    kind: str

    @classmethod
    def find(cls, context: Context) -> Iterator[Self]:
        """Yield the backend of the root module."""
        block = backend_block(context.root)
        if block is not None and block.type == "backend" and block.labels:
            yield cls(
                declared(context.root, block, "terraform.backend"), "terraform.backend", block.labels[0]
            )


def backend_block(root: ModuleInstance) -> Block | None:
    """Return the ``backend`` or ``cloud`` block of a root module; None without one."""
    for settings in root.declarations.settings:
        for block in settings.nested("backend", "cloud"):
            return block
    return None
