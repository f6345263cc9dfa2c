"""Activation functions (section 1.5), and the firing rate of the LIF neuron as one (section 1.4).

All are Modules; on a plain array they return a Var too.  Sigmoidal ones, in the theorem's sense, tend to 0
and 1: Logistic and Threshold; Tanh, Arctan and Erf do so after y -> (y + 1)/2 or alike (``scaled=True``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...docstrings import complete
from ...errors import InvalidValueError
from ...keywords import all_named
from ..autodiff.tape import Var, apply
from .activation import Activation, AlongAxis, Scaled, floating

__all__ = [
    "Arctan",
    "Erf",
    "Identity",
    "LIFRate",
    "LeakyReLU",
    "LogSoftmax",
    "Logistic",
    "OneHot",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "Threshold",
]  # fmt: skip


class Identity(Activation):
    """y = z: the linear output of regression.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Identity()([-1.0, 0.0, 1.0])
    tensor([-1.,  0.,  1.])
    """

    rule = "positive"


class Logistic(Activation):
    """y = 1 / (1 + e^-z), dy/dz = y (1 - y).

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Logistic()([-1.0, 0.0, 1.0])
    tensor([0.2689, 0.5000, 0.7311])
    """

    rule = "logistic"


Sigmoid = Logistic


class ReLU(Activation):
    """y = max(0, z); dy/dz = 1 for z > 0, else 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.ReLU()([-1.0, 0.0, 1.0])
    tensor([0., 0., 1.])
    """

    rule = "relu"


@all_named
class Softplus(Activation):
    """y = ln(1 + e^(beta z)) / beta, dy/dz = logistic(beta z): a smooth ReLU, the steeper the larger `beta`.

    Parameters
    ----------
    beta : float
        Steepness, > 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Softplus()([-1.0, 0.0, 1.0])
    tensor([0.3133, 0.6931, 1.3133])
    """

    rule = "softplus"
    repeatable = True
    arguments: tuple[str, ...] = ("beta",)

    def __init__(self, beta: float = 1.0) -> None:
        if not 0.0 < beta < np.inf:
            raise InvalidValueError(f"Softplus: beta = {beta!r}, wanted a finite number > 0")
        self.beta = float(beta)

    def forward(self, x: Any) -> Var:
        return super().forward(x) if self.beta == 1.0 else super().forward(self.beta * floating(x)) / self.beta


@all_named
class Threshold(Activation):
    """y = 1 for z > threshold, else 0: the limit of steep sigmoids (section 2.2).  Its derivative is 0.

    Parameters
    ----------
    threshold : float
        Where it steps.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Threshold()([-1.0, 0.0, 1.0])
    tensor([0., 0., 1.])
    """

    rule = "heaviside"
    repeatable = True
    arguments: tuple[str, ...] = ("threshold",)

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = float(threshold)

    def forward(self, x: Any) -> Var:
        return apply(self.rule, floating(x), at=self.threshold)


@all_named
class Tanh(Scaled):
    """y = tanh(z), dy/dz = 1 - y^2; ``scaled``: (1 + tanh z)/2.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Tanh()([-1.0, 0.0, 1.0])
    tensor([-0.7616,  0.0000,  0.7616])
    """

    rule = "tanh"


@all_named
class Arctan(Scaled):
    """y = arctan(z), dy/dz = 1 / (1 + z^2); ``scaled``: 1/2 + arctan(z)/pi.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Arctan()([-1.0, 0.0, 1.0])
    tensor([-0.7854,  0.0000,  0.7854])
    """

    rule = "arctan"
    reach = float(np.pi / 2.0)


@all_named
class Erf(Scaled):
    """y = erf(z), dy/dz = 2/sqrt(pi) e^(-z^2); ``scaled``: (1 + erf z)/2.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Erf()([-1.0, 0.0, 1.0])
    tensor([-0.8427,  0.0000,  0.8427])
    """

    rule = "erf"


@all_named
class LeakyReLU(Activation):
    """y = z for z > 0, else slope * z (the notes' LeReLU).

    Parameters
    ----------
    slope : float
        Below 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.LeakyReLU()([-1.0, 0.0, 1.0])
    tensor([-0.01,  0.00,  1.00])
    """

    arguments: tuple[str, ...] = ("slope",)

    repeatable = True

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = float(slope)

    def forward(self, x: Any) -> Var:
        return apply("leaky_relu", floating(x), slope=self.slope)


@all_named
class Softmax(AlongAxis):
    """y_i = e^z_i / sum_j e^z_j along `dim`.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.Softmax()([0.6, 3.4, -1.2, 0.05])  # the notes print 0.06 and 0.031 for the outer ones
    tensor([0.0550, 0.9042, 0.0091, 0.0317])
    """

    rule = "softmax"


@all_named
class LogSoftmax(AlongAxis):
    """The logarithm of Softmax along `dim`, right also where Softmax rounds to 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.LogSoftmax()([0.6, 3.4, -1.2, 0.05])
    tensor([-2.9007, -0.1007, -4.7007, -3.4507])
    """

    rule = "log_softmax"


@all_named
class OneHot(AlongAxis):
    """1 at the largest entry along `dim` (the first of equals), 0 elsewhere.  Its derivative is 0.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.OneHot()([0.6, 3.4, -1.2, 0.05])
    tensor([0., 1., 0., 0.])
    """

    rule = "one_hot"


@all_named
class LIFRate(Activation):
    """The firing rate of a LIF neuron under the drive z = v_in: amplitude * G(v_in) (section 1.4).

    Parameters
    ----------
    tau_m, t_ref : float
        Membrane time constant and refractory time (ms), as in :class:`spikesim.LIF`; see also :meth:`of`.
    gamma : float
        Width of the smoothing at threshold, in units of v_in; 0 is the hard curve of the spiking neuron.
    amplitude : float
        Output per rate (s): with the default 0.01, an output of 1 means 100 Hz; 1.0 gives G in Hz.

    Notes
    -----
    In a Sequential it starts the Linear layer before it so that about half of the neurons are above
    threshold.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.LIFRate(gamma=0.0)([0.5, 2.0])  # 0 and 63 Hz
    tensor([0.0000, 0.6304])
    """

    rule = "lif_rate"
    repeatable = True
    arguments: tuple[str, ...] = ("tau_m", "t_ref", "gamma", "amplitude")

    def __init__(self, tau_m: float = 20.0, t_ref: float = 2.0, gamma: float = 0.05, amplitude: float = 0.01) -> None:
        for name, value, low in (
            ("tau_m", tau_m, 1e-300),
            ("t_ref", t_ref, 0.0),
            ("gamma", gamma, 0.0),
            ("amplitude", amplitude, 1e-300),
        ):
            if not (isinstance(value, (int, float, np.number)) and low <= value < np.inf):
                raise InvalidValueError(f"LIFRate: {name} = {value!r}, wanted a finite number {'>' if low else '>='} 0")
        self.tau_m, self.t_ref, self.gamma, self.amplitude = (
            float(tau_m),
            float(t_ref),
            float(gamma),
            float(amplitude),
        )

    @classmethod
    def of(cls, neuron: Any, gamma: float = 0.05, amplitude: float = 0.01) -> LIFRate:
        """Return the activation of a :class:`spikesim.LIF`; z is its normalised drive,
        ``neuron.v_in(current)``.

        Parameters
        ----------
        neuron : LIF
            Of the simulator.
        gamma : float
            Width of the smoothing at threshold.
        amplitude : float
            Output per rate (s).

        Returns
        -------
        LIFRate
            With its time constants.

        Examples
        --------
        >>> import spikesim as ss
        >>> from spikesim import learn
        >>> learn.LIFRate.of(ss.LIF(tau_m=10.0)).tau_m
        10.0
        """
        return cls(tau_m=neuron.tau_m, t_ref=neuron.t_ref, gamma=gamma, amplitude=amplitude)

    def forward(self, x: Any) -> Var:
        return apply(
            self.rule,
            floating(x),
            tau_m=self.tau_m,
            t_ref=self.t_ref,
            gamma=self.gamma,
            amplitude=self.amplitude,
        )

    def prepare(self, linear: Any) -> None:
        """Start the layer before: drives of order 1 around the threshold 1, thresholds spread over the
        inputs.

        Parameters
        ----------
        linear : Linear
            The layer before.

        Examples
        --------
        >>> from spikesim import learn
        >>> linear = learn.Linear(2, 3, seed=1)
        >>> learn.LIFRate().prepare(linear)
        >>> bool((linear.bias.val >= 0.0).all())
        True
        """
        linear.restart("he")
        if linear.bias is not None:
            linear.bias.val = linear.rng.uniform(0.0, 2.0, linear.n_out)


for _sigmoid in (Tanh, Arctan, Erf):
    complete(_sigmoid, Scaled)
for _along in (Softmax, LogSoftmax, OneHot):
    complete(_along, AlongAxis)
