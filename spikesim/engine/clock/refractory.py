"""What a refractory neuron does: clamped states stay, jumps are dropped or kept, what is not clamped goes on."""

from __future__ import annotations

from ...jit import part_of

__all__ = ["choose", "flush", "flushed", "jumps", "keep", "kick", "move", "take"]

TINY = 1e-250  # below: zero, or what decays would end in slow denormal numbers


@part_of
def flushed(y):
    """y, or 0 below 1e-250."""
    return y if abs(y) > TINY else 0.0


@part_of
def flush(row, n):
    """Let a row of what runs down end in 0."""
    for k in range(n):
        row[k] = flushed(row[k])


@part_of
def take(row, new, refractory, n):
    """row = new where the neuron is not refractory."""
    for k in range(n):
        a, b = new[k], row[k]  # both read before the choice, or it would stay a branch
        row[k] = a if refractory[k] == 0 else b


@part_of
def choose(row, new, held, refractory, n):
    """row = new, or `held` where the neuron is refractory: a state that goes on while v is clamped."""
    for k in range(n):
        a, b = new[k], held[k]
        row[k] = a if refractory[k] == 0 else b


@part_of
def move(row, delta, n):
    """Let jumps arrive in a state that nothing holds: row += delta."""
    for k in range(n):
        row[k] += delta[k]
        delta[k] = 0.0


@part_of
def kick(row, delta, refractory, n):
    """Let jumps arrive: row += delta unless refractory; then they are dropped."""
    for k in range(n):
        d = delta[k]
        row[k] += d if refractory[k] == 0 else 0.0
        delta[k] = 0.0


@part_of
def keep(row, delta, refractory, last, factor, own, k0, n):
    """Let jumps arrive: row += delta unless refractory; then they are kept, and decay by `factor` a step.

    `last`: how many steps before the end of refractoriness they come.  `factor`: a number in entry 0, or one a neuron
    (`own`).
    """
    if own:
        f = factor[k0 : k0 + n]
        for k in range(n):
            free = refractory[k] <= last
            d, left = delta[k], f[k] * delta[k]
            row[k] += d if free else 0.0
            delta[k] = 0.0 if free else left
    else:
        f0 = factor[0]
        for k in range(n):
            free = refractory[k] <= last
            d = delta[k]
            row[k] += d if free else 0.0
            delta[k] = 0.0 if free else f0 * d


@part_of
def jumps(x, coef, part, row, k0, n, refractory, last):
    """Let the jumps of both kinds of Delta arrive in a state row; `last`: see `keep`."""
    at, kept = part.delta, part.keep
    if part.v_held == 0:
        if at >= 0:
            move(row, x[at + k0 : at + k0 + n], n)
        if kept >= 0:
            move(row, x[kept + k0 : kept + k0 + n], n)
        return
    if at >= 0:
        kick(row, x[at + k0 : at + k0 + n], refractory, n)
    if kept >= 0:
        factor, own = coef[part.keep_factor :], part.own_keep != 0
        keep(row, x[kept + k0 : kept + k0 + n], refractory, last, factor, own, k0, n)
