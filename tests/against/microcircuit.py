"""The cortical microcircuit (Potjans and Diesmann 2014, Cerebral Cortex 24:785, tables 4 and 5) at a scale.

Fewer synapses of greater weight: in-degrees times `SCALE`, weights over sqrt(SCALE), and a direct current for
the part of the mean input that this loses (van Albada et al. 2015, PLoS Comput Biol 11:e1004490), at the
rates of the full network.
"""

from __future__ import annotations

import numpy as np

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
EXTERNAL = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz, full scale
# connection probabilities, row = target
PROBABILITIES = np.array(
    [
        [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
        [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
        [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
        [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
        [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
        [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
        [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
        [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
    ]
)
SCALE, WEIGHT, G, BACKGROUND, TAU_SYN = 0.1, 87.8, -4.0, 8.0, 0.5  # -, pA, -, Hz, ms
CELL = {"C_m": 250.0, "tau_m": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0}


def full_weights() -> np.ndarray:
    """Mean weights (pA) at full scale, row = target: inhibition -4 times, L4E to L23E twice the standard."""
    weights = np.tile([WEIGHT, G * WEIGHT], (8, 4))
    weights[0, 2] *= 2.0
    return weights


def synapse_numbers() -> np.ndarray:
    """Total synapses of each projection at full scale: the K at which the pair probability is the table's."""
    pairs = np.outer(SIZES, SIZES).astype(float)
    return np.log(1.0 - PROBABILITIES) / np.log((pairs - 1.0) / pairs)


def lost_current() -> np.ndarray:
    """The mean input (pA) a population loses by the scaling: 1 - sqrt(SCALE) of the full network's."""
    full = full_weights() * synapse_numbers() / SIZES[:, None] @ RATES + WEIGHT * EXTERNAL * BACKGROUND
    return (1.0 - np.sqrt(SCALE)) * 1e-3 * TAU_SYN * full


def scaled_sizes() -> np.ndarray:
    """Cells of each population."""
    return np.rint(SIZES * SCALE).astype(int)


def scaled_numbers() -> np.ndarray:
    """Synapses of each projection, row = target."""
    return np.rint(synapse_numbers() * SCALE * SCALE).astype(int)
