"""The generated pages are fresh, and every check has one."""

from __future__ import annotations

from reviewer.checks import CHECKS
from reviewer.docs import generate


def test_nothing_generated_is_stale() -> None:
    assert list(generate.stale()) == []


def test_every_check_has_a_page_and_a_row() -> None:
    pages = generate.pages()
    readme = pages[generate.ROOT / "README.md"]
    for check in CHECKS.values():
        assert generate.ROOT / "docs" / "checks" / f"{check.id}.md" in pages
        assert f"[{check.id}](docs/checks/{check.id}.md)" in readme


def test_only_the_table_of_the_readme_is_replaced() -> None:
    text = generate.with_table(f"before\n{generate.BEGIN}\nold\n{generate.END}\nafter\n")
    assert text.startswith(f"before\n{generate.BEGIN}\n\n**1.1 Region mismatch**")
    assert text.endswith(f"\n\n{generate.END}\nafter\n")
