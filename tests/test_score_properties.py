"""Promises of the score, held against random changes of real configurations, base and head side by side."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer import pipeline
from reviewer.change.change import Change
from reviewer.change.diff import ChangedFile, FileStatus, Hunk
from reviewer.checks import CHECKS
from reviewer.config.config import Config
from reviewer.finding import Pillar
from tests.trees import tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from reviewer.review import Review

SELECTED = ("EKS-SEC-101", "EKS-SEC-102", "EKS-SEC-307", "EKS-SEC-308", "EKS-OBS-106")
CHOSEN = {name: CHECKS[name] for name in SELECTED if name in CHECKS}


def rule(number: int, port: int, network: str) -> str:
    return (
        f'resource "aws_vpc_security_group_ingress_rule" "r{number}" {{\n  security_group_id = "sg-{number}"\n'
        f'  cidr_ipv4 = "{network}"\n  from_port = {port}\n  to_port = {port}\n  ip_protocol = "tcp"\n}}\n'
    )


def key(number: int, rotated: str) -> str:
    return f'resource "aws_kms_key" "k{number}" {{\n  enable_key_rotation = {rotated}\n}}\n'


def volume(number: int, encrypted: str) -> str:
    return (
        f'resource "aws_ebs_volume" "v{number}" {{\n  availability_zone = "eu-west-1a"\n  size = 1\n'
        f"  encrypted = {encrypted}\n}}\n"
    )


@st.composite
def blocks(draw: st.DrawFn) -> list[str]:
    """Return blocks of which some have problems of different severity; each has an address of its own."""
    found = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.integers(0, 2))
        if kind == 0:
            port = draw(st.sampled_from([22, 443, 8080]))
            found.append(rule(number, port, draw(st.sampled_from(["0.0.0.0/0", "10.0.0.0/8"]))))
        elif kind == 1:
            found.append(key(number, draw(st.sampled_from(["true", "false"]))))
        else:
            found.append(volume(number, draw(st.sampled_from(["true", "false"]))))
    return found


def review(base: Sequence[str], head: Sequence[str]) -> Review:
    """Review the change of one file as a whole, so that every block counts as touched on both sides."""
    before, after = "".join(base), "".join(head)
    old, new = before.count("\n"), after.count("\n")
    added, removed = (frozenset(range(1, count + 1)) for count in (new, old))
    hunks = (Hunk(1 if old else 0, old, 1 if new else 0, new, added, removed),)
    file = ChangedFile("main.tf", "main.tf", FileStatus.MODIFIED, binary=False, hunks=hunks)
    change = Change(tree({"main.tf": before}), tree({"main.tf": after}), (file,))
    return pipeline.review(change, Config(), today=date(2026, 11, 23), checks=CHOSEN)


def scores(result: Review) -> list[tuple[int | None, int | None]]:
    """Return the scores of the pillars, each at the head and at the base."""
    return [(result.scorecard[each].score, result.scorecard[each].base) for each in Pillar]


def no_worse(before: int | None, after: int | None) -> bool:
    return before is None or after is None or after >= before


def test_the_blocks_below_do_have_a_score() -> None:
    bad, good = review([], [rule(1, 22, "0.0.0.0/0")]), review([], [rule(1, 22, "10.0.0.0/8")])
    assert (bad.scorecard[Pillar.SECURITY].score, good.scorecard[Pillar.SECURITY].score) == (66, 100)


HYPOTHESIS = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@given(blocks(), st.randoms(use_true_random=False))
@HYPOTHESIS
def test_the_order_of_blocks_does_not_matter(found: list[str], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert scores(review(found, shuffled)) == [(score, score) for score, _ in scores(review(found, found))]


@given(blocks())
@HYPOTHESIS
def test_the_same_code_has_the_same_score_at_base_and_head(found: list[str]) -> None:
    changed = [text.replace("{\n", "{\n  count = 1\n", 1) for text in found]
    assert all(head == base for head, base in scores(review(found, changed)))


@given(blocks(), st.data())
@HYPOTHESIS
def test_a_deletion_never_hurts(found: list[str], data: st.DataObject) -> None:
    kept = [text for text in found if data.draw(st.booleans())]
    assert all(no_worse(base, head) for head, base in scores(review(found, kept)))


@given(blocks(), blocks())
@HYPOTHESIS
def test_more_problems_never_raise_a_score(found: list[str], more: list[str]) -> None:
    added = [text.replace('" "', '" "more_', 1) for text in more]
    alone, together = scores(review([], found)), scores(review([], [*found, *added]))
    assert all(no_worse(after, before) for (before, _), (after, _) in zip(alone, together, strict=True))


@given(blocks())
@HYPOTHESIS
def test_a_fix_never_hurts(found: list[str]) -> None:
    fixed = [text.replace("0.0.0.0/0", "10.0.0.0/8").replace("= false", "= true") for text in found]
    assert all(no_worse(base, head) for head, base in scores(review(found, fixed)))
