"""Times a step of gradient descent in JAX (https://docs.jax.dev), compiled as a whole, weights given back in place."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import Any

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
from draw import answer, batches, job, peak_mb, weights
from jax import numpy as jnp

WINDOWS = ("NCHW", "OIHW", "NCHW")


def convolved(x: Any, w: Any, b: Any) -> Any:
    return jax.lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=WINDOWS) + b[:, None, None]


def pooled(x: Any, k: int) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, k, k), (1, 1, k, k), "VALID")


LAYERS: dict[str, Callable[..., Any]] = {
    "Sigmoid": lambda x: jax.nn.sigmoid(x),
    "ReLU": lambda x: jax.nn.relu(x),
    "Flatten": lambda x: x.reshape(x.shape[0], -1),
    "MaxPool2d": pooled,
}
LEARNT: dict[str, Callable[..., Any]] = {"Linear": lambda x, w, b: x @ w.T + b, "Conv2d": convolved}


def main() -> None:
    asked = job()

    def loss(parameters: list[Any], x: Any, y: Any) -> Any:
        left = iter(parameters)
        for name, *sizes in asked["layers"]:
            x = LEARNT[name](x, next(left), next(left)) if name in LEARNT else LAYERS[name](x, *sizes)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1))

    @functools.partial(jax.jit, donate_argnums=0)
    def step(parameters: list[Any], x: Any, y: Any) -> list[Any]:
        return [p - asked["lr"] * g for p, g in zip(parameters, jax.grad(loss)(parameters, x, y))]

    parameters = [jnp.array(drawn) for drawn in weights(asked["layers"])]
    given = [(jnp.asarray(x), jnp.asarray(y)) for x, y in batches(asked["shape"], asked["batch"])]
    times, reached = [], float("nan")
    for k in range(asked["rounds"] + 1):
        clock, cpu = time.perf_counter(), time.process_time()
        for j in range(asked["steps"]):
            parameters = step(parameters, *given[j % len(given)])
        jax.block_until_ready(parameters)
        times.append((time.perf_counter() - clock, time.process_time() - cpu))
        if not k:
            reached = float(loss(parameters, *given[0]))
    run_s, cpu_s = (min(column) / asked["steps"] for column in zip(*times[1:]))
    found = {"run_s": run_s * asked["steps"], "step_us": 1e6 * run_s, "cpu_us": 1e6 * cpu_s, "loss": reached}
    answer({"version": f"JAX {jax.__version__}", "peak_mb": peak_mb(), **found})


main()
