"""Section 1.3: a Hodgkin-Huxley spike takes many steps of a 4-D system; what it costs beside a LIF's."""

from time import process_time

import numpy as np
from beside import Page

import spikesim as ss

page = Page(__doc__)
n, time = 1000, 300.0 if page.quick else 1000.0
dts = {"Hodgkin-Huxley": 0.02, "LIF": 0.1}  # ms, what each of them needs
# about 70 Hz for both: J = 0.1 uA/mm^2 on 0.01 mm^2, and v_in = 2.22
models = {"Hodgkin-Huxley": ss.HodgkinHuxley(I_e=1000.0), "LIF": ss.LIF.normalized(v_in=2.22)}
start = {"Hodgkin-Huxley": ss.uniform(-70.0, -60.0), "LIF": ss.uniform(0.0, 1.0)}


def run(name, neurons, duration):
    """Return the result and the processor seconds that the run took."""
    net = ss.Network(seed=1)
    cells = net.population("cells", neurons, models[name], v=start[name])
    net.record(cells, "spikes")
    if neurons == 1:
        net.record(cells, "v", every=dts[name])
    simulation = ss.Simulation(net, dt=dts[name], threads=1)
    began = process_time()
    return simulation.run(duration), process_time() - began


page.section(f"{n} neurons, {time:g} ms of model time, one thread", "rate (Hz)", "ns a spike")
cost = {}
for name in models:
    run(name, n, 1.0)  # compile
    result, seconds = min(
        (run(name, n, time) for _ in range(3)), key=lambda ran: ran[1]
    )  # what else the machine did is no cost
    spikes = result.spikes["cells"]
    cost[name] = seconds / spikes.count()
    page.row(f"{name}, dt = {dts[name]} ms", spikes.rate(), 1e9 * cost[name])
page.row("a spike of Hodgkin-Huxley costs so many of the LIF's", "many", cost["Hodgkin-Huxley"] / cost["LIF"])
page.claim("the spike of Hodgkin-Huxley costs more", cost["Hodgkin-Huxley"] > 3.0 * cost["LIF"])

left, right = page.panels(1, 2, size=(4.2, 3.0))
page.section("one spike, above -50 mV: samples of four variables", "four of", "steps")
trace = run("Hodgkin-Huxley", 1, 60.0)[0].traces["cells"]["v"]
peak = int(trace.values[:, 0].argmax())
window = slice(max(peak - 300, 0), peak + 500)
above = np.count_nonzero(trace.values[window, 0] > -50.0)
page.row("steps of 0.02 ms", 4, above)
page.claim("many time steps for a single spike", above > 50)
left.plot(trace.times[window], trace.values[window, 0], ".", markersize=2)
left.set(xlabel="time (ms)", ylabel="V (mV)", title="one spike, a dot a step")
bars = right.bar(list(cost), [1e6 * c for c in cost.values()], width=0.5, color=["C0", "C1"])
right.bar_label(bars, fmt="%.1f µs")
right.margins(y=0.1)
right.set(ylabel="computing time a spike (µs)", title=f"{n} neurons at about 70 Hz")
page.done()
