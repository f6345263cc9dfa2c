"""Between events everything is known: linear neurons replayed from their spikes, and the adjoint walked back.

One neuron, with one filter f_q of each projection q onto it (r_q = 1 / tau_q, g_q its gain):

    dv/dt = -A v + C + B sum_q g_q f_q,     df_q/dt = -r_q f_q;     v = theta: a spike, v = V_reset for t_ref

With  K(a, b; s) = (e^(-a s) - e^(-b s)) / (b - a)  both are sums of exponentials:

    v(s) = v e^(-A s) + C K(0, A; s) + B sum_q g_q f_q K(r_q, A; s),       f_q(s) = f_q e^(-r_q s)

    l_v  <- l_v e^(-A s) + c K(0, A; s)
    l_fq <- l_fq e^(-r_q s) + B g_q (l_v K(r_q, A; s) + c integral of K)                  (backward, free)

where l_x = dL/dx, and c = dL/d(integral of v).  At events, walking back (Wunderlich and Pehle 2021, extended by delays
and refractoriness; G_k collects dL/dt_k):

    arrival of spike k by a synapse (w, d) of q:   dL/dw += l_fq;   e = w (r_q l_fq - B g_q l_v);   G_k += e, dL/dd += e
    end of refractoriness after spike k:           e = -l_v v';  G_k += e, dL/dt_ref += e, dL/dV_reset += l_v;  l_v = 0
    spike k:                                       G_k += c (theta - V_reset);  l_v = -G_k / v', dL/dtheta += G_k / v'
    sample of v:                                   l_v += dL/dv

| array             | meaning |
| ----------------- | --- |
| when, kind, cell, ref | (E): time, what, of which neuron, of which synapse (arrival), spike (spike, end) or sample |
| origin            | (E): the spike that arrives |
| neuron            | (n, 8): A, C, B, theta, V_reset, t_ref, v at 0, c |
| port              | (Q, 2): r, g of each projection |
| v, f, free        | (E), (E, Q), (E): the state right after an event |
"""

from __future__ import annotations

import math

import numpy as np

from ...jit import compiled, inlined

__all__ = ["ARRIVAL", "END", "SAMPLE", "SPIKE", "replay", "retrace"]

SPIKE, END, ARRIVAL, SAMPLE = 0, 1, 2, 3
A, C, B, THETA, RESET, T_REF, V_0, WEIGHT = range(8)

#: Nodes of Gauss and Legendre on (0, 1) for the integrals by A, B, C, g and r: exact to rounding on pieces as short as
#: the shortest time constant.
NODES, WEIGHTS = (0.5 * (np.polynomial.legendre.leggauss(10)[0] + 1.0), 0.5 * np.polynomial.legendre.leggauss(10)[1])


@inlined
def kernel(a, b, s):
    """(e^(-a s) - e^(-b s)) / (b - a), right where a = b."""
    x = (b - a) * s
    if abs(x) < 1e-7:
        return s * math.exp(-b * s) * (1.0 + 0.5 * x)
    return math.exp(-b * s) * math.expm1(x) / (b - a)


@inlined
def kernel_sum(a, b, s):
    """Integral of K(a, b; .) from 0 to s."""
    x = max(a, b) * s
    if x < 1e-3:
        return s * s * (0.5 - (a + b) * s / 6.0 + (a * a + a * b + b * b) * s * s / 24.0)
    if b > 0.0:
        return (kernel(0.0, a, s) - kernel(a, b, s)) / b if a > 0.0 else (s - kernel(0.0, b, s)) / b
    return (s - kernel(0.0, a, s)) / a


@inlined
def potential(v, f, p, port, s):
    """v after s, free."""
    y = v * math.exp(-p[A] * s) + p[C] * kernel(0.0, p[A], s)
    for q in range(f.size):
        if f[q] != 0.0:
            y += p[B] * port[q, 1] * f[q] * kernel(port[q, 0], p[A], s)
    return y


@inlined
def slope(v, f, p, port):
    """dv/dt, free."""
    y = -p[A] * v + p[C]
    for q in range(f.size):
        y += p[B] * port[q, 1] * f[q]
    return y


@compiled
def replay(when, kind, cell, ref, weight, through, neuron, port, v, f, free, sampled):
    """Write the state after each event, and the potentials sampled; return how far v is from theta at spikes at most.

    `weight` and `through` (the projection) are those of synapses.
    """
    n, Q = neuron.shape[0], port.shape[0]
    at = np.zeros(n)
    x, y, on = neuron[:, V_0].copy(), np.zeros((n, Q)), np.ones(n, np.uint8)
    worst = 0.0
    for e in range(when.size):
        i = cell[e]
        s = when[e] - at[i]
        p = neuron[i]
        if on[i]:
            x[i] = potential(x[i], y[i], p, port, s)
        for q in range(Q):
            y[i, q] *= math.exp(-port[q, 0] * s)
        at[i] = when[e]
        if kind[e] == SPIKE:
            worst = max(worst, abs(x[i] - p[THETA]) / max(1e-300, abs(p[THETA] - p[RESET])))
            x[i], on[i] = p[RESET], 0
        elif kind[e] == END:
            on[i] = 1
        elif kind[e] == ARRIVAL:
            y[i, through[ref[e]]] += weight[ref[e]]
        else:
            sampled[ref[e]] = x[i]
        v[e], free[e] = x[i], on[i]
        f[e] = y[i]
    return worst


@inlined
def bring(i, s, x, y, on, p, port, lv, lf, wanted, gp, gq):
    """Take the adjoint of neuron i back by s, over a stretch that begins in the state (x, y, on)."""
    Q = port.shape[0]
    c = p[WEIGHT]
    if s <= 0.0:
        return
    if wanted:
        fastest = p[A]
        for q in range(Q):
            fastest = max(fastest, port[q, 0])
        pieces = math.ceil(s * fastest) if fastest > 0.0 else 1
        pieces = max(1, pieces)
        h = s / pieces
        for m in range(pieces):
            for z in range(NODES.size):
                u = (m + NODES[z]) * h  # from the beginning
                left = s - u
                weight = WEIGHTS[z] * h
                l = lv[i] * math.exp(-p[A] * left) + c * kernel(0.0, p[A], left) if on else 0.0
                total = 0.0
                for q in range(Q):
                    r, g = port[q, 0], port[q, 1]
                    now = y[q] * math.exp(-r * u)
                    total += g * now
                    l_f = lf[i, q] * math.exp(-r * left)
                    if on:
                        l_f += p[B] * g * (lv[i] * kernel(r, p[A], left) + c * kernel_sum(r, p[A], left))
                        gq[q, 1] += weight * l * p[B] * now
                    gq[q, 0] -= weight * l_f * now
                if on:
                    gp[i, A] -= weight * l * potential(x, y, p, port, u)
                    gp[i, C] += weight * l
                    gp[i, B] += weight * l * total
    elif on:
        gp[i, C] += lv[i] * kernel(0.0, p[A], s) + c * kernel_sum(0.0, p[A], s)
    for q in range(Q):
        r, g = port[q, 0], port[q, 1]
        lf[i, q] *= math.exp(-r * s)
        if on:
            lf[i, q] += p[B] * g * (lv[i] * kernel(r, p[A], s) + c * kernel_sum(r, p[A], s))
    if on:
        lv[i] = lv[i] * math.exp(-p[A] * s) + c * kernel(0.0, p[A], s)
    else:
        gp[i, RESET] += c * s


@compiled
def retrace(
    when, kind, cell, ref, origin, weight, through, neuron, port, v, f, free, end, wanted, limit, gs, gt, gw, gd,
    gp, gq,
):  # fmt: skip
    """Walk back from `end`; return how many spikes were clipped.

    ======  =======  =========================================================================
    name    shape    meaning
    ======  =======  =========================================================================
    limit   float    1 / v' counts at most this much (a grazing spike: v' -> 0)
    gs      (S)      dL/d(sampled v)
    gt      (K)      dL/dt_k of every spike: given what the loss says of it, completed here
    gw, gd  (M)      dL/dw, dL/dd of every synapse (added to)
    gp      (n, 8)   by the columns of `neuron` (added to)
    gq      (Q, 2)   by those of `port` (added to)
    ======  =======  =========================================================================
    """
    n, Q = neuron.shape[0], port.shape[0]
    at = np.full(n, end)
    lv, lf = np.zeros(n), np.zeros((n, Q))
    clipped = 0
    for e in range(when.size - 1, -1, -1):
        i = cell[e]
        p = neuron[i]
        on = free[e] != 0
        bring(i, at[i] - when[e], v[e], f[e], on, p, port, lv, lf, wanted, gp, gq)
        at[i] = when[e]
        if kind[e] == ARRIVAL:
            j, k = ref[e], origin[e]
            q = through[j]
            gw[j] += lf[i, q]
            moved = port[q, 0] * lf[i, q]
            if on:
                moved -= p[B] * port[q, 1] * lv[i]
            moved *= weight[j]
            gd[j] += moved
            gt[k] += moved
        elif kind[e] == END:
            moved = -lv[i] * slope(p[RESET], f[e], p, port)
            gt[ref[e]] += moved
            gp[i, T_REF] += moved
            gp[i, RESET] += lv[i]
            lv[i] = 0.0
        elif kind[e] == SPIKE:
            gt[ref[e]] += p[WEIGHT] * (p[THETA] - p[RESET])
            rate = slope(p[THETA], f[e], p, port)
            per = 1.0 / rate if rate > 0.0 else np.inf
            if per > limit:
                per = limit
                clipped += 1
            lv[i] = -gt[ref[e]] * per
            gp[i, THETA] += gt[ref[e]] * per
        else:
            if on:
                lv[i] += gs[ref[e]]
            else:
                gp[i, RESET] += gs[ref[e]]
    nothing = np.zeros(Q)
    for i in range(n):
        bring(i, at[i], neuron[i, V_0], nothing, True, neuron[i], port, lv, lf, wanted, gp, gq)
        gp[i, V_0] += lv[i]
    return clipped
