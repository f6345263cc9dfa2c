"""A recurrent network of spiking neurons remembers a cue: one of four groups fires, the answer is due long after.

No membrane or synapse here lasts a fifth of the time that is to be bridged; only activity that goes round can.
Surrogate gradients through time: F. Zenke and S. Ganguli, Neural Comput. 30 (2018) 1514.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer steps of training")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)

CUES, EACH, STEPS, CUE = 4, 5, 70, 10  # inputs a cue; steps (ms) of a trial and of its cue
SYNAPSE = ss.Exponential(5.0, normalize="area")


def trials(n, seed):
    """Noisy spikes on all inputs, many on those of the cue during its time."""
    rng = np.random.default_rng(seed)
    cue = rng.integers(0, CUES, n)
    rate = np.full((n, STEPS, CUES * EACH), 0.01)
    for k in range(n):
        rate[k, :CUE, cue[k] * EACH : (cue[k] + 1) * EACH] = 0.5
    return (rng.random(rate.shape) < rate).astype(np.float32), cue


def train(recurrent):
    model = learn.Sequential(
        learn.Spiking(
            60, ss.LIF.normalized(tau_m=10.0), SYNAPSE, recurrent=recurrent, n_in=CUES * EACH, seed=1, gain=4.0
        ),
        learn.Readout(CUES, ss.LIF.normalized(tau_m=5.0), SYNAPSE, read="last", n_in=60, seed=2, gain=2.0),
    ).astype(np.float32)
    history = learn.fit(
        model,
        trials(600, 0),
        loss=learn.CrossEntropyLoss(),
        optimizer=learn.Adam(model.parameters(), lr=5e-3),
        epochs=15 if options.quick else 40,
        batch_size=32,
        progress=False,
    )
    x, cue = trials(200, 1)
    return model, history, learn.accuracy(learn.predict(model, x), cue)


(plain, _, without), (model, history, score) = train(False), train(True)
print(f"{score:.0%} of 200 cues remembered for {STEPS - CUE} ms; {without:.0%} without recurrent synapses")
assert score > without + 0.2

# the same network in the simulator
x, cue = trials(1, 5)
net = model.to_network(x)
net.record(net["input"], "spikes")
net.record(net["layer 1"], "spikes")
result = net.run(float(STEPS), dt=1.0, progress=False)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
history.plot(left)
ss.plot.raster(result, ax=right)
right.set_title(f"Cue {cue[0]}, then {STEPS - CUE} ms without it", loc="left", fontsize=10)
figure.savefig(options.out / "recurrent_memory.png", dpi=120)
