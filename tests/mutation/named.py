"""Mutants that once survived the suite: each must be killed by it, see ``python -m tests.mutation --named``."""

from __future__ import annotations

__all__ = ["NAMED"]

CLOCK = "spikesim/engine/clock/"

#: (what it does, path, the line as it stands, what it becomes, which of the lines that stand so).
NAMED: list[tuple[str, str, str, str, int]] = [
    (
        "one refractory time for all",
        CLOCK + "tables.py",
        'row["t_ref"], row["own_t_ref"] = sum(s.size for s in self.t_ref), steps.size > 1',
        'row["t_ref"], row["own_t_ref"] = sum(s.size for s in self.t_ref), False',
        1,
    ),
    (
        "that of another neuron",
        CLOCK + "threshold.py",
        "own_ref = i if part.own_t_ref else np.int64(0)",
        "own_ref = np.int64(0)",
        1,
    ),
    (
        "a constant weight overwrites what has arrived",
        CLOCK + "deliver.py",
        "row[t[j]] += weight",
        "row[t[j]] = weight",
        1,
    ),
    (
        "jumps are dropped in spite of refractory_input=True",
        CLOCK + "tables.py",
        'row["keep" if port.refractory_input else "delta"] = rows[0]  # type: ignore[attr-defined]',
        'row["delta"] = rows[0]',
        1,
    ),
    (
        "what is kept does not decay",
        CLOCK + "refractory.py",
        "delta[k] = 0.0 if free else f0 * d",
        "delta[k] = 0.0 if free else d",
        1,
    ),
    ("what is kept is lost", CLOCK + "refractory.py", "delta[k] = 0.0 if free else f0 * d", "delta[k] = 0.0", 1),
    (
        "a neuron on its threshold is silent, fused",
        CLOCK + "fused.py",
        "reached |= np.int64(new >= level)",
        "reached |= np.int64(new > level)",
        1,
    ),
    (
        "a neuron on its threshold is silent",
        CLOCK + "threshold.py",
        "fired[k] = np.uint8((v[k] >= t) & (refractory[k] == 0))",
        "fired[k] = np.uint8((v[k] > t) & (refractory[k] == 0))",
        1,
    ),
    ("the first filter does not decay, fused", CLOCK + "fused.py", "one[k] = faded(a, p1)", "one[k] = a", 1),
    ("the second filter does not decay, fused", CLOCK + "fused.py", "two[k] = faded(b, p2)", "two[k] = b", 1),
    ("the third filter does not decay, fused", CLOCK + "fused.py", "three[k] = faded(d, p3)", "three[k] = d", 1),
    (
        "the first filter of a nonlinear model does not decay",
        CLOCK + "fused.py",
        "one[k] = faded(a, p1)",
        "one[k] = a",
        2,
    ),
    (
        "the third filter of a nonlinear model does not decay",
        CLOCK + "fused.py",
        "three[k] = faded(d, p3)",
        "three[k] = d",
        2,
    ),
    (
        "Poisson: a level is rounded down",
        CLOCK + "poisson.py",
        "out[k - first] = (np.int64(threshold[k]) - lower + 0xFFFF) >> 16",
        "out[k - first] = (np.int64(threshold[k]) - lower) >> 16",
        1,
    ),
    (
        "Poisson: the third level of four is left out",
        CLOCK + "poisson.py",
        "c[i] += np.uint8(d[i] >= t0) + np.uint8(d[i] >= t1) + np.uint8(d[i] >= t2) + np.uint8(d[i] >= t3)",
        "c[i] += np.uint8(d[i] >= t0) + np.uint8(d[i] >= t1) + np.uint8(d[i] >= t3)",
        1,
    ),
    ("Poisson: a pair of levels is left out", CLOCK + "poisson.py", "if k + 2 <= m:", "if k + 2 < m:", 1),
    ("Poisson: the last level is left out", CLOCK + "poisson.py", "if k < m:", "if k < m - 1:", 1),
    ("Poisson: four levels are left out", CLOCK + "poisson.py", "while k + 4 <= m:", "while k + 4 < m:", 1),
    (
        "Poisson: thresholds that all draws reach are left out",
        CLOCK + "poisson.py",
        "start = base + np.int32(first)",
        "start = base",
        1,
    ),
    (
        "Poisson: the level of a class is its neighbour's",
        CLOCK + "poisson.py",
        "among = threshold[ptr[c] : ptr[c + 1]]",
        "among = threshold[ptr[0] : ptr[1]]",
        1,
    ),
]
