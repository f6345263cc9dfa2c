"""Unsupervised learning: neurons that compete under STDP grow spectro-temporal receptive fields of spoken words.

A word is 24 bands of the ear by 12 twelfths of its length, as if delay lines held it; each of the 288 inputs fires with
the loudness there beyond the mean of all words (`spikesim.published.Competition`).  Labels are used afterwards only.
The words: Free Spoken Digit Dataset (Z. Jackson et al., CC BY-SA 4.0) in a file --words with arrays mulaw, length,
digit, index; without it, ten words of gliding formants are made up, and the example says so.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from spikesim import published

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--words", type=Path, help="recorded words: .npz with mulaw, length, digit, index (8 kHz)")
parser.add_argument("--quick", action="store_true", help="every word once instead of three times")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)
BANDS, BINS = 24, 12
CENTRE = 700.0 * (10 ** (np.linspace(150.0, 2075.0, BANDS) / 2595.0) - 1.0)  # Hz, equally spaced in mel


def heard(sound):
    """Return the loudness (BANDS, BINS) of a sound: logarithm of the energy of each band, down to -40 dB."""
    sound = np.pad(sound, (0, max(0, 512 - sound.size)))
    frames = np.lib.stride_tricks.sliding_window_view(sound, 256)[::64] * np.hanning(256)
    bells = np.exp(-0.5 * ((np.fft.rfftfreq(256, 1 / 8000.0)[:, None] - CENTRE) / (60.0 + 0.12 * CENTRE)) ** 2)
    energy = np.abs(np.fft.rfft(frames, axis=1)) ** 2 @ bells / bells.sum(axis=0)
    loud = np.maximum(np.log10(energy / energy.max() + 1e-12) + 4.0, 0.0)
    spoken = np.flatnonzero(loud.max(axis=1) > 1.5)
    edges = np.linspace(spoken[0], spoken[-1] + 1, BINS + 1)
    begin, end = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    return np.stack([loud[a:b].mean(axis=0) for a, b in zip(begin, end)], axis=1)


if options.words:
    with np.load(options.words) as file:
        m, length, digit, train = file["mulaw"].astype(float), file["length"], file["digit"], file["index"] >= 5
    sound = np.sign(m) * (256.0 ** (np.abs(m) / 127.0) - 1.0) / 255.0
    words = np.array([heard(part) for part in np.split(sound, np.cumsum(length)[:-1])])
else:
    print("No --words: these ten words are made up (two formants that glide; pace, pitch and noise vary)")
    rng, digit, train = np.random.default_rng(0), np.repeat(np.arange(10), 60), np.tile(np.arange(60) >= 12, 10)
    ends, band = rng.uniform(3.0, BANDS - 4.0, (10, 2, 3)), np.arange(BANDS)[:, None]
    words = np.zeros((600, BANDS, BINS))
    for word, k in zip(words, digit):
        pace = np.linspace(0.0, 1.0, BINS) ** np.exp(rng.normal(0.0, 0.2))
        for track in ends[k] + rng.normal(0.0, 0.7):
            word += np.exp(-0.5 * ((band - np.interp(pace, [0.0, 0.5, 1.0], track)) / 1.5) ** 2)
        word += np.abs(rng.normal(0.0, 0.2, word.shape))

patterns = np.maximum(words - words[train].mean(axis=0), 0.0).reshape(len(words), -1)
turns = 1 if options.quick else 3
order = np.concatenate([np.random.default_rng(k).permutation(np.flatnonzero(train)) for k in range(turns)])
layer = published.Competition(200, BANDS * BINS, seed=1).learn(patterns[order])
fired = layer.respond(patterns[train])
names = published.names_of(fired, digit[train], 10)
answers = published.votes(layer.respond(patterns[~train]), names, 10)
accuracy = np.mean(answers == digit[~train])
print(f"accuracy {accuracy:.1%} on {answers.size} new words (chance 10 %), {order.size} words shown without labels")
assert accuracy > 0.5

figure = plt.figure(figsize=(9.4, 4.2), layout="constrained")
left, right = figure.subfigures(1, 2, width_ratios=[1.25, 1.0])
left.suptitle("Weights onto the surest neuron of each word: time, frequency", fontsize=10)
share = np.array([fired[digit[train] == c].sum(axis=0) for c in range(10)]) / np.maximum(fired.sum(axis=0), 50.0)
for c, panel in enumerate(left.subplots(2, 5).flat):
    panel.imshow(layer.fields[share[c].argmax()].reshape(BANDS, BINS), origin="lower", cmap="magma", aspect=0.8)
    panel.set(title=c, xticks=[], yticks=[])
panel = right.subplots()
panel.imshow(np.histogram2d(digit[~train], answers, np.arange(11) - 0.5)[0], cmap="Blues")
panel.set(xlabel="Answer", ylabel="Word", xticks=range(10), yticks=range(10))
panel.set_title(f"{accuracy:.0%} of {answers.size} new words are recognised", loc="left", fontsize=10)
figure.savefig(options.out / "stdp_spoken_words.png", dpi=150)
