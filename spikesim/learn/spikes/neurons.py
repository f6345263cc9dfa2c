"""The neurons of a layer: which model, which of its parameters learn, the table of a step that follows."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError, UnknownParameterError, did_you_mean
from ...grid import Grid
from ...keywords import verbs_named
from ...network.checked import table
from ...neurons.contract import is_model
from ...neurons.lif import LIF
from ...random import Distribution
from ...synapses.contract import Synapse
from ..layers.module import Module, Parameter
from .operation import Var, as_array, through
from .step import C_0, C_D, C_F, C_V, DECAY, R_0, SYNAPSE_TAU, THETA, Cell, R, coefficients, sensitivity, why_not_fused

__all__ = ["Neurons", "whole"]


@verbs_named
class Neurons(Module):
    """`n` neurons of a model under the synapse that feeds them; parameters named in `learn`, and a bias, are learnt."""

    def __init__(
        self, where: str, n: int, neuron: Any, synapse: Synapse | None, learn: tuple[str, ...], bias: bool, dt: float
    ) -> None:
        self.n = whole(f"{where}: n", n)
        self.neuron = LIF.normalized() if neuron is None else neuron
        if not is_model(self.neuron) or not hasattr(self.neuron, "_fields"):
            raise InvalidTypeError(
                f"{where}: neuron = {neuron!r:.60}, wanted a neuron model such as ss.LIF.normalized()"
            )
        if synapse is not None and not isinstance(synapse, Synapse):
            raise InvalidTypeError(f"{where}: synapse = {synapse!r:.60}, wanted a synapse such as ss.Exponential(5.0)")
        for name in self.neuron._fields:
            value = getattr(self.neuron, name)
            if isinstance(value, Distribution):
                raise InvalidTypeError(f"{where}: {name} is a distribution; draw an array of {n} values first")
            if np.ndim(value) and len(value) != self.n:
                raise InvalidValueError(f"{where}: {name} has {len(value)} values, wanted 1 or {self.n}")
        self.synapse, self.grid, self.dt = synapse, Grid(dt), float(dt)
        self.bias = Parameter(np.zeros(self.n)) if bias else None
        self._prepare_learning(where, learn)
        self._found: tuple[Any, np.ndarray] | None = None
        self._beside: tuple[Any, tuple[np.ndarray, np.ndarray]] | None = None  # what goes with that table
        self.reason = why_not_fused(self.cell())
        self.unit, self.current_unit = self._units()

    def _prepare_learning(self, where: str, names: Any) -> None:
        if isinstance(names, str):
            raise InvalidTypeError(f"{where}: learn = {names!r}, wanted a tuple of names: ({names!r},)")
        self.learn = tuple(names)
        known = [*self.neuron._fields, *([SYNAPSE_TAU] if hasattr(self.synapse, "tau") else [])]
        self.positive: set[str] = set()
        kind: Any = type(self.neuron)
        for name in self.learn:
            if name not in known:
                raise UnknownParameterError(f"{where}: learn names {name!r}{did_you_mean(name, known)}")
            if self.learn.count(name) > 1:
                raise InvalidValueError(f"{where}: learn names {name!r} twice")
            if name == "t_ref":
                raise InvalidValueError(f"{where}: t_ref is a whole number of steps and has no derivative here")
            value = self.synapse.tau if name == SYNAPSE_TAU else getattr(self.neuron, name)  # type: ignore[union-attr]
            if name == SYNAPSE_TAU or name.startswith("tau") or name in ("C_m", *kind.positive):
                self.positive.add(name)
                value = np.log(value)
            setattr(self, self.parameter_name(name), Parameter(np.asarray(value, np.float64)))

    def parameter_name(self, name: str) -> str:
        """Return the attribute that holds a parameter that learns: what must be > 0 is learnt as a logarithm.

        Parameters
        ----------
        name : str
            Of the neuron model, such as "tau_m".

        Returns
        -------
        str
            Of an attribute of the layer.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> layer.parameter_name("tau_m")
        'log_tau_m'
        """
        return f"log_{name}".replace(".", "_") if name in self.positive else name.replace(".", "_")

    def learnt(self) -> dict[str, Any]:
        """Return the present values of the parameters that learn, by name.

        Returns
        -------
        dict of str to array
            In the units of the simulator.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> {name: round(float(value), 3) for name, value in layer.learnt().items()}
        {'tau_m': 20.0}
        """
        found = {}
        for name in self.learn:
            value = np.asarray(as_array(getattr(self, self.parameter_name(name))), np.float64)
            value = np.exp(value) if name in self.positive else value
            found[name] = value if value.ndim else float(value)
        return found

    def cell(self) -> Cell:
        """Return the neurons as they are now.

        Returns
        -------
        Cell
            Model, synapse and time step.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> type(layer.cell()).__name__
        'Cell'
        """
        values = self.learnt()
        synapse: Any = self.synapse
        if SYNAPSE_TAU in values:
            synapse = type(synapse)(**{**vars(synapse), "tau": values.pop(SYNAPSE_TAU)})
        model = self.neuron._replace(**values) if values else self.neuron
        return Cell(model, {name: getattr(model, name) for name in model._fields}, synapse, self.n, self.dt)

    def table(self) -> Var:
        """Return the coefficients of a step, as they depend on what learns.

        Returns
        -------
        Var, shape (rows, n)
            Constants where nothing learns.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> layer.table().shape[1]
        2
        """
        where = self.bias if self.bias is not None else np.zeros(self.n)

        def forward(bias: Any, *values: Any) -> Any:
            cell, bias = self.cell(), np.asarray(bias, np.float64) * self.current_unit
            table = self._without_bias(cell, values).copy()
            table[C_0] += table[C_D] * bias

            def back(g: Any, needed: Any) -> Any:
                g = np.asarray(g, np.float64)
                found = [g[C_0] * table[C_D] * self.current_unit]
                for name, value in zip(self.learn, values):
                    slope = sensitivity(cell, name, bias)
                    each = (g * slope).sum(axis=0)
                    if name in self.positive:
                        each = each * np.exp(value)
                    found.append(each if np.ndim(value) else each.sum())
                return found

            return table, back

        return through("step", forward, where, *[getattr(self, self.parameter_name(name)) for name in self.learn])

    def _values(self) -> list[np.ndarray]:
        return [as_array(getattr(self, self.parameter_name(name))) for name in self.learn]

    def _without_bias(self, cell: Cell, values: Any) -> np.ndarray:
        """The table for a bias of 0; found again where a parameter has changed."""
        key = tuple(np.asarray(v).tobytes() for v in values)
        if self._found is None or self._found[0] != key:
            self._found = key, coefficients(cell)
        return self._found[1]

    def _fixed(self, cell: Cell) -> tuple[np.ndarray, np.ndarray]:
        """per_width and refractory times; found again where a parameter has changed."""
        table = self._without_bias(cell, self._values())
        if self._beside is None or self._beside[0] is not table:
            self._beside = table, (self.per_width(cell), cell.t_ref)
        return self._beside[1]

    def per_width(self, cell: Cell) -> np.ndarray:
        """Return 1 / (threshold - reset): by what the surrogate measures distances to threshold.

        Parameters
        ----------
        cell : Cell
            As :meth:`cell` returns it.

        Returns
        -------
        array, shape (n,)
            1 where a neuron never fires.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> layer.per_width(layer.cell()).shape
        (2,)
        """
        c = self._without_bias(cell, self._values())
        width = c[THETA] - np.where(c[R] == 0.0, c[R_0], 0.0)
        with np.errstate(divide="ignore"):
            return np.where(np.isfinite(width) & (width > 0.0), 1.0 / np.where(width == 0.0, 1.0, width), 1.0)

    def _units(self) -> tuple[float, float]:
        """What a weight of 1 and a bias of 1 are, in the units of synapse and current.

        Such that one spike, at the peak of its effect, or the current for ever, moves v by the way from reset to
        threshold; a power of two, so that no digit is lost between the two.
        """
        cell = self.cell()
        if why_not_fused(cell):
            return 1.0, 1.0
        c = self._without_bias(cell, self._values()).mean(axis=1)
        width = 1.0 / float(np.mean(self.per_width(cell)))
        steady = c[C_D] / (1.0 - c[C_V]) if c[C_V] < 1.0 else 1.0
        if self.synapse is None or not len(self.synapse.matrix):
            return _power_of_two(width), _power_of_two(width / steady)
        v, f, peak = 0.0, 1.0, 0.0
        for _ in range(100_000):
            v, f = c[C_V] * v + c[C_F] * f, c[DECAY] * f
            if abs(v) <= peak:
                break
            peak = abs(v)
        return _power_of_two(width / max(peak, 1e-30)), _power_of_two(width / steady)

    def biases(self) -> np.ndarray:
        """Return the currents (n,) beside the neurons' own (pA, or the model's unit).

        Returns
        -------
        array, shape (n,)
            0 where none is learnt.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> layer = learn.Spiking(2, ss.LIF.normalized(), ss.Exponential(5.0), n_in=3, learn=("tau_m",), seed=1)
        >>> layer.biases().tolist()
        [0.0, 0.0]
        """
        return currents(self.bias, self.n, self.current_unit)


def currents(bias: Any, n: int, unit: float) -> np.ndarray:
    """Return biases in the unit of a current, (n,); 0 where none is learnt."""
    return np.zeros(n) if bias is None else np.asarray(as_array(bias), np.float64) * unit


def held(where: str, value: Any, *shapes: tuple[int, ...]) -> np.ndarray:
    """Return finite numbers of one of the shapes, or refuse; without any, the layer has none of these."""
    array = table(where, as_array(value))
    if array.shape not in shapes:
        wanted = f"{' or '.join(map(str, shapes))} (row = target)" if shapes else "none: the layer has none of these"
        raise InvalidValueError(f"{where}: shape {array.shape}, wanted {wanted}")
    return array


def never_firing(where: str, neuron: Any) -> Any:
    """Return a neuron model with its threshold at infinity and without a refractory time."""
    if "V_th" in getattr(neuron, "_fields", ()) and "v" in type(neuron).states:
        with contextlib.suppress(InvalidValueError):  # of an exponential model V_th is no threshold
            return neuron._replace(V_th=math.inf, **({"t_ref": 0.0} if "t_ref" in neuron._fields else {}))
    raise InvalidTypeError(
        f"{where}: {type(neuron).__name__} has no V_th to be set to infinity, so its potential cannot be read without"
        " spikes; give a LIF"
    )


def whole(where: str, value: Any, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InvalidValueError(f"{where} = {value!r}, wanted a whole number >= {least}")
    return int(value)


def _power_of_two(x: float) -> float:
    return float(2.0 ** round(math.log2(x)))
