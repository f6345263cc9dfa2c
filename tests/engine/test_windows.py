"""Recording from start to stop: what is kept is the same as that part of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import spikesim as ss
from spikesim.errors import InvalidValueError


def network(**window: float) -> ss.Network:
    net = ss.Network(seed=1)
    cells = net.population("cells", 20, ss.LIF(I_e=ss.uniform(400.0, 600.0)))
    net.record(cells, "spikes", **window)
    net.record(cells[:3], "v", every=0.3, **window)
    return net


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_part_of_the_whole(engine: str, tmp_path: Path) -> None:
    """start < t <= stop, in memory and in a file, over pieces."""
    whole = network().run(60.0, engine=engine, progress=False)
    out = tmp_path / "run.h5"
    with ss.Simulation(network(start=21.0, stop=42.0), engine=engine, out=str(out)) as simulation:
        for piece in (10.0, 20.0, 30.0):
            simulation.run(piece, progress=False)
    for part in (network(start=21.0, stop=42.0).run(60.0, engine=engine, progress=False), ss.load(out)):
        for name in ("times", "ids"):
            times = whole.spikes["cells"].times
            wanted = getattr(whole.spikes["cells"], name)[(times > 21.0) & (times <= 42.0)]
            np.testing.assert_array_equal(getattr(part.spikes["cells"], name), wanted)
        traces, trace = whole.traces["cells"]["v"], part.traces["cells"]["v"]
        inside = (traces.times > 21.0) & (traces.times <= 42.0)
        np.testing.assert_array_equal(trace.times, traces.times[inside])
        np.testing.assert_array_equal(trace.values, traces.values[inside])


@pytest.mark.parametrize("engine", ["clock", "event"])
def test_each_variable_has_its_own_window(engine: str, tmp_path: Path) -> None:
    """Spikes of the whole run beside potentials of a part of it; the same after a resume from the file alone."""
    net = ss.Network(seed=1)
    cells = net.population("cells", 5, ss.AdEx(I_e=900.0))
    net.record(cells, "spikes")
    net.record(cells[:2], "v", every=1.0, start=20.0, stop=42.0)
    net.record(cells[:2], "w", every=1.0, start=30.0)
    assert "from 20 ms to 42 ms" in net.summary()
    with ss.Simulation(net, engine=engine) as first:
        first.run(25.0, progress=False)
        first.save(tmp_path / "state.h5")
    with ss.Simulation.resume(tmp_path / "state.h5") as resumed:
        parts = [net.run(60.0, engine=engine, progress=False), resumed.run(35.0, progress=False)]
    for part, begun in zip(parts, (0.0, 25.0)):
        assert part.spikes["cells"].times[-1] > 42.0
        traces = part.traces["cells"]
        np.testing.assert_allclose(traces["v"].times, np.arange(max(begun, 20.0) + 1.0, 43.0))
        np.testing.assert_allclose(traces["w"].times, np.arange(31.0, 61.0))


def test_wrong_windows_are_refused() -> None:
    """Empty ones, and two of one population."""
    net = network(start=5.0)
    with pytest.raises(InvalidValueError, match="spikes of 'cells' are recorded from 5 to inf ms already"):
        net.record(net["cells"], "spikes")
    with pytest.raises(InvalidValueError, match="stop must be after start"):
        network(start=5.0, stop=5.0)
    with pytest.raises(InvalidValueError, match="samples of 'v' of 'cells' are recorded from 5 to inf ms already"):
        net.record(net["cells"], "v", every=0.3, stop=20.0)
    for window in ({"start": 5.03}, {"stop": 7.77}):
        with pytest.raises(InvalidValueError, match=r"record 'cells': st.* is no multiple of dt = 0.1 ms"):
            network(**window).run(10.0, progress=False)
        network(**window).run(10.0, engine="event", progress=False)  # spikes there have no grid
