"""Names, paths, keys, values and reasons of a real change that try to break out of every report."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from reviewer import pipeline
from reviewer.change.change import from_git
from reviewer.change.git import GitRepository
from reviewer.config.config import Config
from reviewer.report import Format, render
from tests.change.repo import Repo
from tests.test_escape import Page, assert_harmless

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.review import Review

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "end of the page": "</code></pre></td></table></body></html>",
    "end of an attribute": "'\\\" onmouseover=alert(1) x='",
    "comment of HTML": "<!-- eks-review:summary --> -->",
    "details": "</details><details open>",
    "link": "[click](https://evil.example) ![x](https://evil.example/p.png)",
    "address": "https://evil.example/login www.evil.example",
    "mention": "@octocat @org/team #1 octo/repo#2",
    "code": "`` ` ``` x",
    "suggestion": "```suggestion",
    "table": "a|b||c",
    "heading": "# heading **bold** ~~gone~~",
    "workflow command": "::error::gone%0A::set-output name=x::y",
    "old command": "##[error]gone ##[add-mask]x",
    "mask": "::add-mask::a",
    "terminal colours": "\\u001b[2J\\u001b[31mred",
    "terminal link": "\\u001b]8;;https://evil.example\\u0007x",
    "terminal title": "\\u001b]0;title\\u0007",
    "backspaces": "passed\\u0008\\u0008\\u0008\\u0008\\u0008\\u0008failed",
    "carriage return": "a\\rb\\u2028c\\u0085d",
    "right to left": "\\u202egnp.exe\\u2066",
    "nothing visible": "a\\u200b\\u2060b",
    "template": "{{ 7 * 7 }} {% raw %}",
    "format": "{0.__class__} %s %(x)s",
    "file name": "'$(id)`id`;|&",
}


def hostile_change(repo: Repo, payload: str) -> Review:
    """Return the review of a change that has the payload wherever a change can have any text.

    It is written as Terraform escapes it; a file name has the characters themselves.
    """
    raw = json.loads('"' + payload.replace("\\\\", "\\").replace('\\"', "'").replace('"', "'") + '"')
    name = raw.replace("/", "_")
    label = re.sub(r'["\\\n\r\x00-\x1f\u2028\x85]', "_", raw)
    text = f"""\
# eks-review:ignore EKS-SEC-102 reason="{label}" until=2027-01-01
resource "aws_vpc_security_group_ingress_rule" "{label}" {{
  security_group_id = "sg-1"
  description       = "{payload}"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}}

resource "aws_vpc_security_group_ingress_rule" "many" {{
  for_each = {{ "{payload}" = "0.0.0.0/0" }}

  security_group_id = each.key
  cidr_ipv4         = each.value
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}}

variable "password" {{
  default = "{payload}"
}}
"""
    first = repo.commit({"kept.tf": "\n"})
    second = repo.commit({f"{name[:60]}.tf": text, f"broken {name[:60]}.tf": "a = = 1\n"})
    with GitRepository.open(repo.root) as opened:
        return pipeline.review(from_git(opened, first, second), Config(), today=date(2026, 11, 23))


class Tags(HTMLParser):
    """The tags of a page, and what its attributes would run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


@pytest.fixture(params=list(PAYLOADS.values()), ids=list(PAYLOADS))
def review(request: pytest.FixtureRequest, tmp_path: Path) -> Review:
    review = hostile_change(Repo.create(tmp_path / "repo"), request.param)
    assert {"EKS-SEC-101"} <= {each.id for each in review.findings}
    assert review.coverage.files_not_analysed
    return review


def test_no_report_is_broken_out_of(review: Review) -> None:
    markdown = render(Format.MARKDOWN, review)
    assert_harmless(Page(markdown))

    page = Tags(render(Format.HTML, review))
    clean = {"img", "iframe", "object", "embed", "base", "marquee"} & page.tags
    assert (clean, page.handlers) == (set(), [])
    assert [each for each in page.addresses if "evil" in each.partition("?")[0]] == []

    text = render(Format.TEXT, review)
    assert (
        re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028\u202a-\u202e\u2060\u2066-\u2069]", text) == []
    )

    for line in render(Format.GITHUB, review).splitlines():
        # Commands are ours; whatever else is printed starts like none.
        assert re.match(r"(::(error|warning|notice) (file|title)=|[a-z]+: )[^\x00-\x1f]*$", line), line
        assert "##[" not in line

    sarif = json.loads(render(Format.SARIF, review))
    for result in sarif["runs"][0]["results"]:
        assert "evil.example" not in json.dumps(result.get("hostedViewerUri", ""))
    assert json.loads(render(Format.JSON, review))["verdict"]["conclusion"] == "failure"
