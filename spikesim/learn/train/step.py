"""One step of learning, the body of Algorithm 2 (section 4.2.2), written out for each shape of batches.

    y = net(x);  E = cost(y, t);  E.zero_grad();  E.backward();  step

A network and a loss that are made of operations of the tape alone (``repeatable``) do the same for every batch of one
shape: see :mod:`spikesim.learn.autodiff.program`.  All others go the way as it stands above.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, NumericalError
from ...keywords import all_named
from ..autodiff.program import Program, written
from ..autodiff.tape import Var, constant
from ..layers.losses import BCELoss, BCEWithLogitsLoss, Loss
from ..layers.module import Module
from .optimizer import Optimizer

__all__ = ["TrainingStep"]

SHAPES = 8  # of batches that are kept: the usual one, and the rest of an epoch


class _Seen(NamedTuple):
    """What was looked at when programs were written: another look finds the same, or they hold no more."""

    parts: list[Module]
    edits: int
    parameters: list[Var]
    learns: list[tuple[bool, Any]]

    def holds(self) -> bool:
        """Whether nothing has been set, frozen or given another precision since."""
        return self.edits == _edits(self.parts) and self.learns == _learns(self.parameters)


def _edits(parts: list[Module]) -> int:
    return sum([part._edits for part in parts])


def _learns(parameters: list[Var]) -> list[tuple[bool, Any]]:
    return [(p.requires_grad, p._val.dtype) for p in parameters]


@all_named
class TrainingStep:
    """The step of a training loop: output, error, gradients and the optimiser's step in one call.

    It gives the same bits as the loop written out, and stops where a loss is not finite.  For layers and losses that do
    the same for every batch (all that neither draw, nor remember, nor choose by values) what the tape would call is
    kept for each shape of batches, and called without a graph; so small networks learn faster.  :func:`fit` uses it.

    Parameters
    ----------
    model : Module
        What learns.
    loss : Loss or callable
        loss(output, target) -> Var.
    optimizer : Optimizer
        Over ``model.parameters()``.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> net = learn.Sequential(learn.Linear(1, 1, seed=1))
    >>> step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters(), lr=0.5))
    >>> x, t = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])
    >>> first = step(x, t)
    >>> step(x, t) < first
    True
    """

    _where = "TrainingStep"  # who is named where something is wrong

    def __init__(self, model: Module, loss: Any, optimizer: Optimizer) -> None:
        if not isinstance(model, Module) or not isinstance(optimizer, Optimizer):
            raise InvalidTypeError(
                f"TrainingStep: wanted (Module, loss, Optimizer), got ({type(model).__name__},"
                f" {type(loss).__name__}, {type(optimizer).__name__})"
            )
        if not callable(loss) or isinstance(loss, type):
            raise InvalidTypeError(f"TrainingStep: loss must be callable as loss(output, target), got {loss!r}")
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self._programs: dict[Any, Program | None] = {}  # by shape of the batch; None: the tape goes on as it is
        self._seen = self._look()

    def __call__(self, x: Any, t: Any) -> float:
        """Do one step of learning.

        Parameters
        ----------
        x : array_like
            Inputs, a sample a row.
        t : array_like
            Targets.

        Returns
        -------
        float
            What the loss was before the step.

        Raises
        ------
        NumericalError
            If it is not finite; the parameters are left as they were.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(1, 1, seed=1))
        >>> step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters()))
        >>> step(np.array([[1.0]]), np.array([[0.0]])) >= 0.0
        True
        """
        error, _ = self.gradients(x, t)
        if not np.isfinite(error):
            rate, remedy = self.optimizer.lr, "lower the learning rate, or scale the inputs"
            for name, given in (("inputs", x), ("targets", t)):
                if not _finite(given):
                    remedy = f"the {name} of the batch hold NaN or infinity; leave such samples out"
            raise NumericalError(f"TrainingStep: the loss is {error} (learning rate {rate:g}); {remedy}")
        self.optimizer.step()
        return error

    def gradients(self, x: Any, t: Any) -> tuple[float, Any]:
        """Set the gradients of all parameters, without a step.

        Parameters
        ----------
        x : array_like
            Inputs, a sample a row.
        t : array_like
            Targets.

        Returns
        -------
        error : float
            What the loss is.
        output : array or Var
            Of the model.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> net = learn.Sequential(learn.Linear(1, 1, seed=1))
        >>> step = learn.TrainingStep(net, learn.MSELoss(), learn.SGD(net.parameters()))
        >>> error, y = step.gradients(np.array([[1.0]]), np.array([[0.0]]))
        >>> bool(net[0].weight.grad.item() == y.item()), round(error - y.item() ** 2 / 2, 12)
        (True, 0.0)
        """
        program = self._program(x, t) if isinstance(x, np.ndarray) and isinstance(t, np.ndarray) else None
        if program is None:
            return self._by_tape(x, t)
        t = self.loss.target(program.output, self._shaped(t, program.output))
        error, y, *found = program.run(x, t, [p._val for p in self._seen.parameters])
        self.optimizer.zero_grad()
        for parameter, g in zip(program.reached, found):
            parameter._receive(g)
        return float(error), y

    def _by_tape(self, x: Any, t: Any) -> tuple[float, Any]:
        y = self.model(x)
        error = self.loss(y, self._shaped(t, y))
        if not isinstance(error, Var):
            raise InvalidTypeError(
                f"{self._where}: loss(output, target) must return a Var, made of output, got {error!r:.60}"
            )
        if error.size != 1:
            raise InvalidValueError(
                f"{self._where}: loss(output, target) must return one number, got an array of shape {error.shape}; use"
                ' reduction="mean" or "sum"'
            )
        value = error.item()
        self.optimizer.zero_grad()
        if np.isfinite(value):
            error.backward()
        return value, y

    def _shaped(self, t: Any, y: Any) -> Any:
        """Return targets of one output as a column, as it is one."""
        if isinstance(self.loss, (BCELoss, BCEWithLogitsLoss)) and np.size(t) == y.size:
            return np.reshape(t, y.shape)
        return t

    def _look(self) -> _Seen:
        parts = [*self.model.modules(), *(self.loss.modules() if isinstance(self.loss, Module) else ())]
        parameters = list(self.model.parameters())
        return _Seen(parts, _edits(parts), parameters, _learns(parameters))

    def _program(self, x: np.ndarray, t: np.ndarray) -> Program | None:
        """Return the program for batches of this shape, written anew if the model has changed since."""
        if not self._seen.holds():
            self._programs.clear()
            self._seen = self._look()
        key = (x.shape, x.dtype, t.shape, t.dtype)
        if key not in self._programs:
            if len(self._programs) >= SHAPES:
                self._programs.clear()
            self._programs[key] = self._written(x, t)
        return self._programs[key]

    def _written(self, x: np.ndarray, t: np.ndarray) -> Program | None:
        """Go forward once on the tape, and write down what it did."""
        if not (isinstance(self.loss, Loss) and x.dtype.kind == "f" and all(map(_repeats, self._seen.parts))):
            return None
        start = constant(x)
        start.requires_grad = True  # so that all that is made of it is on the tape
        y = self.model(start)
        if not (isinstance(y, Var) and y.requires_grad):
            return None
        t = self.loss.target(y, self._shaped(t, y))
        error = self.loss(y, t)
        if error.size != 1 or not error.requires_grad:
            return None
        return written(error, y, start, t, self._seen.parameters)


def _finite(given: Any) -> bool:
    """Whether all numbers of a batch are finite; what is no number is."""
    found = np.asarray(given)
    return found.dtype.kind != "f" or bool(np.isfinite(found).all())


def _repeats(part: Module) -> bool:
    return part.repeatable and "forward" not in part.__dict__
