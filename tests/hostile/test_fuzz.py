"""Readers of untrusted text under random input: rubbish, and good text that was cut, doubled and mixed up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.seeds import SEEDS, SPICE
from tests.hostile.targets import TARGETS


@st.composite
def mangled(draw: st.DrawFn, seeds: tuple[str, ...]) -> bytes:
    """Return a seed with pieces cut out, doubled, swapped and spiced; or plain rubbish."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=200))
    text = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = draw(
            st.sampled_from(
                ["", text[start:end] * 2, draw(st.sampled_from(SPICE)), draw(st.text(max_size=5))]
            )
        )
        text = text[:start] + piece + text[end:]
    return text.encode("utf-8", "replace")


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_a_reader_is_given_breaks_it(name: str) -> None:
    @given(mangled(SEEDS[name]))
    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    def holds(data: bytes) -> None:
        TARGETS[name](data)

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_themselves_are_read(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed.encode())
