"""Trains the network of the question `learn` in PyTorch (https://pytorch.org), as its tutorials do."""

from __future__ import annotations

import os
import time

import numpy as np
import torch
from draw import answer, job, peak_mb


def main() -> None:
    asked = job()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    n_in, hidden, n_out = asked["widths"]
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.random((asked["samples"], n_in), dtype=np.float32))
    classes = torch.from_numpy(rng.integers(0, n_out, asked["samples"]))
    net = torch.nn.Sequential(torch.nn.Linear(n_in, hidden), torch.nn.Sigmoid(), torch.nn.Linear(hidden, n_out))
    loss = torch.nn.CrossEntropyLoss()
    optimizer = getattr(torch.optim, asked["optimizer"])(net.parameters(), lr=asked["lr"])

    def epoch() -> tuple[float, float]:
        clock, cpu = time.perf_counter(), time.process_time()
        for k in range(0, len(x), asked["batch"]):
            optimizer.zero_grad()
            error = loss(net(x[k : k + asked["batch"]]), classes[k : k + asked["batch"]])
            error.backward()
            optimizer.step()
        return time.perf_counter() - clock, time.process_time() - cpu

    epoch()
    run_s, cpu_s = (min(column) for column in zip(*[epoch() for _ in range(asked["epochs"])]))
    answer({"version": f"PyTorch {torch.__version__}", "run_s": run_s, "cpu_s": cpu_s, "peak_mb": peak_mb()})


main()
