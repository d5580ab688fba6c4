"""A note on the age of the tables, which depends on nothing but the date of the review."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from reviewer.config.config import Config
from reviewer.data import checked_on
from reviewer.pipeline import audit
from tests.trees import tree

if TYPE_CHECKING:
    from reviewer.review import Review

NEWEST = max(checked_on().values())
CLUSTER = 'resource "aws_eks_cluster" "c" {\n  name    = "c"\n  version = "1.35"\n}\n'


def audited(today: date, files: dict[str, str] | None = None) -> Review:
    return audit(tree(files or {"main.tf": CLUSTER}), Config(select=("EKS-CFG",)), today=today)


def test_every_table_says_when_it_was_checked() -> None:
    assert checked_on()["eks_versions"] == date(2026, 11, 23)
    assert {"components", "regions", "tls_policies", "removed_apis"} <= checked_on().keys()


def test_no_note_while_the_tables_are_fresh() -> None:
    assert audited(NEWEST).notices == ()
    assert audited(min(checked_on().values()) + timedelta(days=120)).notices == ()


def test_old_tables_are_told_with_their_age_and_the_cure() -> None:
    review = audited(min(checked_on().values()) + timedelta(days=121))
    [note] = [each.message for each in review.notices]
    assert note.startswith(
        "Reference data is more than 120 days old: the tables were last checked on 2026-11-23 (`"
    )
    assert "update EKS Review" in note
    assert "`kubernetes-versions`" in note
    later = audited(min(checked_on().values()) + timedelta(days=128))
    assert [each.message for each in later.notices] == [note], "a report of every week stays the same"


def test_nothing_is_told_when_nothing_was_judged() -> None:
    assert audited(NEWEST + timedelta(days=400), {"README.md": "# no Terraform\n"}).notices == ()


def test_a_table_of_versions_that_has_run_out_breaks_no_check() -> None:
    manifest = """resource "kubernetes_manifest" "m" {
      manifest = {
        apiVersion = "policy/v1beta1"
        kind       = "PodDisruptionBudget"
        metadata   = { name = "m" }
      }
    }
    """
    review = audit(tree({"main.tf": manifest}), Config(), today=date(2031, 1, 1))
    assert "internal error" not in review.verdict.reason
    assert "EKS-UPG-108" in {each.id for each in review.findings} | {
        each.id for each in review.coverage.not_evaluated
    }
