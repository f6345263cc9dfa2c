"""Times training by surrogate gradients in snnTorch, Norse and SpikingJelly (PyTorch), as their tutorials write it.

snnTorch (tutorial 5): `Leaky` cells in a loop over the steps, the mean of the output potentials.  Norse (its MNIST
tutorial): `LIFCell`, which has a synaptic current of its own, and a leaky integrator, in a loop.  SpikingJelly (its
page on step modes): layers in multi-step mode, which do one product for all steps, the mean of the output spikes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from draw import answer, job, peak_mb, pixels

Net = Callable[[torch.Tensor], torch.Tensor]


def snntorch(n: int, hidden: int, hoisted: bool) -> tuple[Net, list[torch.nn.Module]]:
    """Return what makes scores (batch, 10) of inputs (steps, batch, n), and its layers."""
    from snntorch import Leaky

    first, last, cell, out = torch.nn.Linear(n, hidden), torch.nn.Linear(hidden, 10), Leaky(beta=0.9), Leaky(beta=0.9)

    def net(x: torch.Tensor) -> torch.Tensor:
        v, w, trace = cell.init_leaky(), out.init_leaky(), []
        product = first(x[0]) if hoisted else None
        for now in x:
            spikes, v = cell(first(now) if product is None else product, v)
            _, w = out(last(spikes), w)
            trace.append(w)
        return torch.stack(trace).mean(0)

    return net, [first, last]


def norse(n: int, hidden: int, hoisted: bool) -> tuple[Net, list[torch.nn.Module]]:
    """The same in Norse."""
    from norse.torch import LICell, LIFCell

    first, last, cell, out = torch.nn.Linear(n, hidden), torch.nn.Linear(hidden, 10), LIFCell(), LICell()

    def net(x: torch.Tensor) -> torch.Tensor:
        state, end, trace = None, None, []
        product = first(x[0]) if hoisted else None
        for now in x:
            spikes, state = cell(first(now) if product is None else product, state)
            w, end = out(last(spikes), end)
            trace.append(w)
        return torch.stack(trace).mean(0)

    return net, [first, last]


def spikingjelly(n: int, hidden: int, hoisted: bool) -> tuple[Net, list[torch.nn.Module]]:
    """The same in SpikingJelly."""
    from spikingjelly.activation_based import functional, layer, neuron, surrogate

    first, last = layer.Linear(n, hidden), layer.Linear(hidden, 10)
    cells = [neuron.LIFNode(tau=10.0, surrogate_function=surrogate.ATan()) for _ in range(2)]
    whole = torch.nn.Sequential(first, cells[0], last, cells[1])
    functional.set_step_mode(whole, "m")

    def net(x: torch.Tensor) -> torch.Tensor:
        functional.reset_net(whole)
        product = first(x[:1]).expand(len(x), -1, -1) if hoisted else first(x)
        return cells[1](last(cells[0](product))).mean(0)

    return net, [first, last]


def shown(code: str, steps: int, image: torch.Tensor) -> Callable[[], torch.Tensor]:
    """Return what makes the input of an update, (steps, batch, pixels)."""
    constant = image.expand(steps, *image.shape)
    if code == "poisson":
        return lambda: torch.bernoulli(constant)
    if code == "latency":
        spikes = torch.zeros(constant.shape)
        spikes.scatter_(0, ((1.0 - image) * (steps - 1)).long()[None], (image > 0.01).float()[None])
        return lambda: spikes
    return lambda: constant


def main() -> None:
    asked = job()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    make = {"snntorch": snntorch, "norse": norse, "spikingjelly": spikingjelly}[asked["mode"]]
    net, layers = make(asked["pixels"], asked["hidden"], asked["code"] == "hoisted")
    image, classes = map(torch.from_numpy, pixels(asked["batch"], asked["pixels"]))
    given = shown(asked["code"], asked["steps"], image)
    optimizer = torch.optim.Adam([p for part in layers for p in part.parameters()], lr=1e-3)
    criterion = torch.nn.CrossEntropyLoss()

    def updates(n: int) -> None:
        for _ in range(n):
            optimizer.zero_grad()
            criterion(net(given()), classes).backward()
            optimizer.step()

    updates(3)
    clock, cpu = time.perf_counter(), time.process_time()
    updates(asked["updates"])
    epoch = asked["samples"] / asked["batch"] / asked["updates"]
    found = {"run_s": (time.perf_counter() - clock) * epoch, "cpu_s": (time.process_time() - cpu) * epoch}
    answer({"version": f"{asked['mode']}, torch {torch.__version__}", "peak_mb": peak_mb(), **found})


main()
