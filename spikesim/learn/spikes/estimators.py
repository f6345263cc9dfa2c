"""SpikingClassifier and SpikingRegressor: networks of spiking neurons with scikit-learn's manners."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ...errors import InvalidValueError, did_you_mean
from ...keywords import all_named
from ...neurons.lif import LIF
from ...synapses.gamma import Exponential
from ..layers.linear import Dropout, Linear
from ..layers.module import Module, Sequential
from ..train.estimators import RateClassifier, RateRegressor
from .encoders import Latency, PoissonCode, Population
from .network import NetworkRun, run_network
from .readout import READS, Readout
from .spiking import Spiking

__all__ = ["SpikingClassifier", "SpikingRegressor"]

CODES = ("current", "latency", "poisson", "population")


@all_named
class _Spikes:
    """What both share: the arguments, the network, its run in the simulator."""

    def __init__(
        self,
        hidden: tuple[int, ...] = (100,),
        steps: int = 25,
        code: str = "current",
        recurrent: bool = False,
        delays: bool = False,
        read: str = "mean",
        tau_m: float = 10.0,
        tau_s: float = 5.0,
        t_ref: float = 1.0,
        dt: float = 1.0,
        surrogate: Any = "fast_sigmoid",
        lr: float = 2e-3,
        epochs: int = 100,
        batch_size: int = 32,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        validation: float | None = None,
        patience: int = 10,
        checkpoint: Any = None,
        threads: int | None = None,
        seed: int = 0,
        progress: bool | None = False,
    ) -> None:
        self.hidden, self.steps, self.code, self.recurrent, self.delays = hidden, steps, code, recurrent, delays
        self.read, self.tau_m, self.tau_s, self.t_ref, self.dt, self.surrogate = (
            read,
            tau_m,
            tau_s,
            t_ref,
            dt,
            surrogate,
        )
        self.lr, self.epochs, self.batch_size, self.weight_decay = lr, epochs, batch_size, weight_decay
        self.dropout, self.validation, self.patience, self.checkpoint = dropout, validation, patience, checkpoint
        self.threads, self.seed, self.progress = threads, seed, progress

    def _network(self, n_in: int, n_out: int) -> Sequential:
        name = type(self).__name__
        if self.code not in CODES:
            raise InvalidValueError(f"{name}: code = {self.code!r}{did_you_mean(str(self.code), CODES)}")
        if self.read not in READS:
            raise InvalidValueError(f"{name}: read = {self.read!r}{did_you_mean(str(self.read), READS)}")
        sizes = (self.hidden,) if isinstance(self.hidden, numbers.Integral) else tuple(self.hidden)
        if not sizes or not all(isinstance(n, numbers.Integral) and n > 0 for n in sizes):
            raise InvalidValueError(f"{name}: hidden = {self.hidden!r}, wanted whole numbers > 0, at least one")
        if not isinstance(self.seed, numbers.Integral) or self.seed < 0:
            raise InvalidValueError(f"{name}: seed = {self.seed!r}, wanted a whole number >= 0")
        neuron = LIF.normalized(tau_m=self.tau_m, t_ref=self.t_ref)
        synapse = Exponential(self.tau_s, normalize="area")
        options: dict[str, Any] = {
            "dt": self.dt, "surrogate": self.surrogate, "threads": self.threads, "recurrent": self.recurrent,
            "delays": True if self.delays else None,
        }  # fmt: skip
        layers: list[Module] = []
        if self.code == "latency":
            layers.append(Latency(self.steps))
        elif self.code == "poisson":
            layers.append(PoissonCode(self.steps, max_rate=200.0 / self.dt, dt=self.dt, seed=self.seed))
        elif self.code == "population":
            layers.append(Population(8, self.steps))
            n_in *= 8
        for k, n in enumerate(map(int, sizes)):
            seed = self.seed + 7919 * k
            if k == 0 and self.code == "current":
                layers.append(Linear(n_in, n, seed=seed))
                own = {**options, "recurrent": False, "delays": None, "bias": False, "steps": self.steps}
                layers.append(Spiking(n, neuron, None, seed=seed, **own))
            else:
                layers.append(Spiking(n, neuron, synapse, n_in=n_in, gain=2.0, seed=seed, **options))
            if self.dropout:
                layers.append(Dropout(self.dropout, seed=self.seed + k))
            n_in = n
        options |= {"recurrent": False, "delays": None}
        seed = self.seed + 7919 * len(sizes)
        layers.append(Readout(n_out, neuron, synapse, read=self.read, n_in=n_in, gain=2.0, seed=seed, **options))
        return Sequential(*layers).astype(np.float32)

    def _standardise(self, x: np.ndarray) -> None:
        """Currents have mean 0 and spread 1; what is coded in spikes lies between 0 and 1."""
        x = np.asarray(x, np.float64)
        if self.code == "current":
            self.mean_, self.scale_ = x.mean(axis=0), float(x.std()) or 1.0
        else:
            self.mean_, self.scale_ = x.min(axis=0), np.maximum(np.ptp(x, axis=0), 1e-300)

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        scaled = (np.asarray(x, np.float64) - self.mean_) / self.scale_
        return np.asarray(scaled if self.code == "current" else np.clip(scaled, 0.0, 1.0), np.float32)

    def simulate(self, X: Any, *, batch_size: int | None = None, threads: int | None = None) -> NetworkRun:
        """Run the fitted network in the simulator; see :func:`spikesim.learn.run_network`.

        Its spikes are those of :meth:`predict`, one by one.

        Parameters
        ----------
        X : array_like, shape (samples, features)
            What to judge.
        batch_size : int, optional
            Samples that run side by side.
        threads : int, optional
            The result has the same bits for any number.

        Returns
        -------
        NetworkRun
            ``.spikes`` by population and ``.outputs``.

        Examples
        --------
        >>> from spikesim import learn
        >>> x, y = learn.digits(train=True).arrays()
        >>> model = learn.SpikingClassifier(hidden=(10,), epochs=1).fit(x[:200], y[:200])
        >>> model.simulate(x[:5]).outputs.shape
        (5, 10)
        """
        model = self._fitted()  # type: ignore[attr-defined]
        x = self._scaled(self._matrix(X, fitting=False))  # type: ignore[attr-defined]
        return run_network(model, x, batch_size=batch_size, threads=threads)


@all_named
class SpikingClassifier(_Spikes, RateClassifier):
    """A classifier of leaky integrate-and-fire neurons, trained by surrogate gradients.

    Parameters
    ----------
    hidden : tuple of int
        Neurons of each hidden layer.
    steps : int
        Time steps a sample is shown.
    code : {"current", "latency", "poisson", "population"}
        How values enter: as currents of the first layer (standardised), or as spikes (scaled to [0, 1]).
    recurrent, delays : bool
        Whether hidden layers have recurrent weights, and delays that learn (those that are fed by spikes).
    read : str
        How the output is read, see :class:`Readout`.
    tau_m, tau_s, t_ref : float
        Time constants of membrane and synapse, refractory time (ms).
    dt : float
        Time step (ms).
    surrogate : str or (str, float)
        See :class:`Spiking`.
    lr : float
        Learning rate of Adam.
    epochs : int
        How often the data are gone through, at most.
    batch_size : int
        Samples a step.
    weight_decay : float
        Penalty on the squares of the weights.
    dropout : float
        Share of hidden units that is dropped while training.
    validation : float, optional
        Share of the data held back for early stopping.
    patience : int
        Epochs without improvement after which it stops.
    checkpoint : path, optional
        File that is rewritten after every epoch; if it exists, training goes on from it.
    threads : int, optional
        The result has the same bits for any number.
    seed : int
        Of everything random.
    progress : bool, optional
        Whether to show a bar; None decides by the terminal.

    Attributes
    ----------
    model_ : Sequential
        The network, on standardised inputs; ``model_.to_network(...)`` is its network in the simulator.
    classes_ : ndarray
        The classes, in the order of the outputs.
    history_ : History
        Of the training.

    Examples
    --------
    >>> from spikesim import learn
    >>> x, y = learn.digits(train=True).arrays()
    >>> model = learn.SpikingClassifier(hidden=(50,), epochs=5, lr=5e-3).fit(x, y)
    >>> model.score(*learn.digits(train=False).arrays()) > 0.85
    True
    """


@all_named
class SpikingRegressor(_Spikes, RateRegressor):
    """A regressor of leaky integrate-and-fire neurons, trained by surrogate gradients on the squared error.

    Targets may have several columns, and are standardised inside.

    Parameters
    ----------
    hidden : tuple of int
        Neurons of each hidden layer.
    steps : int
        Time steps a sample is shown.
    code : {"current", "latency", "poisson", "population"}
        How values enter: as currents of the first layer (standardised), or as spikes (scaled to [0, 1]).
    recurrent, delays : bool
        Whether hidden layers have recurrent weights, and delays that learn (those that are fed by spikes).
    read : str
        How the output is read, see :class:`Readout`.
    tau_m, tau_s, t_ref : float
        Time constants of membrane and synapse, refractory time (ms).
    dt : float
        Time step (ms).
    surrogate : str or (str, float)
        See :class:`Spiking`.
    lr : float
        Learning rate of Adam.
    epochs : int
        How often the data are gone through, at most.
    batch_size : int
        Samples a step.
    weight_decay : float
        Penalty on the squares of the weights.
    dropout : float
        Share of hidden units that is dropped while training.
    validation : float, optional
        Share of the data held back for early stopping.
    patience : int
        Epochs without improvement after which it stops.
    checkpoint : path, optional
        File that is rewritten after every epoch; if it exists, training goes on from it.
    threads : int, optional
        The result has the same bits for any number.
    seed : int
        Of everything random.
    progress : bool, optional
        Whether to show a bar; None decides by the terminal.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> x = np.linspace(-1.0, 1.0, 50)[:, None]
    >>> model = learn.SpikingRegressor(hidden=(20,), epochs=3).fit(x, x[:, 0] ** 2)
    >>> model.predict(x).shape
    (50,)
    """
