"""ACCURACY: what is a step worth?  The period of one Hodgkin-Huxley cell at a constant current, at several steps.

The reference is the same equations by SciPy at a relative tolerance of 1e-10.  Periods are means over a second of
spikes on the grid, good to about 1e-4.  Runge-Kutta 4 is unstable at 0.1 ms.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import spikesim as ss
from spikesim.neurons import by_runge_kutta

from .contest import Options, Row
from .peers import Peer
from .plain import plain
from .process import MeasurementError

__all__ = ["ask"]

CELLS: dict[str, Any] = {
    "squid axon, 1000 pA": ss.HodgkinHuxley(I_e=1000.0),
    "Traub-Miles, 500 pA": ss.TraubMiles(I_e=500.0),
}
STEPS = (0.1, 0.05, 0.025, 0.01)
WARM_MS, MODEL_MS = 100.0, 1000.0


def build(model: Any) -> ss.Network:
    """Return one cell."""
    net = ss.Network(seed=1)
    net.record(net.population("cell", 1, model), "spikes")
    return net


def period(times: Any) -> float:
    """Return the mean interval (ms) of the spikes in the window."""
    times = np.asarray(times)
    times = times[(times > WARM_MS) & (times <= WARM_MS + MODEL_MS)]
    return float((times[-1] - times[0]) / (times.size - 1)) if times.size > 1 else float("nan")


def reference(model: Any) -> float:
    """Return the period of the equations themselves."""
    from scipy.integrate import solve_ivp

    from spikesim.neurons.contract import Input

    def slope(_: float, s: Any) -> list[float]:
        return list(type(model).slope(tuple(s), Input(0.0, 0.0), model))

    def crossing(_: float, s: Any) -> float:
        return float(s[0] - model.V_spike)

    crossing.direction = 1.0  # type: ignore[attr-defined]
    start = [float(v) for v in type(model).rest(model)]
    end = WARM_MS + MODEL_MS
    solution = solve_ivp(slope, (0.0, end), start, "DOP853", events=crossing, rtol=1e-10, atol=1e-10)
    return period(solution.t_events[0])


def contenders(options: Options, cell: str) -> list[tuple[Peer, str | None]]:
    """Return who is asked, with which integrator."""
    found: list[tuple[Peer, str | None]] = []
    for peer in options.found(("nest", "brian-cython", "neuron")):
        if peer.name == "brian-cython":
            found += [(peer, "exponential_euler"), (peer, "rk4")]
        elif peer.name == "nest" or cell.startswith("squid"):
            found.append((peer, None))
    return found


def ask(options: Options) -> list[Row]:
    """Both cells, here and in the peers."""
    rows = []
    for name, model in CELLS.items():
        net, exact = build(model), reference(model)
        found: list[Row] = []
        classical = by_runge_kutta(type(model))(*model)
        for simulator, cell, steps in (("spikesim", model, STEPS), ("spikesim rk4", classical, STEPS[1:])):
            for dt in steps:
                result = build(cell).run(WARM_MS + MODEL_MS, dt=dt, threads=1, progress=False)
                found.append({"simulator": simulator, "dt": dt, "period_ms": period(result.spikes["cell"].times)})
        for peer, method in contenders(options, name):
            for dt in STEPS:
                job = {
                    "network": plain(net),
                    "dt": dt,
                    "warm_ms": WARM_MS,
                    "model_ms": MODEL_MS,
                    "threads": 1,
                }
                row: Row = {"simulator": " ".join(filter(None, (peer.name, method))), "dt": dt}
                try:
                    row["period_ms"] = period(peer.run({**job, "times": True, "method": method})["times"])
                except MeasurementError as error:
                    row["failed"] = f"dt = {dt:g} ms: {error}"
                found.append(row)
        for row in found:
            row |= {"case": name, "threads": 1}
            if "failed" not in row:
                row["error"] = row["period_ms"] / exact - 1.0
        rows += found
    return rows
