"""A trained rate network, read as stages  r = f(W x + b):  what `to_network` builds from.

Dropout and Identity vanish, Linear layers without an activation between them are multiplied, the last Linear
is the read-out; what follows it (Softmax, LogSoftmax, ...) is applied to the read-out's mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ...errors import InvalidTypeError, InvalidValueError
from ...neurons.lif import LIF
from ..autodiff.firing import firing
from ..autodiff.tape import as_array
from ..layers.activation import Activation
from ..layers.activations import Identity, LIFRate, Logistic, LogSoftmax, OneHot, ReLU, Softmax
from ..layers.linear import Dropout, Linear
from ..layers.module import Module, Sequential
from .integrate_and_fire import relu_neuron
from .tape_parts import tape_parts

__all__ = ["Chain", "Stage", "read_chain"]

_HEADS = (Softmax, LogSoftmax, Logistic, OneHot)
_WANTED = "wanted Linear layers with LIFRate or ReLU between them (and Dropout), ending in Linear"


class Stage(NamedTuple):
    """Spiking neurons that stand for one layer of rate units.

    weight (n_out, n_in) and bias (n_out,), float64; `neuron` without its drive, whose rate in Hz times
    `amplitude` (s) is the unit's output.
    """

    weight: np.ndarray
    bias: np.ndarray
    neuron: Any
    amplitude: float

    @property
    def size(self) -> int:
        return len(self.bias)

    def drive(self, x: np.ndarray) -> np.ndarray:
        """Return z = x W^T + b for rows x."""
        return x @ self.weight.T + self.bias

    def rate(self, z: np.ndarray) -> np.ndarray:
        """Return the rates (Hz) of the spiking neurons under constant drives z."""
        if isinstance(self.neuron, LIF):
            return firing(z, self.neuron.tau_m, self.neuron.t_ref, 0.0, 1.0)[0]
        return 1000.0 * self.neuron.gain * np.maximum(z, 0.0)


class Chain(NamedTuple):
    """The spiking stages, then the read-out's weight (n_out, n_in) and bias (n_out,), and what follows it."""

    stages: tuple[Stage, ...]
    weight: np.ndarray
    bias: np.ndarray
    head: tuple[Module, ...]

    @property
    def n_in(self) -> int:
        return int(self.stages[0].weight.shape[1]) if self.stages else int(self.weight.shape[1])

    def drives(self, x: np.ndarray) -> list[np.ndarray]:
        """Return the constant drives of every stage, then of the read-out, for rows x; hard tuning curves."""
        found = []
        for stage in self.stages:
            found.append(stage.drive(x))
            x = stage.amplitude * stage.rate(found[-1])
        return [*found, x @ self.weight.T + self.bias]


def read_chain(
    model: Any,
    max_rate: float = 200.0,
    calibration: np.ndarray | None = None,
    shape: tuple[int, ...] | None = None,
) -> Chain:
    """Return the stages of a trained model.

    Parameters
    ----------
    model : Module, or fitted RateClassifier / RateRegressor
        A Sequential of Linear layers and activations is read layer by layer, any other from its tape.
    max_rate : float
        Rate (Hz) at which an integrate-and-fire neuron stands for the largest output of its ReLU layer.
    calibration : ndarray, shape (n, n_in), optional
        Inputs by which that largest output is found, the 99.9th percentile of each layer (Rueckauer et al.
        2017); 1 without them.
    shape : tuple of int, optional
        Of one sample, for a Module that takes images: (1, 28, 28).

    Raises
    ------
    InvalidTypeError
        If the model has a part that no spiking neuron here stands for; the message names it.
    InvalidValueError
        If a weight is not finite or two layers do not fit.
    """
    where = f"to_network: {type(model).__name__}"
    stages: list[Stage] = []
    pending = _scaling(model)  # the affine part, if any, whose activation has not come yet
    head: list[Module] = []
    x = None if calibration is None else np.asarray(calibration, dtype=np.float64)
    network = getattr(model, "model_", model)
    if _is_plain(network):
        parts = _listed(network, where)
    else:
        parts = tape_parts(network, _sample_shape(network, shape, x, where), where)
    for name, kind, part in parts:
        if head and kind != "head":
            raise InvalidTypeError(
                f"{where}: layer {name} ({'Linear' if kind == 'affine' else type(part).__name__}) comes after"
                f" {type(head[0]).__name__}, which"
                f" is no firing rate; {_WANTED}, and {', '.join(h.__name__ for h in _HEADS)} only at the end"
            )
        if kind == "affine":
            pending = _joined(pending, part)
        elif kind == "head":
            head.append(part)
        else:
            if pending is None:
                raise InvalidTypeError(
                    f"{where}: layer {name} ({type(part).__name__}) has no Linear before it; {_WANTED}"
                )
            if x is not None and x.shape[1] != pending[0].shape[1]:
                raise InvalidValueError(
                    f"to_network: x of shape {x.shape}, wanted (n, {pending[0].shape[1]}): one sample a row"
                )
            stage = Stage(*pending, *_neuron(part, pending, x, max_rate, f"{where}: layer {name}"))
            if x is not None:
                x = stage.amplitude * stage.rate(stage.drive(x))
            stages.append(stage)
            pending = None
    if pending is None:
        last = "nothing" if not stages else "spiking neurons"
        raise InvalidTypeError(f"{where}: ends in {last}, without a Linear to read out; {_WANTED}")
    if hasattr(model, "target_scale_"):
        pending = _joined(pending, (np.diag(np.atleast_1d(model.target_scale_)), np.atleast_1d(model.target_mean_)))
    return Chain(tuple(stages), *pending, tuple(head))


def _is_plain(model: Any) -> bool:
    """Whether a model is a Sequential of this package's own layers, whose order is known without a tape."""
    if not isinstance(model, Module):
        return True  # refused by `_flat`
    if type(model).forward is Sequential.forward:
        return all(_is_plain(part) for part in model._modules.values())
    return isinstance(model, (Linear, Dropout, Activation))


def _sample_shape(model: Module, shape: Any, x: Any, where: str) -> tuple[int, ...]:
    """Return the shape of one sample: as given, or what the first Linear takes."""
    if shape is not None:
        return tuple(shape)
    if x is not None:
        return tuple(x.shape[1:])
    for part in model.modules():
        if isinstance(part, Linear):
            return (part.n_in,)
    raise InvalidTypeError(f"{where}: the shape of a sample is not known from its layers; give x or calibration")


def _listed(model: Any, where: str) -> Iterator[tuple[str, str, Any]]:
    """Yield (name, kind, part) of a Sequential, as :func:`tape_parts` does of any Module."""
    if isinstance(model, Linear):
        yield "", "affine", _numbers(model, where)
        return
    for name, layer in _flat(model, where):
        if isinstance(layer, Linear):
            yield name, "affine", _numbers(layer, f"{where}: layer {name}")
        elif isinstance(layer, _HEADS):
            yield name, "head", layer
        elif isinstance(layer, (LIFRate, ReLU)):
            yield name, "rate", layer
        elif not isinstance(layer, (Dropout, Identity)):
            raise InvalidTypeError(
                f"{where}: layer {name} is {type(layer).__name__}, for which there is no spiking neuron;"
                f" {_WANTED} (train with LIFRate in its place)"
            )


def _flat(model: Any, where: str, prefix: str = "") -> list[tuple[str, Module]]:
    """The layers in their order, nested Sequentials opened; refuses what is no chain."""
    if not isinstance(model, Module):
        fitted = ", or an estimator of spikesim after fit" if not hasattr(model, "fit") else "; call fit first"
        raise InvalidTypeError(f"{where}: got a {type(model).__name__}, {_WANTED}{fitted}")
    if type(model).forward is not Sequential.forward:
        raise InvalidTypeError(
            f"{where}: {f'part {prefix[:-1]} ' if prefix else ''}is a {type(model).__name__}, with a forward"
            f" of its own, of which the order of layers is unknown; {_WANTED}"
        )
    found: list[tuple[str, Module]] = []
    for name, layer in model._modules.items():
        if isinstance(layer, (Linear, Dropout)) or not layer._modules:
            found.append((prefix + name, layer))
        else:
            found += _flat(layer, where, f"{prefix}{name}.")
    return found


def _scaling(estimator: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """What a fitted estimator does to its inputs, x -> (x - mean) / scale, as weight and bias."""
    if not hasattr(estimator, "model_"):
        return None
    mean = np.asarray(estimator.mean_, dtype=np.float64)
    return np.eye(mean.size) / estimator.scale_, -mean / estimator.scale_


def _numbers(layer: Linear, where: str) -> tuple[np.ndarray, np.ndarray]:
    weight = np.asarray(as_array(layer.weight), dtype=np.float64)
    bias = np.zeros(len(weight)) if layer.bias is None else np.asarray(as_array(layer.bias), dtype=np.float64)
    for what, values in (("weight", weight), ("bias", bias)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            raise InvalidValueError(
                f"{where}: {what}[{', '.join(map(str, bad[0]))}] = {values[tuple(bad[0])]} ({len(bad)} such),"
                " wanted finite numbers; did the training diverge?"
            )
    return weight, bias


def _joined(before: Any, after: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """W2 (W1 x + b1) + b2 as one weight and bias."""
    if before is None:
        return after
    if after[0].shape[1] != before[0].shape[0]:
        raise InvalidValueError(f"to_network: Linear of {after[0].shape[1]} inputs after {before[0].shape[0]} nodes")
    return after[0] @ before[0], after[0] @ before[1] + after[1]


def _neuron(layer: Module, linear: Any, x: Any, max_rate: float, where: str) -> tuple[Any, float]:
    """The neuron whose tuning curve is the activation, and its output per rate (s)."""
    if isinstance(layer, LIFRate):
        return LIF.normalized(tau_m=layer.tau_m, t_ref=layer.t_ref), layer.amplitude
    largest = 1.0
    if x is not None:
        active = np.maximum(x @ linear[0].T + linear[1], 0.0)
        largest = float(np.percentile(active, 99.9)) or 1.0
    amplitude = largest / max_rate
    return relu_neuron(1.0 / (1000.0 * amplitude)), amplitude
