"""Times a step of gradient descent in PyTorch (https://pytorch.org), as its tutorials write it."""

from __future__ import annotations

import time

import torch
from draw import answer, batches, job, peak_mb, weights


def main() -> None:
    asked = job()
    torch.set_num_threads(1)
    net = torch.nn.Sequential(*[getattr(torch.nn, name)(*sizes) for name, *sizes in asked["layers"]])
    with torch.no_grad():
        for parameter, drawn in zip(net.parameters(), weights(asked["layers"])):
            parameter.copy_(torch.from_numpy(drawn))
    given = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in batches(asked["shape"], asked["batch"])]
    criterion, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=asked["lr"])
    times, loss = [], float("nan")
    for k in range(asked["rounds"] + 1):
        clock, cpu = time.perf_counter(), time.process_time()
        for j in range(asked["steps"]):
            x, y = given[j % len(given)]
            optimizer.zero_grad()
            error = criterion(net(x), y)
            error.backward()
            optimizer.step()
        times.append((time.perf_counter() - clock, time.process_time() - cpu))
        if not k:
            with torch.no_grad():
                loss = criterion(net(given[0][0]), given[0][1]).item()
    run_s, cpu_s = (min(column) / asked["steps"] for column in zip(*times[1:]))
    found = {"run_s": run_s * asked["steps"], "step_us": 1e6 * run_s, "cpu_us": 1e6 * cpu_s, "loss": loss}
    answer({"version": f"PyTorch {torch.__version__}", "peak_mb": peak_mb(), **found})


main()
