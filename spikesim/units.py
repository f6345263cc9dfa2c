"""Constants of the one consistent system of units: ms, mV, pA, pF, nS, Hz.

pA = pF mV / ms = nS mV, so equations need no factors.  ``20 * ms`` reads well and is the float 20.0.
"""

from __future__ import annotations

ms = 1.0
second = 1000.0 * ms
us = 1e-3 * ms
mV = 1.0
volt = 1000.0 * mV
uV = 1e-3 * mV
pA = 1.0
nA = 1000.0 * pA
uA = 1e6 * pA
pF = 1.0
nF = 1000.0 * pF
nS = 1.0
uS = 1000.0 * nS
pS = 1e-3 * nS
Mohm = 1e-3  # mV/pA: 1 MOhm = 1e6 V/A = 1e-3 mV/pA
Gohm = 1.0
Hz = 1.0
kHz = 1000.0 * Hz
