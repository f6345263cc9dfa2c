"""A vehicle that steers by spikes towards a light (Braitenberg 1984, vehicle 2b), as a world with reset() and step().

Two sensors drive a population each; each population drives the motor of the other side.  Every 20 ms the world gives
currents and takes spikes: a closed loop.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import spikesim as ss

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--out", type=Path, default=Path("."), help="folder of the picture")
parser.add_argument("--quick", action="store_true", help="fewer trials")
options = parser.parse_args()
options.out.mkdir(parents=True, exist_ok=True)


class Vehicle:
    """Position (m), heading (rad), and two sensors 0.1 m apart; reset() and step(action) as in Gymnasium."""

    LIGHT, WIDTH, STEP = np.array([0.0, 0.0]), 0.1, 0.02  # m, m, s

    def reset(self, angle):
        self.at, self.heading = 2.0 * np.array([np.cos(angle), np.sin(angle)]), angle + 2.2
        return self.sensors()

    def sensors(self):
        """How bright it is on the left and on the right: 1 / (1 + r^2), from ahead only."""
        seen = []
        for side in (1.0, -1.0):
            look = self.heading + side * 0.7
            to = self.LIGHT - self.at
            facing = max(np.cos(look - np.arctan2(to[1], to[0])), 0.0)
            seen.append(facing / (1.0 + to @ to))
        return np.array(seen)

    def step(self, action):
        """Turn and go on by the speeds (m/s) of the left and the right wheel."""
        left, right = action
        self.heading += (right - left) / self.WIDTH * self.STEP
        self.at = self.at + 0.5 * (left + right) * self.STEP * np.array([np.cos(self.heading), np.sin(self.heading)])
        distance = float(np.hypot(*(self.at - self.LIGHT)))
        return self.sensors(), -distance, distance < 0.2


net = ss.Network(seed=1)
sides = net.population("sides", 40, ss.LIF(I_e=280.0), v=ss.uniform(-70.0, -56.0))  # 20 on the left, 20 on the right
motors = net.population("motors", 40, ss.LIF(I_e=350.0), v=ss.uniform(-70.0, -56.0))
crossed = np.kron(np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones((20, 20)))  # row = target
net.connect(sides, motors, ss.from_matrix(25.0 * crossed), delay=1.0, synapse=ss.Exponential(10.0))
whole, vehicle, paths = ss.Simulation(net), Vehicle(), []
for angle, sim in zip(0.3 + np.linspace(0.0, 2.0 * np.pi, 3 if options.quick else 8, endpoint=False), whole.branch(8)):
    seen, arrived, path = vehicle.reset(angle), False, []
    while not arrived and len(path) < 1_000:
        fired = sim.step(20.0, current={"sides": np.repeat(900.0 * seen, 20)})["motors"]
        speeds = 0.01 * np.array([np.sum(fired < 20), np.sum(fired >= 20)])
        seen, _, arrived = vehicle.step(speeds)
        path.append(vehicle.at)
    paths.append((np.array(path), arrived))
print(f"{sum(arrived for _, arrived in paths)} of {len(paths)} vehicles reach the light")
assert all(arrived for _, arrived in paths)

plt.style.use(ss.plot.LIGHT)
figure, axes = plt.subplots(figsize=(4.6, 4.6), layout="constrained")
for path, _ in paths:
    axes.plot(*path.T, linewidth=1.2)
    axes.plot(*path[0], "k.", markersize=4)
axes.plot(0.0, 0.0, "*", color="goldenrod", markersize=14)
axes.set(xlabel="x (m)", ylabel="y (m)", aspect="equal", xlim=(-2.2, 2.2), ylim=(-2.2, 2.2))
axes.set_title("Vehicles that steer to the light by spikes", loc="left")
figure.savefig(options.out / "vehicle.png", dpi=150)
