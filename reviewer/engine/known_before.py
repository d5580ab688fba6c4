"""What stood before the change under another name: the code is the same, and another call makes it known."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.engine.delta import Hit, Key, hits
from reviewer.engine.review_set import Everything
from reviewer.engine.roots import affected_roots, has_configuration
from reviewer.finding import Status
from reviewer.views.root import is_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reviewer.checks.check import Check
    from reviewer.engine.side import Side
    from reviewer.terraform.module_instance import ModuleInstance


def without_code_left_alone(base: Mapping[Key, Hit], head_side: Side) -> dict[Key, Hit]:
    """Return the problems of the base but for those in folders that lie there still and are called no longer.

    Nobody fixed those: the code as it is written has them as before.
    """
    configuration, root = head_side.context.configuration, head_side.context.root
    called = {module.folder for module in root.walk()}

    def is_left_alone(hit: Hit) -> bool:
        folder = hit.subject.instance.module.folder
        return (
            hit.subject.written is not None
            and folder not in called
            and has_configuration(configuration, folder)
        )

    return {key: hit for key, hit in base.items() if not is_left_alone(hit)}


def by_new_callers(
    head: Mapping[Key, Hit], base: Mapping[Key, Hit], renamed: Mapping[str, str]
) -> dict[Key, Hit]:
    """Return the problems of the base, those of a folder or a file by what the head knows it by.

    What is written once for a folder is known by its first caller, and another call may be the first now; or
    its file is ``renamed``, from one path to another.
    """
    gone = {_written(hit, renamed): key for key, hit in base.items() if key not in head}
    came = {_written(hit): key for key, hit in head.items() if key not in base}
    names = {was: came.get(written, was) for written, was in gone.items() if written[1] is not None}
    return {names.get(key, key): replace(hit, key=names.get(key, key)) for key, hit in base.items()}


def in_newly_called_code(
    head: Mapping[Key, Hit], sides: tuple[Side, Side], side_of: Callable[[str], Side], checks: Iterable[Check]
) -> dict[Key, Hit]:
    """Return the problems that stood before in folders that the root module did not call then.

    Only those of the code as it is written: what a new caller makes with it is new. An example or a test
    makes nothing that stays; of what it calls, only its own lines bring about anything.
    """
    base = sides[1].context.configuration
    wanted = _newly_called(head, *sides)
    new = {key for keys in wanted.values() for key in keys.values()}
    asked = tuple(each for each in checks if any(head[key].check is each for key in new))
    found: dict[Key, Hit] = {}
    for folder, keys in wanted.items():
        side = side_of(folder)
        before = side.run(asked, Everything()) if has_configuration(base, folder) else ()
        for hit in hits(before, side, folder, Status.EXISTING).values():
            names = (keys.get(_written(hit)), keys.get(_placed(hit)))
            found.update((name, hit) for name in names if name is not None)
    return found


def _newly_called(
    head: Mapping[Key, Hit], head_side: Side, base_side: Side
) -> dict[str, dict[tuple[str | None, ...], Key]]:
    """Return the keys of problems in code that is newly called, by the root to look from and what is seen."""
    base = base_side.context.configuration
    called = {module.folder for module in base_side.context.root.walk()}
    is_tried = is_aside(head_side.context.root.folder)
    found: defaultdict[str, dict[tuple[str | None, ...], Key]] = defaultdict(dict)
    for key, hit in head.items():
        module = hit.subject.instance.module
        if module.folder in called:
            continue
        if hit.subject.written is not None:
            # Some subjects are there only for who calls the folder, so it is seen from one that did, too.
            for root in (module.folder, *affected_roots(base, (module.folder,))[:1]):
                found[root][_written(hit)] = key
        elif is_tried and not head_side.changed.meet(hit.problem.at):
            outer = _outermost(module)
            found[outer.folder][_placed(hit, outer)] = key
    return found


def _outermost(module: ModuleInstance) -> ModuleInstance:
    """Return the module that the root itself calls, on the way to another."""
    while module.parent is not None and module.parent.parent is not None:
        module = module.parent
    return module


def _written(hit: Hit, renamed: Mapping[str, str] | None = None) -> tuple[str | None, ...]:
    written = hit.subject.written
    if renamed and written is not None:
        written = renamed.get(written, written)
    return (hit.check.id, written, hit.key.attribute, hit.key.evidence)


def _placed(hit: Hit, module: ModuleInstance | None = None) -> tuple[str | None, ...]:
    """Return the identity of a problem by its address in a module, else in the root."""
    address = hit.key.address.removeprefix(module.full("") if module is not None else "")
    return (hit.check.id, address, hit.key.attribute, hit.key.evidence)
