"""The parts that the exactness rests on."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sangkien.contract.text import match_key
from sangkien.simulate.cells import title_parts
from sangkien.simulate.draw import apportion
from sangkien.simulate.words import words


@given(st.lists(st.integers(0, 10**6), min_size=1).filter(any), st.integers(0, 10**6))
def test_apportion_is_exact_and_in_proportion(weights: list[int], total: int) -> None:
    shares = apportion(total, weights).tolist()
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1
        assert share <= weight or total > sum(weights)


def test_titles_can_be_taken_apart() -> None:
    """No word list of a title has an entry that begins with another: so titles are equal only in all their parts."""
    for name in ("verbs", "objects", "purposes", "places"):
        keys = [f"{match_key(text)} " for text in words(name)]
        assert not [pair for pair in permutations(keys, 2) if pair[0].startswith(pair[1])]


def test_titles_never_look_like_a_total() -> None:
    assert not [text for text in words("verbs") if match_key(text).startswith(("tong", "cong"))]


def test_different_numbers_have_different_titles() -> None:
    numbers = np.arange(300_000)
    parts = np.stack(title_parts(numbers, seed=1))
    mixed = np.ravel_multi_index(tuple(parts), tuple(parts.max(axis=1) + 1))
    assert len(np.unique(mixed)) == len(numbers)
