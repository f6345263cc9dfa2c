"""Fast oscillations of neurons that fire slowly (Brunel and Hakim 1999, Neural Comput. 11:1621; Brian 2's example).

5000 inhibitory neurons, each with 1000 inputs of -0.1 mV and white noise of its own.  The population oscillates with a
period of a few delays, 2 ms, while a neuron fires a few times a second and irregularly.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="the same: it is quick")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

#: Rate of a neuron and frequency of the population (Hz), mean of two runs.
ORIGINAL = {"rate": 3.593, "frequency": 136.2}

TAU = 20.0  # ms
net = ss.Network(seed=1)
# C_m = tau_m: a current of 1 is 1 mV.  V goes on while refractory
cell = ss.LIF(tau_m=TAU, C_m=TAU, E_L=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0, I_e=25.0, hold=False)
inh = net.population("inh", 5000, cell, v=10.0)
net.inject(inh, ss.WhiteNoise(1.0 * np.sqrt(TAU)))  # sigma = 1 mV: sd of V without threshold is sigma / sqrt(2)
# (2 ms in the original, which looks at thresholds before what arrives in a step; with 2.0 here it is 145 Hz)
net.connect(inh, inh, ss.fixed_probability(0.2), weight=-0.1, delay=2.1, synapse=ss.Delta(refractory_input=True))
net.record(inh, "spikes")
result = net.run(1000.0, progress=False)
spikes = result.spikes["inh"]

counts = np.histogram(spikes.times, np.arange(200.0, 1000.01, 0.5))[0]
power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
smooth = np.convolve(power, np.ones(9) / 9.0, "same")
frequency = np.fft.rfftfreq(counts.size, 5e-4)  # Hz
found = {"rate": spikes.rate(start=200.0), "frequency": frequency[np.argmax(smooth)]}
for key, tolerance in (("rate", 0.05), ("frequency", 0.05)):
    print(f"{key}: {found[key]:.2f} Hz, the original {ORIGINAL[key]:.2f} Hz")
    assert abs(found[key] / ORIGINAL[key] - 1.0) < tolerance

plt.style.use(ss.plot.LIGHT)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6), layout="constrained")
ss.plot.raster(result, start=900.0, ax=left)
right.plot(frequency, smooth / smooth.max())
right.set(xlabel="Frequency (Hz)", ylabel="Power of the population's rate", xlim=(0.0, 500.0))
figure.savefig(options.out / "brunel_hakim.png", dpi=150)
