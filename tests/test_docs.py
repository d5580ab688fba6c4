"""The generated pages are fresh, and every check has one."""

from __future__ import annotations

from reviewer import docs
from reviewer.checks import CHECKS


def test_nothing_generated_is_stale() -> None:
    assert list(docs.stale()) == []


def test_every_check_has_a_page_and_a_row() -> None:
    pages = docs.pages()
    readme = pages[docs.ROOT / "README.md"]
    for check in CHECKS.values():
        assert docs.ROOT / "docs" / "checks" / f"{check.id}.md" in pages
        assert f"[{check.id}](docs/checks/{check.id}.md)" in readme


def test_only_the_table_of_the_readme_is_replaced() -> None:
    text = docs.with_table(f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n")
    assert text.startswith(f"before\n{docs.BEGIN}\n\n**1.1 Region mismatch**")
    assert text.endswith(f"\n\n{docs.END}\nafter\n")
