"""Measure a built image where there is a Docker engine: how much every job downloads, and how soon it starts.

Exit code 1 when a goal is missed. The size is that of the layers as a registry stores them. What the image
does is tested by ``make test-image``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

RUNS = 5


def main() -> int:
    """Measure, print, compare."""
    options = _options()
    _docker("pull", "--quiet", options.image, check=False)
    problems = []
    size = compressed_megabytes(options.image)
    print(f"compressed: {'unknown, the image is in no registry' if size is None else f'{size:.1f} MB'}")
    if size is not None and size > options.limit_megabytes:
        problems.append(f"the image has more than {options.limit_megabytes} MB")
    seconds = statistics.median(first_line(options.image) for _ in range(RUNS))
    print(f"start to first line of the log: {seconds:.2f} s, median of {RUNS}")
    if seconds > options.limit_seconds:
        problems.append(f"it takes more than {options.limit_seconds} s to the first line")
    print("\n".join(problems) or "all goals are met")
    return 1 if problems else 0


def compressed_megabytes(image: str) -> float | None:
    """Return what a registry sends for this architecture; None when the image is only local."""
    asked = _docker("manifest", "inspect", "--verbose", image, check=False)
    if asked.returncode:
        return None
    found = json.loads(asked.stdout)
    manifests = found if isinstance(found, list) else [found]
    layers = [each.get("OCIManifest") or each.get("SchemaV2Manifest") for each in manifests]
    sizes = [sum(layer["size"] for layer in each["layers"]) for each in layers if each and each.get("layers")]
    return max(sizes) / 1e6 if sizes else None


def first_line(image: str) -> float:
    """Return the seconds until the action says something, engine included."""
    command = ["docker", "run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp", image]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        if process.stdout is None or not process.stdout.readline():
            return float("inf")
        return time.perf_counter() - started


def _docker(*arguments: str, check: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("--limit-megabytes", type=float, default=100)
    parser.add_argument("--limit-seconds", type=float, default=0.5)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
