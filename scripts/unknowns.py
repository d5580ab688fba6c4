"""Evaluate every attribute of a repository, and say what stays unknown and why.

    python scripts/unknowns.py REPOSITORY [--commit HEAD] [--show REASON]

Every folder that no other one calls is a root module, evaluated with its arguments bound as
``terraform plan`` would. The table counts attribute values per reason, with names and numbers left out of
the reason; ``--show`` lists the places of one. An exception is a fault of the evaluator, and so is a file
that ``terraform fmt`` reads and we do not: code 1.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change.git import GitRepository
from reviewer.engine.roots import affected_roots, folder_of
from reviewer.terraform.body import BlockBody
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.value import Unknown
from reviewer.views.module_outputs import passed_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.change.tree import Tree
    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.syntax import Diagnostic
    from reviewer.terraform.text import Range
    from reviewer.terraform.value import Value

SHOWN = 40
"""Places kept for each reason."""

_NAME = re.compile(r"`[^`]*`")
_IN_MODULE = re.compile(r"^(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+(?=(?:data\.)?[a-z]+_\w+\.)")
"""The address of a module before that of something in it."""

_NOT_VALUES = {
    "depends_on", "provider", "providers", "type", "ignore_changes", "replace_triggered_by", "iterator",
    "source", "version", "condition", "error_message",
}  # fmt: skip
"""Arguments that hold references, types or settings of the language, or that only ``plan`` decides."""


@dataclass(slots=True)
class Tally:
    """What was evaluated. ``places`` are up to 40 per reason."""

    values: int = 0
    known: int = 0
    partly: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, value: Value, at: Range) -> None:
        """Count one attribute's value."""
        self.values += 1
        value = value.settled()
        if not isinstance(value.data, Unknown):
            wholly = value.is_wholly_known
            self.known += wholly
            self.partly += not wholly
            return
        reason = _kind_of(value.data)
        self.reasons[reason] += 1
        places = self.places.setdefault(reason, [])
        if len(places) < SHOWN:
            places.append(f"{at}: {' '.join(at.text.split())[:90]}  [{value.data.reason}]")


def _kind_of(data: Unknown) -> str:
    """Return the reason without what is particular to one place: references by what they lead to."""
    return _NAME.sub(lambda match: f"`{_kind_of_reference(match[0].strip('`'))}`", data.reason)


def _kind_of_reference(reference: str) -> str:
    inner = _IN_MODULE.sub("", reference)
    root = re.split(r"[.\[]", inner)[0]
    if root == "module":
        return "an output of a module that is not in the repository"
    if root in {"var", "local", "data", "each", "count", "path", "terraform", "self"}:
        return f"{root}.…"
    return "a computed attribute of a resource" if "." in inner else root


def main() -> int:
    """Run the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commit", default="HEAD")
    parser.add_argument("--show", default=None, help="list the places of reasons that contain this text")
    arguments = parser.parse_args()
    with GitRepository.open(arguments.repository) as repository:
        tree = repository.tree(repository.resolve(arguments.commit))
        configuration = Configuration(tree, Sources(), passed_on=passed_on)
        start = time.perf_counter()
        folders = {folder_of(path) for path in tree.paths() if path.endswith(CONFIGURATION_SUFFIXES)}
        diagnostics = [each for folder in folders for each in configuration.declarations(folder).diagnostics]
        indexed = time.perf_counter()
        tally = Tally()
        failures = sum(
            _evaluate_root(configuration, root, tally) for root in affected_roots(configuration, folders)
        )
        done = time.perf_counter()
        refused = sum(_is_refused(tree, each) for each in diagnostics)
    _report(tally, len(folders), indexed - start, done - indexed, arguments.show)
    return 1 if failures or refused else 0


def _is_refused(tree: Tree, diagnostic: Diagnostic) -> bool:
    """Tell whether a file that could not be indexed is one that ``terraform fmt`` reads: a fault of ours."""
    terraform = shutil.which("terraform")
    if terraform is None or diagnostic.path.endswith(".json"):
        print(f"{diagnostic} (whether Terraform reads it is not known)")
        return False
    content = tree.read(diagnostic.path)
    done = subprocess.run([terraform, "fmt", "-"], input=content, capture_output=True, check=False)
    print(f"{diagnostic} ({'Terraform reads it' if not done.returncode else 'nor does Terraform read it'})")
    return not done.returncode


def _evaluate_root(configuration: Configuration, folder: str, tally: Tally) -> int:
    """Evaluate all of a root module; return the number of exceptions."""
    failures = 0
    for module in configuration.root(folder).walk():
        for body in _bodies(module):
            failures += _evaluate_body(module, body, tally)
        for attribute in module.declarations.locals.values():
            tally.add(module.value_of(attribute), attribute.range)
    return failures


def _bodies(module: ModuleInstance) -> Iterator[BlockBody]:
    declared = module.declarations
    for group in (
        declared.variables.values(),
        declared.outputs.values(),
        declared.providers,
        declared.settings,
    ):
        yield from (module.body(block) for block in group)
    yield from (each.body for each in module.resources())
    yield from (each.body for each in module.calls())


def _evaluate_body(module: ModuleInstance, body: BlockBody, tally: Tally) -> int:
    failures = 0
    for name, attribute in body.block.attributes.items():
        if name in _NOT_VALUES:
            continue
        try:
            tally.add(body.attr(name), attribute.range)
        except Exception:  # noqa: BLE001 - any exception is what this script looks for
            failures += 1
            print(f"{attribute.range}: {traceback.format_exc()}", file=sys.stderr)
    for kind in body.block_types():
        for nested in body.blocks(kind):
            if isinstance(nested, BlockBody) and kind != "validation":
                failures += _evaluate_body(module, nested, tally)
    return failures


def _report(tally: Tally, folders: int, indexing: float, evaluating: float, show: str | None) -> None:
    unknown = sum(tally.reasons.values())
    print(f"{folders} folders, indexed in {indexing:.2f} s, evaluated in {evaluating:.2f} s")
    share = 100 * unknown / tally.values if tally.values else 0.0
    print(
        f"{tally.values} values: {tally.known} known, {tally.partly} known in part,"
        f" {unknown} unknown ({share:.1f} %)"
    )
    for reason, count in tally.reasons.most_common():
        print(f"{count:7}  {reason}")
        if show is not None and show in reason:
            print("\n".join(f"         {place}" for place in tally.places[reason]))


if __name__ == "__main__":
    sys.exit(main())
