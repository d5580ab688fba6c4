"""``python -m benchmarks.values FOLDER``: index a repository and evaluate every attribute in it, once.

Prints JSON: processor seconds, which a busy machine does not stretch as it does the clock, and the largest
resident memory of the process in MiB.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.evaluation import Evaluation
from reviewer.change.directory import DirectoryTree
from reviewer.engine.roots import affected_roots, folder_of
from reviewer.engine.touched import instances, values
from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.module import CONFIGURATION_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.terraform.module_instance import ModuleInstance
    from reviewer.terraform.value import Value


def measure(folder: Path) -> Evaluation:
    """Index and evaluate what is in a folder."""
    configuration = Configuration(DirectoryTree(folder), Sources())
    paths = [each for each in configuration.tree.paths() if each.endswith(CONFIGURATION_SUFFIXES)]
    size = sum(len(configuration.tree.read(each)) for each in paths)
    started = time.process_time()
    folders = dict.fromkeys(map(folder_of, paths))
    for each in folders:
        configuration.declarations(each)
    indexed = time.process_time()
    configuration.sources.expressions.parse_full("1 + 1")
    loaded = time.process_time()
    count = sum(_evaluate(configuration, each) for each in affected_roots(configuration, folders))
    done = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Evaluation(
        files=len(paths),
        kilobytes=size // 1000,
        attributes=count,
        index_seconds=indexed - started,
        grammar_seconds=loaded - indexed,
        evaluation_seconds=done - indexed,
        mebibytes=memory,
    )


def _evaluate(configuration: Configuration, folder: str) -> int:
    root = configuration.root(folder)
    blocks = (value for each in instances(root) for value in values(each.body))
    return _count(blocks) + sum(_count(_declared(module)) for module in root.walk())


def _declared(module: ModuleInstance) -> Iterator[Value | None]:
    yield from map(module.local, module.declarations.locals)
    yield from map(module.variable, module.declarations.variables)
    yield from map(module.output, module.declarations.outputs)


def _count(found: Iterable[Value | None]) -> int:
    return sum(1 for value in found if value is not None and value.is_wholly_known is not None)


def main() -> int:
    """Print what a folder costs as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.values", description=__doc__)
    parser.add_argument("folder", type=Path, help="a repository, of which every Terraform file is read")
    print(json.dumps(asdict(measure(parser.parse_args().folder))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
