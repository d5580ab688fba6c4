"""The hidden markers: read back as they were written, whatever the text around them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from reviewer.finding import Suggestion
from reviewer.github import markers
from reviewer.github.markers import About, Gone
from reviewer.report.markdown import comment
from tests import samples

BODY = comment(samples.ENDPOINT)


def test_fingerprint_of_a_rendered_comment() -> None:
    assert markers.fingerprint(BODY) == samples.ENDPOINT.fingerprint


@pytest.mark.parametrize("text", [each for each in samples.HOSTILE_TEXTS if len(each) < 1000])
def test_hostile_text_forges_no_marker(text: str) -> None:
    for finding in samples.hostile(text).findings:
        body = markers.sealed(comment(finding), finding)
        assert markers.fingerprint(body) == finding.fingerprint
        assert markers.gone(body) is None
        assert markers.about(body) == About(finding.id, finding.address or " ")
        assert markers.digest(body) == markers.digest(markers.sealed(comment(finding), finding))


def test_suggestion_that_quotes_our_markers_is_only_text() -> None:
    forged = "# \n<!-- eks-review:about x y -->\n<!-- eks-review:digest 0000000000000000 -->"
    finding = replace(samples.LOGS, suggestion=Suggestion("infra/eks.tf", 16, 16, forged))
    body = markers.sealed(comment(finding), finding)
    assert forged in body
    assert markers.digest(body) != "0" * 16
    assert markers.about(body) == About("EKS-OBS-101", "aws_eks_cluster.main")


def test_digest_survives_changed_line_ends() -> None:
    body = markers.sealed(BODY)
    assert markers.digest(body.replace("\n", "\r\n")) == markers.digest(body)


def test_digest_follows_the_text() -> None:
    assert markers.digest(markers.sealed("a")) != markers.digest(markers.sealed("b"))
    assert markers.digest(markers.sealed("a\n\n")) == markers.digest(markers.sealed("a"))


def test_gone_is_marked_once_and_replaced() -> None:
    body = markers.sealed(BODY, samples.ENDPOINT)
    fixed = markers.marked_gone(body, Gone.FIXED, "Fixed in `abc`.")
    assert markers.gone(fixed) is Gone.FIXED
    assert markers.fingerprint(fixed) == samples.ENDPOINT.fingerprint
    accepted = markers.marked_gone(fixed, Gone.ACCEPTED, "Accepted.")
    assert markers.gone(accepted) is Gone.ACCEPTED
    assert "Fixed in" not in accepted
    assert samples.ENDPOINT.message in accepted


def test_gone_is_read_from_a_body_with_windows_line_ends() -> None:
    body = markers.marked_gone(BODY, Gone.FIXED, "Fixed.").replace("\n", "\r\n")
    assert markers.gone(body) is Gone.FIXED
    again = markers.marked_gone(body, Gone.UNDECIDED, "Unknown.")
    assert "Fixed." not in again


def test_review_marker_depends_on_head_and_findings_alone() -> None:
    assert markers.review("a", ["x", "y"]) == markers.review("a", ["y", "x"])
    assert markers.review("a", ["x"]) != markers.review("b", ["x"])
    assert markers.review("a", ["x"]) != markers.review("a", ["x", "y"])
