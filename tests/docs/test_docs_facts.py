"""What the hand-written pages state as fact is what the program does."""

from __future__ import annotations

import ast
import json
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from reviewer import escape
from reviewer.checks import cluster_exposure
from reviewer.finding import Pillar, Severity
from reviewer.report import json as report
from reviewer.scorecard import TARGETS, drivers_of, score_of
from reviewer.suppression import Comment, Rules, SourceLines, parse

DOCS = Path(__file__).parents[2] / "docs"
RULES = Rules({"EKS-SEC-107": "api-endpoint-open-to-world"}, date(2026, 11, 23), 365)


def rows(page: str) -> list[list[str]]:
    lines = (DOCS / page).read_text(encoding="utf-8").split("\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]


def test_the_table_of_scores() -> None:
    table = [row for row in rows("score.md") if len(row) == 6 and row[1].isdigit()]

    assert [row[0] for row in table][::9] == ["none", "1 critical, 2 high, 1 medium"]
    for findings, penalty, score, *marks in table:
        pairs = [(int(number), word) for number, word in re.findall(r"(\d) (\w+)", findings)]
        kinds = [Severity(word) for number, word in pairs for _ in range(number)]
        total = sum(each.penalty for each in drivers_of((f"C{n}", kind) for n, kind in enumerate(kinds)))
        assert (str(total), str(score_of(Fraction(total)))) == (penalty, score)
        assert marks == ["✔" if int(score) >= target else "✘" for target in (95, 90, 85)]


def test_the_targets_and_every_formula() -> None:
    text = (DOCS / "score.md").read_text(encoding="utf-8")
    formulas = re.findall(r"floor\(10000 / \(100 \+ ([\d.]+)\)\) = (\d+)", text)

    assert {row[0]: row[1] for row in rows("score.md")[1:7] if row[1].isdigit()} == {
        pillar.title: str(TARGETS[pillar]) for pillar in Pillar
    }
    assert ("70", "58") in formulas
    assert [str(score_of(Fraction(penalty))) for penalty, _ in formulas] == [score for _, score in formulas]


def test_the_check_that_is_shown_to_contributors_is_the_one_that_runs() -> None:
    text = (DOCS / "adding-a-check.md").read_text(encoding="utf-8")
    [shown] = [each.text for each in escape.segments(text) if each.kind == "fence" and each.info == "python"]
    [written] = [
        node
        for node in ast.parse(Path(cluster_exposure.__file__).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "api_private_access_disabled"
    ]

    [excerpt] = ast.parse(shown).body
    assert isinstance(excerpt, ast.FunctionDef)
    for docstring in (excerpt, written):
        del docstring.body[0]
    assert ast.unparse(excerpt) == ast.unparse(written)


def read(comment: str) -> tuple[int, str]:
    source = SourceLines("a.tf", {2}, {2: (2, 2)}.get)
    found, notices = parse([Comment(1, 1, comment, after_code=False)], source, RULES)
    return len(found), "".join(each.message for each in notices)


def test_the_suppressions_shown_as_good_count() -> None:
    text = (DOCS / "suppressions.md").read_text(encoding="utf-8")
    blocks = [each.text for each in escape.segments(text) if each.kind == "fence"]
    comments = [
        line[line.index("# eks") :] for block in blocks for line in block.split("\n") if "# eks" in line
    ]

    assert [read(comment) for comment in comments] == [(1, ""), (1, "")]


def test_the_suppressions_shown_as_wrong_do_not_count_for_the_reason_given() -> None:
    wrong = [row for row in rows("suppressions.md") if row[0].startswith("`# eks-review")]

    assert len(wrong) >= 7
    for comment, reason in wrong:
        count, message = read(comment.strip("`"))
        assert count == 0
        assert reason in message


@pytest.mark.parametrize(("where", "table"), [("Document", 0), ("Finding", 1)])
def test_the_page_about_json_names_every_field(where: str, table: int) -> None:
    tables: list[set[str]] = []
    for first, *_ in rows("json.md"):
        if first == "field":
            tables.append(set())
        else:
            tables[-1].update(re.findall(r"`(\w+)`", first))

    definitions = json.loads(json.dumps(report.schema()))["$defs"]
    assert tables[table] == set(definitions[where]["properties"])
