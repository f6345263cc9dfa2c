"""What the peers' scripts share: the answer, the peak of memory, values and synapses drawn from a plain description.

Plain NumPy: these scripts run in the Python of another simulator, without spikesim.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["answer", "batches", "job", "peak_mb", "pixels", "sign", "synapses", "values", "weights"]


def job() -> dict[str, Any]:
    """Return what was asked."""
    return json.loads(Path(sys.argv[1]).read_text())


def answer(result: dict[str, Any]) -> None:
    """Hand the result to the parent."""
    print("RESULT " + json.dumps(result), flush=True)


def peak_mb(pid: int | str = "self") -> float:
    """Return the peak of the resident set of a process (Linux; nan where there is no such file)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next((int(s.split()[1]) * 1024 / 1e6 for s in lines if s.startswith("VmHWM")), float("nan"))


def values(given: Any, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return n values: of a number, a list, or a law."""
    if not isinstance(given, dict):
        return np.broadcast_to(np.asarray(given, float), (n,)).copy()
    if given["law"] == "uniform":
        return rng.uniform(given["low"], given["high"], n)
    low = -np.inf if given["low"] is None else given["low"]
    high = np.inf if given["high"] is None else given["high"]
    drawn = rng.normal(given["mean"], given["sd"], n)
    while (outside := (drawn < low) | (drawn > high)).any():
        drawn[outside] = rng.normal(given["mean"], given["sd"], outside.sum())
    return drawn


def sign(given: Any) -> int:
    """Return the sign of a weight or of the mean of its law."""
    return 1 if (given["mean"] if isinstance(given, dict) else given) >= 0 else -1


def synapses(rule: dict[str, Any], n_pre: int, n_post: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return sources and targets (int32), sorted by source: what delivers fastest."""
    if rule["kind"] == "FixedIndegree":
        pre = rng.integers(0, n_pre, (n_post, rule["k"]), dtype=np.int32).ravel()
        post = np.repeat(np.arange(n_post, dtype=np.int32), rule["k"])
    elif rule["kind"] == "FixedTotal":
        pre = rng.integers(0, n_pre, rule["n"], dtype=np.int32)
        post = rng.integers(0, n_post, rule["n"], dtype=np.int32)
    else:
        raise ValueError(f"no {rule['kind']} here")
    order = np.argsort(pre.astype(np.int64) * n_post + post)
    return pre[order], post[order]


def weights(layers: list[list[Any]], seed: int = 1) -> list[np.ndarray]:
    """Return weights and biases of the layers that have some, float32: U(+-1/sqrt(inputs of a unit))."""
    rng, drawn = np.random.default_rng(seed), []
    for name, *sizes in layers:
        if name in ("Linear", "Conv2d"):
            shape = (sizes[1], sizes[0], *(sizes[2:] * 2))
            reach = 1.0 / np.sqrt(np.prod(shape[1:]))
            drawn += [rng.uniform(-reach, reach, s).astype(np.float32) for s in (shape, shape[:1])]
    return drawn


def pixels(samples: int, n: int, lit: float = 0.19) -> tuple[np.ndarray, np.ndarray]:
    """Return images of n random pixels (float32), of which a share is lit as in MNIST, and classes."""
    rng = np.random.default_rng(0)
    x = rng.random((samples, n)) * (rng.random((samples, n)) < lit)
    return x.astype(np.float32), rng.integers(0, 10, samples)


def batches(shape: list[int], size: int, n: int = 8, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return n batches of random images (float32) and classes: time does not depend on what they show."""
    rng = np.random.default_rng(seed)
    return [(rng.random((size, *shape), dtype=np.float32), rng.integers(0, 10, size)) for _ in range(n)]
