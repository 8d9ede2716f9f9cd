"""Random streams and exact shares: every choice derives from the simulation's seed and labels, never from order."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Stream = np.random.Generator


def stream(*labels: str | int) -> Stream:
    """A random stream of its own for the labels: the same ones give the same numbers, in any process."""
    digest = hashlib.blake2b("/".join(str(label) for label in labels).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def apportion(total: int, weights: Sequence[int] | IntArray) -> IntArray:
    """Shares of a whole number in proportion to weights, by largest remainder; they add up to it exactly.

    No share exceeds its weight while the total does not exceed the sum of the weights.

    Args:
        total: What is shared out.
        weights: Non-negative whole numbers, not all zero unless the total is.
    """
    parts = np.asarray(weights, dtype=np.int64)
    whole = int(parts.sum())
    if total == 0:
        return np.zeros_like(parts)
    if whole == 0:
        raise ValueError(f"nothing to share {total} over")
    if total * int(parts.max()) > np.iinfo(np.int64).max:
        raise OverflowError(f"weights too large to share {total}")
    shares, remainders = np.divmod(parts * total, whole)
    left = total - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:left]] += 1
    return shares


def proportion(value: int, part: int, whole: int) -> int:
    """`value * part / whole`, rounded half up."""
    return (2 * value * part + whole) // (2 * whole)
