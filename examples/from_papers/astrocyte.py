"""Waves of calcium in an astrocyte (Li and Rinzel 1994, J. Theor. Biol. 166:461; NEST's `astrocyte_single`).

No neuron: three concentrations and no spike.  Each spike of a Poisson train of 1 Hz adds 0.2 uM of IP3, which falls
off with 7 s (Nadkarni and Jung 2003); calcium leaves the store through receptors that IP3 and calcium open and
calcium closes, and is pumped back.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Mean and largest calcium, mean IP3 (uM), over 600 s; mean of three runs.
ORIGINAL = {"ca": 0.5546, "ca most": 0.8946, "ip3": 1.578}


@ss.model(states=("ca", "ip3", "h"))
class LiRinzel(NamedTuple):
    """Calcium and IP3 in the cytosol (uM), share of receptors that calcium has not closed; NEST's names."""

    tau_IP3: float = 7142.0  # ms
    IP3_0: float = 0.16  # uM
    Ca_tot: float = 2.0
    ratio_ER_cyt: float = 0.185
    Kd_IP3_1: float = 0.13
    Kd_IP3_2: float = 0.9434
    Kd_act: float = 0.08234
    Kd_inh: float = 1.049
    Km_SERCA: float = 0.1
    k_IP3R: float = 0.0002  # 1/(uM ms)
    rate_IP3R: float = 0.006  # 1/ms
    rate_L: float = 0.00011
    rate_SERCA: float = 0.0009  # uM/ms

    @ss.equation
    def slope(s, u, p):
        ca, ip3, h = s
        gradient = (p.Ca_tot - ca) / p.ratio_ER_cyt - ca
        open_share = ip3 / (ip3 + p.Kd_IP3_1) * ca / (ca + p.Kd_act) * h
        channel = p.ratio_ER_cyt * p.rate_IP3R * open_share**3 * gradient
        leak = p.ratio_ER_cyt * p.rate_L * gradient
        pump = p.rate_SERCA * ca**2 / (p.Km_SERCA**2 + ca**2)
        opening = p.k_IP3R * p.Kd_inh * (ip3 + p.Kd_IP3_1) / (ip3 + p.Kd_IP3_2)
        return (channel - pump + leak, (p.IP3_0 - ip3) / p.tau_IP3, opening * (1.0 - h) - p.k_IP3R * ca * h)


T = 600_000.0  # ms
net = ss.Network(seed=1)
cells = net.population("cells", 4, LiRinzel(), ca=0.073, ip3=0.16, h=0.793)
net.background(cells, rate=1.0, weight=0.2, synapse=ss.Delta(to="ip3"))
net.record(cells, "ca", "ip3", every=10.0)
traces = net.run(T, dt=1.0, progress=False).traces["cells"]
ca, ip3 = traces["ca"].values, traces["ip3"].values
found = {"ca": ca.mean(), "ca most": ca.max(axis=0).mean(), "ip3": ip3.mean()}
for key, wanted in ORIGINAL.items():
    print(f"{key}: {found[key]:.3f} uM, the original {wanted:.3f}")
    assert abs(found[key] / wanted - 1.0) < 0.1
# a sum of jumps that fall off: 0.16 + 0.2 uM times 1 Hz times 7.142 s
print(f"IP3 by Campbell's theorem: {0.16 + 0.2 * 7.142:.3f} uM")

plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(2, 1, figsize=(8.0, 4.5), layout="constrained", sharex=True)
for ax, name in zip(axes, ("ip3", "ca")):
    ax.plot(traces[name].times / 1000.0, traces[name].values[:, :2])
    ax.set(ylabel=f"{name} (uM)", xlim=(0.0, 120.0))
axes[1].set_xlabel("Time (s)")
figure.savefig(options.out / "astrocyte.png", dpi=150)
