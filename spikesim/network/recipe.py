"""How the sources of a target are found, as a value: what a rule of connection becomes once the sizes are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["ALL", "DISTINCT", "INDEPENDENT", "LISTED", "ONE", "SKIPS", "Recipe"]

#: Kinds of recipe: every source; the one of equal index; a stored list; each with probability p; `degree`
#: independent draws; `degree` distinct ones.
ALL, ONE, LISTED, SKIPS, INDEPENDENT, DISTINCT = range(6)


class Recipe(NamedTuple):
    """How the sources of a target are found.

    ======== ================= ===================================================================
    kind     int               one of ALL ... DISTINCT
    n_pre    int               number of possible sources, below 2^31
    a, b     uint64            stream of the draws
    log_q    float             log(1 - p) of SKIPS
    own      int64 (n_post,)   the source to leave out (the target itself), or -1
    degree   int64 (n_post,)   synapses a target, of INDEPENDENT and DISTINCT
    indptr   int64 (n_post+1,) where the list of a target starts, of LISTED and of listed values
    listed   int32 (n,)        the sources of LISTED
    ======== ================= ===================================================================
    """

    kind: int
    n_pre: int
    a: np.uint64
    b: np.uint64
    log_q: float
    own: np.ndarray
    degree: np.ndarray
    indptr: np.ndarray
    listed: np.ndarray
