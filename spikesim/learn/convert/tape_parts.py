"""The parts of any Module, read off its tape: affine maps and rate units in turn.

The model goes forward once; between one layer of rate units and the next the tape may hold any operations that are
affine in their input (Linear, convolution, mean pooling, normalisation in use, reshaping, sums of branches...).  That
is a property of the operations, not a guess from values.  Their common matrix is found by sending unit vectors through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ..autodiff.tape import Var, ordered
from ..layers.activations import LIFRate, Logistic, LogSoftmax, OneHot, ReLU, Softmax
from ..layers.module import Module

__all__ = ["tape_parts"]

ROWS = 64  # unit vectors at once

#: Affine in whatever arguments depend on the input.
_ANY = set(
    "add subtract negative positive sum mean cumsum reshape transpose getitem concatenate stack broadcast_to astype put"
    " where".split()
)
#: Affine in one argument, if the others do not depend on the input: which it may be.
_ONE = {"multiply": (0, 1), "divide": (0,), "matmul": (0, 1), "linear": (0,), "conv2d": (0,)}
_HEADS = {"softmax": Softmax, "log_softmax": LogSoftmax, "logistic": Logistic, "one_hot": OneHot}


def tape_parts(model: Module, shape: tuple[int, ...], where: str) -> Iterator[tuple[str, str, Any]]:
    """Yield (name, kind, part) of a model for samples of a shape: "affine" (weight, bias), "rate" layer, "head" layer.

    Raises
    ------
    InvalidTypeError
        If an operation is neither affine nor the rate of a neuron; the message names it.
    """
    x = Var(np.zeros((ROWS, *shape)))
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        y = model(x)
    finally:
        for module, mode in modes:
            object.__setattr__(module, "training", mode)
    if not isinstance(y, Var) or y.ndim < 1 or len(y) != ROWS:
        raise InvalidTypeError(f"{where}: its output is not one row a sample, wanted a Var of shape (samples, outputs)")
    alive = _depending(x, y)
    heads: list[Module] = []
    end = y
    while end.creator is not None and end.creator.name in _HEADS and end.creator.args[0] in alive:
        options = {"dim": end.creator.options["axis"]} if "axis" in end.creator.options else {}
        heads.insert(0, _HEADS[end.creator.name](**options))
        end = end.creator.args[0]
    chain: list[Var] = []  # of rate units, from the output down
    segments: list[tuple[Var, Var, list[Var]]] = []
    while True:
        start, path = _segment(end, alive, x, where)
        segments.insert(0, (start, end, path))
        if start is x:
            break
        chain.insert(0, start)
        assert start.creator is not None
        end = start.creator.args[0]
    for k, (start, end, path) in enumerate(segments):
        yield f"affine part {k + 1}", "affine", _matrix(start, end, path, where)
        if k < len(chain):
            op: Any = chain[k].creator
            layer = ReLU() if op.name == "relu" else LIFRate(**op.options)
            yield f"rates {k + 1}", "rate", layer
    for head in heads:
        yield type(head).__name__, "head", head


class _Vars(dict):
    """Vars by identity (they compare entry by entry)."""

    def __contains__(self, var: object) -> bool:
        return super().__contains__(id(var))


def _depending(x: Var, y: Var) -> _Vars:
    """Return the Vars of the expression y that depend on x."""
    alive = _Vars({id(x): x})
    for var in reversed(ordered(y)):
        if var.creator is not None and any(arg in alive for arg in var.creator.args):
            alive[id(var)] = var
    return alive


def _segment(end: Var, alive: _Vars, x: Var, where: str) -> tuple[Var, list[Var]]:
    """Return the one Var that `end` is affine in, rate units or the input, and the Vars between, oldest first."""
    starts, path, stack = _Vars(), _Vars(), [end]
    while stack:
        var = stack.pop()
        if var in path or var in starts:
            continue
        op = var.creator
        if var is x or (op is not None and op.name in ("relu", "lif_rate")):
            starts[id(var)] = var
            continue
        if op is None:
            raise InvalidTypeError(f"{where}: its output does not depend on its input")
        depend = [k for k, arg in enumerate(op.args) if arg in alive]
        allowed = op.name in _ANY or (op.name in _ONE and len(depend) == 1 and depend[0] in _ONE[op.name])
        if not allowed:
            raise InvalidTypeError(
                f"{where}: {op.name} of what depends on the input is neither affine nor the rate of a neuron, there is"
                " no spiking neuron for it; wanted affine layers (Linear, Conv2d, AvgPool2d, BatchNorm, Flatten) with"
                " LIFRate or ReLU between them"
            )
        path[id(var)] = var
        stack.extend(op.args[k] for k in depend)
    if len(starts) != 1:
        raise InvalidTypeError(
            f"{where}: a layer reads {len(starts)} layers of rate units at once (or one and the input); wanted a chain,"
            " each layer on the one before"
        )
    (start,) = starts.values()
    return start, sorted(path.values(), key=lambda v: v._born)


def _matrix(start: Var, end: Var, path: list[Var], where: str) -> tuple[np.ndarray, np.ndarray]:
    """Return weight (n_end, n_start) and bias of an affine part, by sending 0 and the unit vectors through it."""
    if start is end:
        n = math.prod(start.shape[1:])
        return np.eye(n), np.zeros(n)
    shape, n = tuple(start.shape[1:]), math.prod(start.shape[1:])

    def through(rows: np.ndarray) -> np.ndarray:
        full = np.zeros((ROWS, n))
        full[: len(rows)] = rows
        start._val = full.reshape(ROWS, *shape).astype(start.dtype)
        for var in path:
            assert var.creator is not None
            var._val = var.creator.compute()
        return np.asarray(end._val, dtype=np.float64).reshape(ROWS, -1)[: len(rows)]

    bias = through(np.zeros((1, n)))[0]
    weight = np.empty((bias.size, n))
    for first in range(0, n, ROWS):
        index = np.arange(first, min(first + ROWS, n))
        unit = np.zeros((index.size, n))
        unit[np.arange(index.size), index] = 1.0
        weight[:, index] = (through(unit) - bias).T
    trial = np.random.default_rng(0).normal(size=(ROWS, n))
    expected = trial @ weight.T + bias
    if not np.allclose(through(trial), expected, rtol=1e-3, atol=1e-3 * max(1.0, float(np.max(np.abs(expected))))):
        raise InvalidValueError(f"{where}: the output of a sample depends on the other samples of its batch")
    return weight, bias
