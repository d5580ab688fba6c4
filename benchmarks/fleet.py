"""``python -m benchmarks.fleet``: a fleet of made repositories, audited whole and in shards, and compared.

Each repository is a platform of a few modules whose faults depend on its number alone: every run audits the
same code. Shards run one after the other; a matrix of jobs takes as long as the longest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import run

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 3600.0
REVIEWER = (sys.executable, "-P", "-m", "reviewer")
TODAY = ("--today", "2026-11-23")
REPOSITORIES, SHARDS = 300, 8
VERSIONS = ("1.30", "1.33", "1.34", "1.35", "1.36")
SOURCES = ("0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")


PROVIDER = """\
provider "aws" {
  region = var.region
}

variable "region" {
  default = "eu-west-1"
}
"""
CLUSTER = """\
resource "aws_eks_cluster" "main" {
  name     = "platform-@number"
  role_arn = aws_iam_role.main.arn
  version  = "@version"

  vpc_config {
    subnet_ids              = var.subnets
    endpoint_private_access = @private
    public_access_cidrs     = ["@source"]
  }
}

variable "subnets" {
  type = list(string)
}

resource "aws_iam_role" "main" {
  name = "cluster"
}
"""
GROUP = """\
resource "aws_eks_node_group" "g@index" {
  cluster_name  = aws_eks_cluster.main.name
  node_role_arn = aws_iam_role.main.arn
  subnet_ids    = var.subnets

  scaling_config {
    min_size     = @least
    max_size     = 7
    desired_size = 1
  }
}

"""
BUCKET = """\
resource "aws_s3_bucket" "b@index" {
  bucket = "${var.name}-@index"
}

"""
CALL = """\
module "buckets" {
  source = "./modules/buckets"
  name   = "platform"
}
"""
NAME = """\
variable "name" {
  type = string
}

"""


def repository(number: int) -> dict[str, str]:
    """Return the files of the ``number``-th repository."""
    cluster = CLUSTER.replace("@number", str(number)).replace("@version", VERSIONS[number % len(VERSIONS)])
    cluster = cluster.replace("@private", "true" if number % 3 else "false")
    groups = (GROUP.replace("@index", str(each)) for each in range(1 + number % 5))
    buckets = (BUCKET.replace("@index", str(each)) for each in range(number % 7))
    return {
        "README.md": f"# Platform {number}\n",
        "providers.tf": PROVIDER,
        "cluster.tf": cluster.replace("@source", SOURCES[number % len(SOURCES)]),
        "nodes.tf": "".join(groups).replace("@least", str(number % 3)),
        "buckets.tf": CALL,
        "modules/buckets/main.tf": NAME + "".join(buckets),
    }


def make(folder: Path, count: int) -> None:
    """Write ``count`` repositories into a folder."""
    for number in range(count):
        for path, text in repository(number).items():
            file = folder / f"team-{number:04}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def audit(folder: Path, shard: str, out: Path) -> float:
    """Audit a shard into a file and return the seconds it took."""
    return _timed("audit", "--shard", shard, "--output", str(out), *TODAY, str(folder))


def merge(files: list[Path], out: Path) -> float:
    """Merge files into one report and return the seconds it took."""
    return _timed("merge", *map(str, files), "--format", "json", "--output", str(out))


def _timed(*arguments: str) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    cost = run((*REVIEWER, *arguments), ROOT, environment, LIMIT_SECONDS)
    if cost.timed_out:
        raise TimeoutError(f"eks-review {arguments[0]} took longer than {LIMIT_SECONDS:.0f} s")
    return cost.seconds


def main() -> int:
    """Measure, print the table, and fail when the merged report is not that of the whole."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repositories", type=int, default=REPOSITORIES)
    parser.add_argument("--shards", type=int, default=SHARDS)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="eks-review-fleet-"))
    try:
        make(work / "repositories", given.repositories)
        whole = audit(work / "repositories", "1/1", work / "whole.json")
        parts = [work / f"shard-{number}.json" for number in range(1, given.shards + 1)]
        times = [
            audit(work / "repositories", f"{number}/{given.shards}", part)
            for number, part in enumerate(parts, 1)
        ]
        merged = merge(parts, work / "merged.json")
        merge([work / "whole.json"], work / "expected.json")
        same = (work / "merged.json").read_bytes() == (work / "expected.json").read_bytes()
        print(f"{given.repositories} repositories, unsharded: {whole:.1f} s")
        print(f"{given.shards} shards: {sum(times):.1f} s in all, the longest {max(times):.1f} s")
        print(f"merge: {merged:.1f} s, {(work / 'merged.json').stat().st_size / 1024:.0f} KiB")
        print("merged report identical to the unsharded one" if same else "the merged report DIFFERS")
        return 0 if same else 1
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
