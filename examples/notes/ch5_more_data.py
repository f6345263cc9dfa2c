"""Section 5.4.2: data augmentation; 300 training samples instead of six, and images shifted and rotated."""

import os
from pathlib import Path

import blood_sugar
import numpy as np
from beside import Page

from spikesim import learn

page = Page(__doc__)
draw = 6
plain, more = blood_sugar.train(draw), blood_sugar.train(draw, n=300, epochs=300)

page.section("blood sugar, one patient (draw 6)")
page.row("original test loss, 6 samples", 0.01728, blood_sugar.test_loss(plain, draw), within=0.002)
page.row("test loss with 300 samples", 0.00934, blood_sugar.test_loss(more, draw), within=0.001)
page.row(
    "noise of the samples, 0.095^2: no model does better", 0.095**2, blood_sugar.test_loss(more, draw), within=0.001
)

shift, rotation = learn.shift(2), learn.rotation(15.0)
folder = Path(os.environ.get("SPIKESIM_MNIST", Path(__file__).parents[3] / "shared" / "data" / "mnist"))


def recognised(seed, transform, n=1000):
    """Train 784-128-10 on n images, seen through a new random transform every time; the share of 2000 others."""
    learn.manual_seed(seed)
    net = learn.Sequential(learn.Linear(784, 128), learn.ReLU(), learn.Linear(128, 10))
    loss, optimizer = learn.CrossEntropyLoss(), learn.Adam(net.parameters(), lr=1e-3)
    loader = learn.DataLoader(
        learn.mnist(folder).subset(slice(seed * n, (seed + 1) * n)), 32, seed=seed, transform=transform
    )
    learn.fit(net, loader, loss=loss, optimizer=optimizer, epochs=15 if page.quick else 40, progress=False)
    return learn.evaluate(net, learn.mnist(folder, train=False).subset(slice(2000)), loss)["accuracy"]


if any(folder.glob("train-images*")):
    page.section("1000 images of MNIST, 784-128-10: share of 2000 others recognised", "images")
    seeds = range(1 if page.quick else 4)
    shares = [np.mean([recognised(seed, transform) for seed in seeds]) for transform in (None, rotation, shift)]
    for name, share in zip(("as they are", "rotated by up to 15°", "shifted by up to 2 pixels"), shares):
        page.row(name, 1000, share, digits=".4g")
    page.claim("both raise it", min(shares[1:]) > shares[0])
else:
    print("\nno MNIST here: set SPIKESIM_MNIST to the folder of its four IDX files to see images shifted and rotated")

left, right = page.panels(1, 2, size=(4.2, 3.1))
line = np.linspace(0.0, 1.0, 300)[:, None]
left.plot(
    *(a[:, 0] for a in learn.blood_sugar(300, seed=draw).arrays()), ".", color="0.85", label="300 training samples"
)
left.plot(line, learn.predict(plain, line), label="from 6 samples")
left.plot(line, learn.predict(more, line), label="from 300 samples")
left.plot(*(a[:, 0] for a in learn.blood_sugar(6, seed=draw).arrays()), "ko", markersize=4, label="the 6")
left.set(xlabel="dose", ylabel="blood sugar")
x, rng = learn.digits(train=True).arrays()[0][[5]], np.random.default_rng(0)
tiles = np.zeros((3, 10, 5, 10))  # with a margin around each image
tiles[0, 1:9, 0, 1:9] = x.reshape(8, 8)
for row, transform in enumerate((learn.rotation(15.0), learn.shift(1)), start=1):
    tiles[row, 1:9, :, 1:9] = np.stack([transform(x, rng).reshape(8, 8) for _ in range(5)], axis=1)
right.imshow(tiles.reshape(30, 50), cmap="gray_r")
right.set(xticks=[], title="one digit, and what the network sees")
right.set_yticks([4.5, 14.5, 24.5], ["image", "rotated", "shifted"])
right.spines[:].set_visible(False)
page.done()
