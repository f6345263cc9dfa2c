"""Thresholds of Poisson counts for the 32-bit draws of `poisson`.

A probability is a multiple of 2^-32 there.  Where events are rare that is not enough: their thresholds are the draws
that may reach, and the last of these does so with a probability of its own, `chance`, so that the law is exact.
"""

from __future__ import annotations

import numpy as np

__all__ = ["RARE", "RateClasses"]

#: Mean counts a step below this one have exact tails.
RARE = 1e-3


class RateClasses:
    """Distinct mean counts a step, each a base and thresholds: count = base + how many thresholds a draw reaches."""

    def __init__(self) -> None:
        self._known: dict[float, int] = {}
        self._thresholds: list[np.ndarray] = []
        self._chances: list[np.ndarray] = []
        self._base: list[int] = []
        self._groups: list[np.ndarray] = []
        self._size = 0

    def one(self, mean: float) -> int:
        """Return the class of a mean count."""
        mean = float(mean)
        if mean not in self._known:
            from scipy.special import pdtr, pdtrc  # long to import: only who has a Poisson process waits for it

            self._known[mean] = len(self._base)
            if 0.0 < mean < RARE:
                draws = pdtrc(np.arange(20), mean) * 2.0**32  # that count more than k
                draws = draws[draws > 1e-6]
                self._base.append(0)
                self._thresholds.append((2.0**32 - np.ceil(draws)).astype(np.uint32))
                self._chances.append(1.0 - (np.ceil(draws) - draws))
                return self._known[mean]
            spread = 9.0 * np.sqrt(mean) + 20.0
            low, high = int(max(0.0, mean - spread)), int(mean + spread)
            cumulative = np.rint(pdtr(np.arange(low, high + 1), mean) * 2.0**32)
            below = int(np.count_nonzero(cumulative <= 0.0))  # counts that are never drawn
            thresholds = cumulative[(cumulative > 0.0) & (cumulative < 2.0**32)].astype(np.uint32)
            self._base.append(low + below)
            self._thresholds.append(thresholds)
            self._chances.append(np.ones(thresholds.size))
        return self._known[mean]

    def each(self, means: np.ndarray) -> tuple[int, int]:
        """Return (offset of the groups or -1, class) for one mean a neuron."""
        values, back = np.unique(means, return_inverse=True)
        if values.size == 1:
            return -1, self.one(values[0])
        classes = np.array([self.one(v) for v in values], np.int32)
        at = self._size
        self._groups.append(classes[back])
        self._size += means.size
        return at, 0

    def most(self, mean: float) -> int:
        """Return the largest count that can be drawn."""
        k = self.one(mean)
        return self._base[k] + self._thresholds[k].size

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return (rate_group int32, rate_ptr int64, rate_base int32, rate_threshold uint32, rate_chance float64)."""
        sizes = [t.size for t in self._thresholds]
        ptr = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        thresholds = np.concatenate([*self._thresholds, np.zeros(1, np.uint32)])
        groups = np.concatenate([*self._groups, np.zeros(1, np.int32)])
        return (
            groups,
            ptr,
            np.array([*self._base, 0], np.int32),
            thresholds,
            np.concatenate([*self._chances, np.ones(1)]),
        )
