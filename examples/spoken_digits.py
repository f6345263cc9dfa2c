"""Spoken digits by recurrent spiking neurons: what the ear hears enters as currents, frame by frame.

40 bands of the ear (mel), frames of 16 ms; 160 neurons whose membranes remember from 64 to 512 ms, each connected with
each.  In training words begin up to five frames later and lack up to six bands.  The words: Free Spoken Digit Dataset
(Z. Jackson et al., CC BY-SA 4.0) in a file --words with arrays mulaw, length, digit, index (test words: index < 5);
without it, ten words of gliding formants are made up, and the example says so.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--words", type=Path, help="recorded words: .npz with mulaw, length, digit, index (8 kHz)")
parser.add_argument("--quick", action="store_true", help="fewer epochs")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
BANDS, FRAMES, HOP, DT, HIDDEN, EPOCHS = 40, 55, 128, 16.0, 160, 6 if options.quick else 24


def heard(sound):
    """Return the loudness (FRAMES, BANDS) of a sound: logarithm of the energy of each band, 0 to 1."""
    sound = np.pad(sound, (0, max(0, 2 * HOP - sound.size)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, 2 * HOP)[::HOP][: FRAMES - 5] * np.hanning(2 * HOP)
    edges = 700.0 * (10 ** (np.linspace(92.0, 2146.0, BANDS + 2) / 2595.0) - 1.0)  # Hz, equally spaced in mel
    f = np.fft.rfftfreq(2 * HOP, 1 / 8000.0)[:, None]
    bells = np.clip(np.minimum((f - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - f) / np.diff(edges)[1:]), 0.0, None)
    loud = np.log(1e-5 + np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ bells)
    return np.pad((loud - loud.min()) / (np.ptp(loud) + 1e-9), ((0, FRAMES - len(loud)), (0, 0)))


def varied(x, rng):
    """Return words that begin later and lack some neighbouring bands."""
    at = np.arange(FRAMES) - rng.integers(0, 6, (len(x), 1))
    x = np.where((at >= 0)[:, :, None], np.take_along_axis(x, np.maximum(at, 0)[:, :, None], axis=1), 0.0)
    lost = np.arange(BANDS) - rng.integers(0, BANDS, (len(x), 1))
    return np.where(((lost >= 0) & (lost < rng.integers(0, 7, (len(x), 1))))[:, None], 0.0, x).astype(np.float32)


if options.words:
    with np.load(options.words) as file:
        m, length, digit, train = file["mulaw"].astype(float), file["length"], file["digit"], file["index"] >= 5
    sound = np.sign(m) * (256.0 ** (np.abs(m) / 127.0) - 1.0) / 255.0
    words = np.array([heard(part) for part in np.split(sound, np.cumsum(length)[:-1])], np.float32)
else:
    print("No --words: these ten words are made up (two formants that glide; pace and pitch vary)")
    rng, digit, train = np.random.default_rng(0), np.repeat(np.arange(10), 60), np.tile(np.arange(60) >= 12, 10)
    ends, words = rng.uniform(4.0, BANDS - 5.0, (10, 2, 3)), np.zeros((600, FRAMES, BANDS), np.float32)
    for word, k in zip(words, digit):
        pace = np.linspace(0.0, 1.0, rng.integers(18, 30))
        for track in ends[k] + rng.normal(0.0, 0.7):
            centre = np.interp(pace, [0.0, 0.5, 1.0], track)[:, None]
            word[: len(pace)] += np.exp(-0.5 * ((np.arange(BANDS) - centre) / 2.0) ** 2)

synapse, readout = ss.Exponential(32.0, normalize="area"), ss.LIF.normalized(tau_m=320.0)
cells = ss.LIF.normalized(tau_m=np.random.default_rng(0).uniform(64.0, 512.0, HIDDEN), t_ref=0.0)
layer = learn.Spiking(HIDDEN, cells, synapse, recurrent=True, dt=DT, n_in=BANDS, seed=1)
output = learn.Readout(10, readout, synapse, dt=DT, n_in=HIDDEN, gain=2.0, seed=2)
model = learn.Sequential(layer, learn.Dropout(0.3, seed=2), output).astype(np.float32)
loader = learn.DataLoader((words[train], digit[train]), 64, transform=varied)
learn.fit(
    model, loader, loss=learn.CrossEntropyLoss(), optimizer=learn.Adam(model.parameters(), lr=6e-3),
    epochs=EPOCHS, schedule=learn.one_cycle(EPOCHS), progress=False,
)  # fmt: skip
answers = learn.predict(model, words[~train]).argmax(axis=1)
score = np.mean(answers == digit[~train])
print(f"{score:.2%} of {answers.size} new words after {EPOCHS} epochs")
assert score > 0.5
figure, (ear, panel) = plt.subplots(1, 2, figsize=(8.6, 3.8), layout="constrained", width_ratios=(5, 4))
ear.imshow(words[~train][0].T, origin="lower", aspect="auto", cmap="magma", extent=(0.0, 1e-3 * DT * FRAMES, 0, BANDS))
ear.set(xlabel="Time (s)", ylabel="Band of the ear (mel)", title=f"A word as it is heard: {digit[~train][0]}")
panel.imshow(np.histogram2d(digit[~train], answers, np.arange(11) - 0.5)[0], cmap="Blues")
panel.set(xlabel="Answer", ylabel="Word", title=f"{score:.0%} of {answers.size} new words", xticks=range(10))
figure.savefig(options.out / "spoken_digits.png", dpi=120)
