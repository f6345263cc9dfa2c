"""Recurrent layers: units that see the input of a moment and their own state before it.

| layer | from x_t and the state before |
| ----- | --- |
| RNN   | h = tanh(W x + U h' + b)   (Elman 1990) |
| GRU   | r, z = sigma(W x + U h' + b);  n = tanh(W x + b + r (U h' + c));  h = (1 - z) n + z h'   (Cho et al. 2014) |
| LSTM  | i, f, o = sigma(W x + U h' + b);  g = tanh(...);  c = f c' + i g;  h = o tanh(c)   (Hochreiter et al. 1997) |

The formulas and the order of the gates are PyTorch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import InvalidValueError
from ...keywords import all_named
from ..autodiff.tape import Var, apply, constant
from .linear import Linear
from .module import Module

__all__ = ["GRU", "LSTM", "RNN"]


@all_named
class RNN(Module):
    """Units with a state, over series: x of shape (N, T, n_in) to the states of all times (N, T, n_hidden).

    Parameters
    ----------
    n_in, n_hidden : int
        Inputs of a moment, and units.
    seed : int, optional
        Of the weights, which start as U(+-1/sqrt(n_hidden)).
    batch_first : bool
        False: series are (T, N, n_in), as PyTorch's default.

    Returns
    -------
    On a call, ``(states, last)``: all states, and the state to go on from, which may be given back as second argument.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> states, last = learn.RNN(3, 5, seed=1)(np.zeros((2, 7, 3)))
    >>> tuple(states.shape), tuple(last.shape)
    ((2, 7, 5), (2, 5))
    """

    arguments: tuple[str, ...] = ("n_in", "n_hidden", "batch_first")
    gates = 1

    def __init__(self, n_in: int, n_hidden: int, seed: int | None = None, batch_first: bool = True) -> None:
        self.n_in, self.n_hidden, self.batch_first = int(n_in), int(n_hidden), bool(batch_first)
        width = self.gates * self.n_hidden
        self.input = Linear(n_in, width, init="default", seed=seed)
        self.state_before = Linear(n_hidden, width, init="default", seed=None if seed is None else seed + 1)
        reach = 1.0 / np.sqrt(n_hidden)
        for layer in (self.input, self.state_before):
            layer.weight.val = layer.rng.uniform(-reach, reach, layer.weight.shape)
            layer.bias.val = layer.rng.uniform(-reach, reach, width)  # type: ignore[union-attr]

    def start(self, x: Var) -> Any:
        """Return the state before the first moment.

        Parameters
        ----------
        x : Var, shape (N, ...)
            Inputs of a moment.

        Returns
        -------
        array, or tuple of arrays
            Zeros (N, n_hidden).

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> learn.RNN(3, 5, seed=1).start(learn.Var(np.zeros((2, 3)))).shape
        (2, 5)
        """
        return np.zeros((x.shape[0], self.n_hidden), x.dtype)

    def advance(self, x: Var, state: Any) -> tuple[Var, Any]:
        """Return (output, state) after the inputs of one moment (N, n_in).

        Parameters
        ----------
        x : Var, shape (N, n_in)
            Inputs of a moment.
        state : Var or tuple
            The state before.

        Returns
        -------
        output : Var, shape (N, n_hidden)
            Of this moment.
        state : Var or tuple
            To go on from.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> cell, x = learn.RNN(3, 5, seed=1), learn.Var(np.zeros((2, 3)))
        >>> output, state = cell.advance(x, cell.start(x))
        >>> tuple(output.shape)
        (2, 5)
        """
        h = apply("tanh", self.input(x) + self.state_before(state))
        return h, h

    def _parts(self, z: Var) -> list[Var]:
        n = self.n_hidden
        return [z[:, k * n : (k + 1) * n] for k in range(self.gates)]

    def forward(self, x: Any, state: Any = None) -> tuple[Var, Any]:
        """Return all states of series, and the last: what a call returns.

        Parameters
        ----------
        x : array_like or Var, shape (N, T, n_in)
            Series; (T, N, n_in) with ``batch_first=False``.
        state : optional
            To go on from; that of :meth:`start` unless given.

        Returns
        -------
        states : Var, shape (N, T, n_hidden)
            Of all times.
        last : Var or tuple
            The state to go on from.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> states, last = learn.RNN(3, 5, seed=1).forward(np.zeros((2, 7, 3)))
        >>> tuple(states.shape)
        (2, 7, 5)
        """
        x = x if isinstance(x, Var) else constant(np.asarray(x))
        if x.ndim != 3 or x.shape[2] != self.n_in:
            raise InvalidValueError(
                f"{type(self).__name__}({self.n_in}, {self.n_hidden}): input of shape {tuple(x.shape)}, wanted"
                f" ({'N, T' if self.batch_first else 'T, N'}, {self.n_in})"
            )
        time = 1 if self.batch_first else 0
        moments = [x[:, t] if time else x[t] for t in range(x.shape[time])]
        if not moments:
            raise InvalidValueError(f"{type(self).__name__}: a series of no moments, shape {tuple(x.shape)}")
        state = self.start(moments[0]) if state is None else state
        outputs = []
        for moment in moments:
            h, state = self.advance(moment, state)
            outputs.append(h)
        return apply("stack", *outputs, axis=time), state


@all_named
class GRU(RNN):
    """Gated recurrent units; parameters and shapes as of :class:`RNN`.

    Parameters
    ----------
    n_in, n_hidden : int
        Inputs of a moment, and units.
    seed : int, optional
        Of the weights, which start as U(+-1/sqrt(n_hidden)).
    batch_first : bool
        False: series are (T, N, n_in), as PyTorch's default.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.GRU(3, 5, seed=1)(np.zeros((2, 7, 3)))[0].shape)
    (2, 7, 5)
    """

    gates = 3

    def advance(self, x: Var, state: Any) -> tuple[Var, Any]:
        (r_x, z_x, n_x), (r_h, z_h, n_h) = self._parts(self.input(x)), self._parts(self.state_before(state))
        r, z = apply("logistic", r_x + r_h), apply("logistic", z_x + z_h)
        n = apply("tanh", n_x + r * n_h)
        h = n + z * (state - n)
        return h, h


@all_named
class LSTM(RNN):
    """Long short-term memory; parameters and shapes as of :class:`RNN`, the state is the pair (h, c).

    Parameters
    ----------
    n_in, n_hidden : int
        Inputs of a moment, and units.
    seed : int, optional
        Of the weights, which start as U(+-1/sqrt(n_hidden)).
    batch_first : bool
        False: series are (T, N, n_in), as PyTorch's default.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> states, (h, c) = learn.LSTM(3, 5, seed=1)(np.zeros((2, 7, 3)))
    >>> tuple(states.shape), tuple(c.shape)
    ((2, 7, 5), (2, 5))
    """

    gates = 4

    def start(self, x: Var) -> Any:
        return super().start(x), super().start(x)

    def advance(self, x: Var, state: Any) -> tuple[Var, Any]:
        before, memory = state
        i, f, g, o = self._parts(self.input(x) + self.state_before(before))
        c = apply("logistic", f) * memory + apply("logistic", i) * apply("tanh", g)
        h = apply("logistic", o) * apply("tanh", c)
        return h, (h, c)
