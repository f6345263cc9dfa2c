"""Spoken digits by spiking neurons: what the ear hears enters as currents, frame by frame.

40 bands of the ear (mel), 16 ms a frame; 160 neurons, each connected with each, or with learnt delays, or neither.
Free Spoken Digit Dataset (Z. Jackson et al., CC BY-SA 4.0): arrays mulaw, length, digit, speaker and index (test: < 5).
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss
from spikesim import learn

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--words", type=Path, help="recorded words (.npz, 8 kHz)")
parser.add_argument("--net", choices=("recurrent", "delays", "plain"), default="recurrent")
parser.add_argument("--speakers", action="store_true", help="test with each speaker in turn, left out of training")
parser.add_argument("--epochs", type=int, default=24)
parser.add_argument("--quick", action="store_const", const=6, dest="epochs", help="six epochs")
options = parser.parse_args()
BANDS, FRAMES, HOP, DT, HIDDEN, EPOCHS = 40, 55, 128, 16.0, 160, options.epochs


def heard(sound):
    """Return the loudness (FRAMES, BANDS) of a sound: logarithm of the energy of each band, 0 to 1."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 2 * HOP)[::HOP][: FRAMES - 5] * np.hanning(2 * HOP)
    edges = 700.0 * (10 ** (np.linspace(92.0, 2146.0, BANDS + 2) / 2595.0) - 1.0)  # Hz, equally spaced in mel
    f = np.fft.rfftfreq(2 * HOP, 1 / 8000.0)[:, None]
    bells = np.clip(np.minimum((f - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - f) / np.diff(edges)[1:]), 0.0, None)
    loud = np.log(1e-5 + np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ bells)
    return np.pad((loud - loud.min()) / (np.ptp(loud) + 1e-9), ((0, FRAMES - len(loud)), (0, 0)))


def varied(x, rng):
    """Return words that begin up to five frames later and lack up to six neighbouring bands."""
    at = np.arange(FRAMES) - rng.integers(0, 6, (len(x), 1))
    x = np.where((at >= 0)[:, :, None], np.take_along_axis(x, np.maximum(at, 0)[:, :, None], axis=1), 0.0)
    lost = np.arange(BANDS) - rng.integers(0, BANDS, (len(x), 1))
    return np.where(((lost >= 0) & (lost < rng.integers(0, 7, (len(x), 1))))[:, None], 0.0, x).astype(np.float32)


if options.words:
    with np.load(options.words) as file:
        m, length, digit = file["mulaw"].astype(float), file["length"], file["digit"]
        splits = [file["speaker"] != k for k in range(6)] if options.speakers else [file["index"] >= 5]
    sound = np.sign(m) * (256.0 ** (np.abs(m) / 127.0) - 1.0) / 255.0
    words = np.array([heard(part) for part in np.split(sound, np.cumsum(length)[:-1])], np.float32)
else:
    print("No --words: these ten words are made up (two formants that glide; pace and pitch vary)")
    rng, digit, splits = np.random.default_rng(0), np.repeat(np.arange(10), 60), [np.tile(np.arange(60) >= 12, 10)]
    ends, words = rng.uniform(4.0, BANDS - 5.0, (10, 2, 3)), np.zeros((600, FRAMES, BANDS), np.float32)
    for word, k in zip(words, digit):
        pace = np.linspace(0.0, 1.0, rng.integers(18, 30))
        for track in ends[k] + rng.normal(0.0, 0.7):
            off = np.arange(BANDS) - np.interp(pace, [0.0, 0.5, 1.0], track)[:, None]
            word[: len(pace)] += np.exp(-(off**2) / 8.0)
synapse, readout = ss.Exponential(32.0, normalize="area"), ss.LIF.normalized(tau_m=320.0)
cells, answers = ss.LIF.normalized(tau_m=np.random.default_rng(0).uniform(64.0, 512.0, HIDDEN), t_ref=0.0), []
kind = {"recurrent": {"recurrent": True}, "delays": {"delays": True, "max_delay": 320.0}, "plain": {}}[options.net]
how = {"loss": learn.CrossEntropyLoss(), "epochs": EPOCHS, "schedule": learn.one_cycle(EPOCHS), "progress": False}
for train in splits:
    layer = learn.Spiking(HIDDEN, cells, synapse, dt=DT, n_in=BANDS, seed=1, **kind)
    output = learn.Readout(10, readout, synapse, dt=DT, n_in=HIDDEN, gain=2.0, seed=2)
    model = learn.Sequential(layer, learn.Dropout(0.3, seed=2), output).astype(np.float32)
    adam, data = learn.Adam(model.parameters(), lr=6e-3), (words[train], digit[train])
    learn.fit(model, learn.DataLoader(data, 64, transform=varied), optimizer=adam, **how)
    answers.append(learn.predict(model, words[~train]).argmax(axis=1))
right, answers = np.concatenate([digit[~train] for train in splits]), np.concatenate(answers)
print(f"{(score := np.mean(answers == right)):.2%} of {answers.size} new words after {EPOCHS} epochs")
assert score > (0.5 if options.net == "recurrent" else 0.25)
figure, (ear, panel) = plt.subplots(1, 2, figsize=(8.4, 3.6), layout="constrained")
ear.pcolormesh(words[0].T, cmap="magma")
ear.set(xlabel="Frame of 16 ms", ylabel="Band of the ear", title=f"A {digit[0]} as heard")
panel.imshow(np.histogram2d(right, answers, np.arange(11) - 0.5)[0], cmap="Blues")
panel.set(xlabel="Answer", ylabel="Word", title=f"{score:.0%} of {answers.size} new words", xticks=range(10))
options.out.mkdir(parents=True, exist_ok=True)
figure.savefig(options.out / "spoken_digits.png", dpi=120)
