"""What a model is, in pictures: tuning and f-I curves, responses of synapses, gates of channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.firing import fi_curve as _fi_curve
from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..network.summary import brief
from ..synapses.contract import Synapse
from .style import BLUE, GREY, VERMILION, axes, dressed, figure, ink, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fi_curve", "gating", "psc", "tuning_curve"]


@named
def tuning_curve(
    model: Any,
    v_in: Any = None,
    *,
    measured: tuple[Any, Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the tuning curve G(v_in) of a LIF neuron (notes 1.4), and measured points upon it.

    Parameters
    ----------
    model : LIF
        Something with ``rate(v_in)`` in Hz.
    v_in : float64 (n,), optional
        Drive, 1 is the threshold; 0 ... 20 without it.
    measured : (v_in, rate), optional
        Points, e.g. of a simulation; rates in Hz.
    ax : Axes, optional

    Returns
    -------
    Axes
        The rate over the drive.

    Examples
    --------
    >>> import spikesim as ss
    >>> ss.plot.tuning_curve(ss.LIF.normalized(), [0.5, 1.0, 2.0]).get_lines()[0].get_ydata().round(1).tolist()
    [0.0, 0.0, 63.0]
    """
    if not callable(getattr(model, "rate", None)):
        raise InvalidTypeError(
            f"tuning_curve: {type(model).__name__} has no formula for its rate; plot.fi_curve simulates any model"
        )
    drive = np.linspace(0.0, 20.0, 2001) if v_in is None else np.asarray(v_in, dtype=np.float64)
    panel = axes(ax)
    listed = any(np.ndim(value) for value in model)
    rates = model.rate(drive[:, None]) if listed else model.rate(drive)  # a column a neuron
    for k, column in enumerate(np.atleast_2d(rates.T)):
        panel.plot(drive, column, color=ink(panel, BLUE), label="G" if k == 0 else None, alpha=0.5 if listed else 1.0)
    for k, t_ref in enumerate(np.unique(getattr(model, "t_ref", 0.0))):
        if t_ref > 0.0:
            label = "1 / t_ref" if k == 0 else None
            panel.axhline(1000.0 / t_ref, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), label=label)
    if measured is not None:
        panel.plot(*measured, "o", color=ink(panel, VERMILION), markersize=3.5, label="measured")
    panel.set(xlabel="Input v_in (threshold = 1)", ylabel="Rate (Hz)")
    panel.set_ylim(0.0, None)
    panel.margins(x=0.0)
    legend(panel, loc="lower right")
    return panel


@named
def fi_curve(
    model: Any, currents: Any = None, *, duration: float = 1000.0, dt: float = 0.1, ax: Axes | None = None
) -> Axes:
    """Simulate and draw the rate of a model, or of several by name, over a constant input current.

    Parameters
    ----------
    model : neuron model, or mapping of them by name
    currents : float64 (n,), optional
        pA; without it 41 values from 0 to 1000.
    duration, dt : float
        Of the simulation, ms.
    ax : Axes, optional

    Returns
    -------
    Axes
        A line a model.

    Examples
    --------
    >>> import spikesim as ss
    >>> ax = ss.plot.fi_curve(ss.LIF(), currents=[300.0, 500.0, 700.0], duration=200.0)
    >>> ax.get_lines()[0].get_xdata().tolist()
    [300.0, 500.0, 700.0]
    """
    currents = np.linspace(0.0, 1000.0, 41) if currents is None else np.asarray(currents, dtype=np.float64)
    models = model if isinstance(model, Mapping) else {type(model).__name__: model}
    panel = axes(ax)
    for k, (name, each) in enumerate(models.items()):
        rates = _fi_curve(each, currents, duration, dt=dt)
        panel.plot(currents, rates, ".-", color=ink(panel, k), markersize=4.0, label=name)
    panel.set(xlabel="Input current (pA)", ylabel="Rate (Hz)")
    panel.set_ylim(0.0, None)
    panel.margins(x=0.02)
    legend(panel)
    return panel


@named
def psc(*synapses: Any, duration: float | None = None, log: bool = False, ax: Axes | None = None) -> Axes:
    """Draw the response of synapses to one spike of weight 1 that arrives at 0 ms.

    Conductances beside currents have a scale of their own, on the right, and dashed lines.

    Parameters
    ----------
    *synapses : Synapse
        Or (label, synapse) pairs.
    duration : float, optional
        ms; without it until the slowest has decayed to 1 % of its peak.
    log : bool
        Whether time is on a logarithmic scale: fast and slow synapses in one picture.
    ax : Axes, optional

    Returns
    -------
    Axes
        A line a synapse.

    Examples
    --------
    >>> import spikesim as ss
    >>> len(ss.plot.psc(ss.Exponential(5.0), ("slow", ss.Alpha(20.0))).get_lines())
    2
    """
    if not synapses:
        raise InvalidValueError("psc: wanted at least one synapse")
    named = [s if isinstance(s, tuple) else (brief(s), s) for s in synapses]
    for _, synapse in named:
        if not isinstance(synapse, Synapse) or not synapse.matrix.size:
            raise InvalidTypeError(f"psc: wanted a synapse with a current or conductance, got {synapse!r}")
    if duration is None:
        duration = max(_decay(synapse) for _, synapse in named)
    fastest = min(_decay(synapse) for _, synapse in named)
    before = np.linspace(-0.03 * duration, 0.0, 2, endpoint=False)
    after = np.linspace(0.0, duration, 4001)
    t = np.geomspace(fastest / 200.0, duration, 2000) if log else np.concatenate([before, [0.0], after])
    panel = axes(ax)
    kinds = ["Current" if synapse.E_rev is None else "Conductance" for _, synapse in named]
    scales = {kinds[0]: panel}
    if len(set(kinds)) > 1:
        scales = {"Current": panel, "Conductance": dressed(panel.twinx())}
        scales["Conductance"].spines["right"].set_visible(True)
    lines: list[Any] = []
    for k, (label, synapse) in enumerate(named):
        h = np.where(t < 0.0, 0.0, synapse.psc(t))
        if not log:
            h[2] = 0.0  # just before the arrival: a jump is drawn upright
        dashes = (0, (4, 1.5)) if scales[kinds[k]] is not panel else "-"
        lines += scales[kinds[k]].plot(t, h, color=ink(panel, k), linestyle=dashes, label=label)
    panel.set(xlabel="Time since arrival (ms)")
    for kind, scale in scales.items():
        scale.set_ylabel(f"{kind} per unit of weight" + (" (dashed)" if scale is not panel else ""))
        scale.set_ylim(0.0, None)
        scale.margins(x=0.0)
    if log:
        panel.set_xscale("log")
    panel.legend(handles=lines, frameon=False, fontsize=8.0, handlelength=1.8)
    return panel


def _decay(synapse: Any) -> float:
    """When the response has fallen below 1 % of its peak for good, ms."""
    slowest = float(np.max(-1.0 / np.linalg.eigvals(synapse.matrix).real))
    t = np.linspace(0.0, 30.0 * slowest, 6001)
    h = np.abs(synapse.psc(t))
    return float(t[np.flatnonzero(h > 0.01 * h.max())[-1]])


@named
def gating(model: Any, v: Any = None, *, ax: tuple[Axes, Axes] | None = None) -> Axes:
    """Draw steady states and time constants of a neuron's gates over the membrane potential (notes 1.3).

    Parameters
    ----------
    model : HodgkinHuxley, or another with ``x_inf`` and ``tau_x`` for its gates x
    v : float64 (n,), optional
        mV; -100 ... 50 without it.
    ax : (Axes, Axes), optional
        For the steady states and for the time constants.

    Returns
    -------
    Axes
        Of the steady states; those of the time constants are the figure's next.

    Examples
    --------
    >>> import spikesim as ss
    >>> len(ss.plot.gating(ss.HodgkinHuxley()).get_lines())
    3
    """
    gates = [x for x in getattr(model, "states", ()) if callable(getattr(model, f"{x}_inf", None))]
    if not gates:
        raise InvalidTypeError(f"gating: {type(model).__name__} has no gates (no x_inf and tau_x)")
    potential = np.linspace(-100.0, 50.0, 601) if v is None else np.asarray(v, dtype=np.float64)
    left, right = figure(6.8, 2.9).subplots(1, 2) if ax is None else ax
    for k, x in enumerate(gates):
        left.plot(potential, getattr(model, f"{x}_inf")(potential), color=ink(left, k), label=x)
        right.plot(potential, getattr(model, f"tau_{x}")(potential), color=ink(right, k), label=x)
    for panel, label in ((dressed(left), "Steady state"), (dressed(right), "Time constant (ms)")):
        panel.set(xlabel="Membrane potential (mV)", ylabel=label)
        panel.set_ylim(0.0, None)
        panel.margins(x=0.0)
        legend(panel)
    return left
