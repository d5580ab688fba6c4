"""Many repositories: any division into shards gives the same report, and nothing that is missing is passed over."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewer.fleet.repositories import Repository, Shard
from tests.command import ROOT, TODAY, run

OPEN = 'resource "aws_eks_cluster" "c" {\n  name = "c"\n  vpc_config {\n    subnet_ids = []\n  }\n}\n'
GROUP = 'resource "aws_security_group" "s" {\n  name = "s"\n}\n'
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
FILES = [OPEN, GROUP, BUCKET, OPEN + GROUP, "", OPEN + BUCKET, GROUP + BUCKET]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Make a folder with seven repositories that differ."""
    folder = tmp_path / "repositories"
    for number, text in enumerate(FILES):
        place = folder / f"team-{number}"
        place.mkdir(parents=True)
        (place / "main.tf").write_text(text)
    return folder


def audit(place: Path, shard: str, out: Path, *options: str) -> int:
    done = run("audit", "--shard", shard, "--output", str(out), *options, *TODAY, str(place))
    assert done.out == ""
    return done.code


def merged(*files: Path, options: tuple[str, ...] = ("--format", "json")) -> tuple[int, str]:
    done = run("merge", *map(str, files), *options)
    assert done.code in {0, 1, 3}, done.err
    return done.code, done.out


@pytest.mark.parametrize("count", [2, 3, 8])
def test_any_division_gives_the_report_of_the_whole(fleet: Path, tmp_path: Path, count: int) -> None:
    whole = tmp_path / "whole.json"
    assert audit(fleet, "1/1", whole) == 1
    parts = [tmp_path / f"part-{number}.json" for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        audit(fleet, f"{number}/{count}", part)
    for form in ("json", "markdown", "text"):
        expected = merged(whole, options=("--format", form))
        assert merged(*parts, options=("--format", form)) == expected
        assert merged(*reversed(parts), options=("--format", form)) == expected


def test_league_table_ranks_by_the_worst_findings_and_equals_share_a_rank(
    fleet: Path, tmp_path: Path
) -> None:
    (fleet / "twin").mkdir()
    (fleet / "twin" / "main.tf").write_text(OPEN)
    audit(fleet, "1/1", tmp_path / "whole.json")
    code, text = merged(tmp_path / "whole.json")
    report = json.loads(text)
    rows = report["repositories"]
    keys = [tuple(each["open"].values()) for each in rows]
    assert keys == sorted(keys)
    assert rows[0]["name"] == "team-4"
    ranks = {each["name"]: each["rank"] for each in rows}
    assert ranks["twin"] == ranks["team-0"]
    assert (code, report["verdict"]["conclusion"]) == (1, "failure")
    assert report["verdict"]["reason"] == "4 of 8 repositories fail their gate."
    schema = json.loads((ROOT / "docs" / "fleet.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(report, schema)
    [row] = [each for each in report["checks"] if each["id"] == "EKS-SEC-107"]
    assert (row["repositories"], row["findings"], row["severity"]) == (4, 4, "critical")


def test_one_broken_repository_is_told_and_stops_no_other(fleet: Path, tmp_path: Path) -> None:
    (fleet / "team-2" / ".eks-review.yml").write_text("gaet: touched\n")
    assert audit(fleet, "1/1", tmp_path / "whole.json") == 3
    code, text = merged(tmp_path / "whole.json", options=("--format", "markdown"))
    assert code == 3
    assert "1 of 7 repositories could not be audited completely; 3 fail their gate." in text
    assert '| `team-2` | .eks-review.yml:1: unknown key "gaet" (did you mean "gate"?) |' in text
    assert "`team-3`" in text


def test_a_missing_shard_is_no_report(fleet: Path, tmp_path: Path) -> None:
    parts = [tmp_path / f"{number}.json" for number in (1, 2, 3)]
    for number, part in enumerate(parts, 1):
        audit(fleet, f"{number}/3", part)
    done = run("merge", str(parts[0]), str(parts[2]))
    assert (done.code, done.out) == (2, "")
    assert "shards are missing, so the report would be incomplete: 2/3" in done.err
    done = run("merge", *map(str, [*parts, parts[1]]))
    assert "shards are there twice: 2/3" in done.err
    audit(fleet, "1/2", tmp_path / "other.json")
    done = run("merge", str(parts[0]), str(tmp_path / "other.json"))
    assert "the shards are of different divisions: 2, 3 in all" in done.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "neither a shard of `audit --shard` nor a report of `audit --format json`"),
        ('{"kind": "fleet-shard"}', "neither a shard"),
        ("[]", "neither a shard"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "x.json").write_text(content)
    done = run("merge", str(tmp_path / "x.json"))
    assert done.code == 2
    assert message in done.err


def test_trends_compare_with_the_report_before(fleet: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    run("audit", "--shard", "1/1", "--output", str(first), "--today", "2026-11-16", str(fleet))
    run("merge", str(first), "--format", "json", "--output", str(tmp_path / "fleet-1.json"))
    (fleet / "team-0" / "main.tf").write_text("")
    (fleet / "team-6" / "main.tf").rename(tmp_path / "moved.tf")
    (fleet / "team-6").rmdir()
    (fleet / "new").mkdir()
    audit(fleet, "1/1", second)
    _, text = merged(second, options=("--previous", str(tmp_path / "fleet-1.json"), "--format", "json"))
    report: dict[str, Any] = json.loads(text)
    before = json.loads((tmp_path / "fleet-1.json").read_text())
    rows = {each["name"]: each for each in report["repositories"]}
    old = {each["name"]: each for each in before["repositories"]}
    assert rows["team-0"]["before"] == old["team-0"]["open"]
    assert rows["new"]["before"] is None
    assert report["gone"] == ["team-6"]
    assert [each["today"] for each in report["history"]] == ["2026-11-16", "2026-11-23"]
    assert report["history"][0] == before["history"][0]
    _, page = merged(second, options=("--previous", str(tmp_path / "fleet-1.json"), "--format", "markdown"))
    difference = sum(rows["team-0"]["open"].values()) - sum(old["team-0"]["open"].values())
    assert difference < 0
    [line] = [each for each in page.splitlines() if "`team-0`" in each]
    assert f"| {difference} |" in line
    assert re.search(r"Open findings since 2026-11-16: -\d+\.", page)


def test_reports_of_single_audits_can_be_merged_too(fleet: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for number, file in enumerate(files):
        place = str(fleet / f"team-{number}")
        run("audit", "--format", "json", "--output", str(file), *TODAY, place)
    _, text = merged(*files)
    assert {each["name"] for each in json.loads(text)["repositories"]} == {"one", "two"}


def test_a_list_names_the_repositories(fleet: Path, tmp_path: Path) -> None:
    listing = fleet.parent / "list.txt"
    listing.write_text("# ours\nrepositories/team-1\n\nrepositories/gone # removed\n")
    assert audit(listing, "1/1", tmp_path / "whole.json") == 3
    _, text = merged(tmp_path / "whole.json")
    rows = {each["name"]: each["reason"] for each in json.loads(text)["repositories"]}
    assert rows.keys() == {"repositories/team-1", "repositories/gone"}
    assert "repositories/gone' is not a directory" in rows["repositories/gone"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("a\nb\n./a\n", ":3: 'a' stands on line 1 already"),
        ("../other\n", ":1: '../other' is not a folder below that of the list"),
        ("/etc\n", ":1: '/etc' is not a folder below that of the list"),
        ("# nothing\n", ": there are no repositories"),
    ],
)
def test_a_list_that_makes_no_sense(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "list.txt").write_text(lines)
    done = run("audit", "--shard", "1/1", str(tmp_path / "list.txt"))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("shard", ["0/8", "9/8", "8", "1/257", "a/b"])
def test_a_shard_that_there_is_not(tmp_path: Path, shard: str) -> None:
    done = run("audit", "--shard", shard, str(tmp_path))
    assert done.code == 2
    assert f"--shard {shard!r} is not a shard such as 2/8" in done.err


def test_a_shard_is_json_alone(tmp_path: Path) -> None:
    done = run("audit", "--shard", "1/2", "--format", "html", str(tmp_path))
    assert done.code == 2
    assert "--shard writes one file in JSON" in done.err


def test_the_workflow_checks_out_what_its_shard_audits(tmp_path: Path) -> None:
    workflow = (ROOT / "examples" / "workflows" / "fleet.yml").read_text(encoding="utf-8")
    match = re.search(r"(awk .*?) repositories/repositories\.txt", workflow)
    assert match is not None
    names = sorted([f"r{number}" for number in range(21)] + ["A", "b", "Z-1", "_x", "a.b"])
    (tmp_path / "list").write_text("".join(f"{each}\n" for each in names))
    everything = [Repository(each, Path(each)) for each in names]
    for number in range(1, 9):
        command = f"SHARD={number} SHARDS=8; {match[1]} list"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [each.name for each in Shard(number, 8).of(everything)]


def test_what_is_accepted_does_not_count_as_open(tmp_path: Path) -> None:
    alone = tmp_path / "fleet" / "team"
    alone.mkdir(parents=True)
    ignore = '# eks-review:ignore EKS-SEC-107 reason="a lab" until=2027-01-31\n'
    (alone / "main.tf").write_text(ignore + OPEN)
    audit(alone.parent, "1/1", tmp_path / "one.json")
    [row] = json.loads(merged(tmp_path / "one.json")[1])["repositories"]
    assert (row["open"]["critical"], row["accepted"]) == (0, 1)


def test_text_cuts_no_day_and_no_heading_and_counts_one_as_one(fleet: Path, tmp_path: Path) -> None:
    for team in range(1, 7):
        shutil.rmtree(fleet / f"team-{team}")
    audit(fleet, "1/1", tmp_path / "one.json")
    text = merged(tmp_path / "one.json", options=("--format", "text"))[1]
    assert "…" not in text
    assert re.search(
        r"^ +Day +Repositories +Failing +Incomplete +Critical .* Operations$", text, re.MULTILINE
    )
    assert text.endswith("failure: 1 of 1 repository fails its gate.\n")
