"""A balanced network whose synapses tire (Stimberg, Goodman, Brette and De Pitta 2019, figure 1).

3200 excitatory and 800 inhibitory neurons with conductances, driven by a constant current.  All synapses depress and
facilitate (Tsodyks 2005).  In "Computational Glioscience", Springer, p. 471; Brian 2's `example_1_COBA`.
"""

import argparse
from pathlib import Path

from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rates (Hz) from 300 to 1000 ms, mean of three runs.
ORIGINAL = {"exc": 4.207, "inh": 4.274}

net = ss.Network(seed=1)
cell = ss.LIF(tau_m=198.0 / 9.99, C_m=198.0, E_L=-60.0, V_th=-50.0, V_reset=-60.0, t_ref=5.0, I_e=150.0)
exc = net.population("exc", 3200, cell, v=ss.uniform(-60.0, -50.0))
inh = net.population("inh", 800, cell, v=ss.uniform(-60.0, -50.0))
resources = ss.TsodyksMarkram(U=0.6, tau_rec=1000.0 / 2.0, tau_fac=1000.0 / 3.33)
for pre, p, weight, synapse in (
    (exc, 0.05, 0.05, ss.ConductanceExponential(5.0, 0.0)),
    (inh, 0.2, 1.0, ss.ConductanceExponential(10.0, -80.0)),
):
    rule = ss.fixed_probability(p)
    net.connect(pre, exc + inh, rule, weight=weight, delay=0.1, synapse=synapse, release=resources)
net.record(exc + inh, "spikes")
net.record(exc[:1], "v", "g_syn")
result = net.run(1000.0, progress=False)
for name, wanted in ORIGINAL.items():
    found = result.spikes[name].rate(start=300.0)
    print(f"{name}: {found:.2f} Hz, the original {wanted:.2f} Hz")
    assert abs(found / wanted - 1.0) < 0.08

plt.style.use(ss.plot.LIGHT)
figure, (above, below) = plt.subplots(2, 1, figsize=(8.0, 5.0), layout="constrained", sharex=True)
ss.plot.raster(result, ax=above).set_xlabel("")
trace = result.traces["exc"]["g_syn"]
below.plot(trace.times, trace.values[:, 0])
below.set(xlabel="Time (ms)", ylabel="Excitatory\nconductance (nS)")
figure.savefig(options.out / "stimberg.png", dpi=150)
