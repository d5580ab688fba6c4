"""``python -m benchmarks``: measure EKS Review, beside Checkov where it is there, and print a table.

Both run in turn on the same folder, so that a busy machine slows both; ratios are of medians of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import terraform
from benchmarks.evaluation import Evaluation
from benchmarks.inputs import CASES, Case, make
from benchmarks.library import library
from benchmarks.measure import Cost, Summary, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "bench" / "results.json"
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
REVIEW = (sys.executable, "-P", "-m", "reviewer", "review", "--base", "main", "--today", "2026-11-23")
GOAL_RATIO = 8.0
OTHERS: Mapping[str, tuple[str, ...]] = {
    "tflint": ("tflint", "--recursive", "--force", "--no-color"),
    "trivy": ("trivy", "config", "--quiet", "--skip-check-update", "--skip-version-check", "."),
}
"""Further tools, run in the folder of the input when they are on PATH; nothing is fetched for them."""
GOAL_INDEX, GOAL_EVALUATION, GOAL_MEMORY = 0.25, 1.5, 150
"""Seconds, seconds and mebibytes for every attribute of a library of 87 files and 517 kB."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured of one case. ``findings`` and ``blocks`` show that the work was done."""

    case: Case
    findings: int
    blocks: int
    review: Summary
    checkov: Summary | None
    others: Mapping[str, Summary]

    @property
    def ratio(self) -> float | None:
        """Return how many times longer Checkov takes; None without it."""
        return None if self.checkov is None else self.checkov.seconds / self.review.seconds

    def misses(self, results: Sequence[Result]) -> list[str]:
        """Return what misses its goal; ``results`` are those of the same run, for goals that are relative."""
        missed = []
        if self.ratio is not None and self.ratio < GOAL_RATIO:
            missed.append(f"{self.ratio:.1f}× of Checkov's speed, not {GOAL_RATIO:.0f}×")
        goal = self.case.goal
        if goal is None:
            return missed
        start = sum(each.review.seconds for each in results if each.case.name == goal.above)
        if self.review.seconds > start + goal.seconds:
            missed.append(f"{start + goal.seconds:.2f} s")
        if self.review.mebibytes > goal.mebibytes:
            missed.append(f"{goal.mebibytes:.0f} MiB")
        return missed


def measured(case: Case, folder: Path, runs: int, checkov: Path | None) -> Result:
    """Measure one case. The first run of each is not counted: it warms the disk and the byte code."""
    make(case, folder)
    review = (*REVIEW, "--repo", str(folder))
    report = _report(review, folder)
    ours: list[Cost] = []
    theirs: list[Cost] = []
    others: dict[str, list[Cost]] = {name: [] for name in OTHERS if shutil.which(name)}
    for _ in range(runs):
        ours.append(run(review, folder, _environment()))
        if checkov is not None and not any(each.timed_out for each in theirs):
            theirs.append(run(_checkov_command(checkov, folder), folder, _environment()))
        for name, costs in others.items():
            costs.append(run(OTHERS[name], folder, _environment()))
    return Result(
        case,
        len(report["findings"]),
        report["coverage"]["blocks_touched"],
        Summary.of(ours),
        Summary.of(theirs) if theirs else None,
        {name: Summary.of(costs) for name, costs in others.items()},
    )


def _report(review: Sequence[str], folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [*review, "--format", "json"], cwd=folder, env=_environment(), stdout=subprocess.PIPE, check=False
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _checkov_command(checkov: Path, folder: Path) -> tuple[str, ...]:
    return (str(checkov), "-d", str(folder), "--framework", "terraform", "--compact", "--quiet")


def _environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    return {**found, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def row(result: Result, results: Sequence[Result]) -> str:
    """Return one line of the table; ``results`` are those so far."""
    ours, theirs = result.review, result.checkov
    cells = [
        f"{result.case.name:<10}",
        f"{ours.seconds:7.2f} s",
        f"{ours.processor:7.2f} s",
        f"{ours.mebibytes:5.0f} MiB",
        f"{result.findings:8}",
        f"{result.blocks:7}",
    ]
    if theirs is not None and result.ratio is not None:
        mark = ">" if theirs.timed_out else " "
        cells += [
            f"{mark}{theirs.seconds:7.2f} s",
            f"{theirs.mebibytes:5.0f} MiB",
            f"{mark}{result.ratio:5.1f}×",
        ]
    cells += [f"{name} {summary.seconds:.2f} s" for name, summary in result.others.items()]
    missed = result.misses(results)
    return "  ".join(cells) + (f"  misses {', '.join(missed)}" if missed else "")


def growth(results: Sequence[Result]) -> list[str]:
    """Return how the seconds of processors grow with the input, the time to start taken off."""
    sizes = {
        each.case.name: each.review.processor for each in results if each.case.name.startswith("growth-")
    }
    start = sizes.get("growth-1")
    if start is None or len(sizes) < 2:  # noqa: PLR2004 - one point is no line
        return []
    return [
        f"{name.removeprefix('growth-')}× the input takes {seconds - start:.2f} s more than 1×"
        for name, seconds in sizes.items()
        if name != "growth-1"
    ]


def as_json(
    results: Sequence[Result], values: Mapping[str, Evaluation], checkov_version: str | None
) -> dict[str, object]:
    """Return the results for other programs; times in seconds, memory in MiB."""
    return {
        "python": sys.version.split()[0],
        "cpus": os.cpu_count(),
        "checkov": checkov_version,
        "cases": [
            {
                "name": each.case.name,
                "input": each.case.text,
                "findings": each.findings,
                "blocks_touched": each.blocks,
                "eks_review": asdict(each.review),
                "checkov": asdict(each.checkov) if each.checkov else None,
                "others": {name: asdict(summary) for name, summary in each.others.items()},
                "ratio": each.ratio,
                "goal": asdict(each.case.goal) if each.case.goal else None,
                "misses": each.misses(results),
            }
            for each in results
        ],
        "values": {name: asdict(each) for name, each in values.items()},
    }


def _checkov_version(checkov: Path) -> str | None:
    """Return Checkov's version; None, with a notice, when it is not there."""
    if not checkov.exists():
        print(f"Checkov is not compared: there is no {checkov} (`make bench-checkov` makes it).\n")
        return None
    asked = subprocess.run([str(checkov), "--version"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def main() -> int:
    """Measure, print the table, write the JSON; with ``--strict`` a missed goal is exit code 1."""
    options = _options()
    version = _checkov_version(options.checkov)
    chosen = [each for each in CASES if not options.case or each.name in options.case]
    heads = ("case      ", "EKS Review", "processor", "  memory", "findings", " blocks")
    print("  ".join((*heads, *((f"  Checkov {version}", "  ratio") if version else ()))))
    results = []
    with tempfile.TemporaryDirectory(prefix="eks-review-bench-") as scratch:
        for case in chosen:
            folder = Path(scratch, case.name)
            results.append(measured(case, folder, options.runs, options.checkov if version else None))
            print(row(results[-1], results), flush=True)
            shutil.rmtree(folder)
        values = {} if options.case else _values(Path(scratch), options.repository)
    print("", *growth(results), sep="\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(as_json(results, values, version), indent=2) + "\n", encoding="utf-8")
    print(f"\nMedians of {options.runs} runs; {options.json} has the details.")
    missed = any(each.misses(results) for each in results)
    missed = missed or ("library" in values and not is_fast(values["library"]))
    return int(options.strict and missed)


def evaluated(folder: Path, files: Mapping[str, str] | None = None) -> Evaluation:
    """Evaluate everything in a folder, after writing ``files`` to it, in a process of its own."""
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "benchmarks.values", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, check=True)
    return Evaluation(**json.loads(done.stdout))


def _values(scratch: Path, repository: Path | None) -> dict[str, Evaluation]:
    """Evaluate every attribute of a library of modules, and of roots of 10, 100 and 1,000 files."""
    print("\nEvery attribute, in processor seconds")
    inputs = {"library": library(), **{f"files-{n}": terraform.module(n, 1) for n in (10, 100, 1_000)}}
    folders = {name: scratch / "values" / name for name in inputs}
    found = {name: evaluated(folders[name], files) for name, files in inputs.items()}
    if repository is not None:
        found[repository.name] = evaluated(repository)
    for name, each in found.items():
        print(value_row(name, each))
    return found


def value_row(name: str, cost: Evaluation) -> str:
    """Return one line of the second table; the goals are those of a library of this size."""
    growing = cost.evaluation_seconds - cost.grammar_seconds
    per_thousand = 1_000 * growing / cost.attributes * 1_000
    row = (
        f"{name:<28}{cost.files:6} files{cost.kilobytes:6} kB{cost.attributes:7} values"
        f"  index {cost.index_seconds:5.2f} s  evaluation {cost.evaluation_seconds:5.2f} s"
        f"  ({per_thousand:4.0f} ms for 1,000 values){cost.mebibytes:6.0f} MiB"
    )
    if name != "library":
        return row
    word = "met" if is_fast(cost) else "missed"
    return f"{row}  {word} ({GOAL_INDEX} s, {GOAL_EVALUATION} s, {GOAL_MEMORY} MiB)"


def is_fast(cost: Evaluation) -> bool:
    """Tell whether evaluating the library costs no more than it shall."""
    fast = cost.index_seconds <= GOAL_INDEX and cost.evaluation_seconds <= GOAL_EVALUATION
    return fast and cost.mebibytes <= GOAL_MEMORY


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how often each is run")
    parser.add_argument(
        "--case", action="append", choices=[each.name for each in CASES], help="only this input; repeatable"
    )
    parser.add_argument("--checkov", type=Path, default=CHECKOV, help="Checkov's command")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the results go")
    parser.add_argument(
        "--repository", type=Path, help="a checkout of which every attribute is evaluated, too"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
