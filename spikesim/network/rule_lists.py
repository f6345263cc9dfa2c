"""Rules that list every synapse: pairs, or the entries of a matrix W of z = W x + b (row = target)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidTypeError, InvalidValueError
from ..keywords import named
from ..random import Key
from ..scalars import number_array
from .rule import LIMIT, Pairs, Rule, flag

__all__ = ["FromMatrix", "FromPairs", "from_matrix", "from_pairs"]


@dataclass(frozen=True, repr=False, eq=False)
class FromPairs(Rule):
    """See :func:`from_pairs`."""

    pre: np.ndarray
    post: np.ndarray

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        for side, index, size in (("pre", self.pre, n_pre), ("post", self.post, n_post)):
            bad = np.flatnonzero(index >= size)
            if bad.size:
                raise InvalidValueError(
                    f"{where}: from_pairs: {side}_ids are indices within the selection, "
                    f"0 ... {size - 1}; got {index[bad[0]]} at pair {bad[0]} ({bad.size} out of range)"
                )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((self.pre.size,),)

    def plan(self, n_pre: int, n_post: int, own: np.ndarray, stream: Key) -> Pairs:
        return Pairs(self.pre, self.post)

    def __repr__(self) -> str:
        return f"from_pairs({self.pre.size} pairs)"


@dataclass(frozen=True, repr=False, eq=False)
class FromMatrix(FromPairs):
    """See :func:`from_matrix`; the pairs stand by row, then by column."""

    values: np.ndarray
    shape: tuple[int, int]

    @property
    def weights(self) -> np.ndarray:
        return self.values

    def check(self, where: str, n_pre: int, n_post: int, shared: int = 0) -> None:
        if self.shape != (n_post, n_pre):
            turned = "; it looks transposed: a row is a target" if self.shape == (n_pre, n_post) else ""
            raise InvalidValueError(
                f"{where}: from_matrix: wanted shape (n_post, n_pre) = {(n_post, n_pre)}, got {self.shape}{turned}"
            )

    def shapes(self, n_pre: int, n_post: int) -> tuple[tuple[int, ...], ...]:
        return ((self.pre.size,), self.shape)

    def __repr__(self) -> str:
        return f"from_matrix({self.shape[0]} x {self.shape[1]}, {self.pre.size} entries)"


@named
def from_pairs(pre_ids: Any, post_ids: Any, allow_multapses: bool = True) -> FromPairs:
    """Return the rule that lists the synapses.

    Parameters
    ----------
    pre_ids, post_ids : array of int, shape (n_synapses,)
        Indices within the two selections. Listed weights and delays come in the same order.
    allow_multapses : bool
        Whether a pair may stand several times.

    Returns
    -------
    Rule
        For :meth:`Network.connect`.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If the ids are no integers, differ in number, are negative or (when sizes are known) out of range, or
        repeat a pair that may not be repeated.

    Examples
    --------
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> cells = net.population("cells", 3, ss.LIF())
    >>> ring = net.connect(cells, cells, ss.from_pairs([0, 1, 2], [1, 2, 0]), weight=0.5, delay=1.0, synapse=ss.Delta())
    >>> ss.Simulation(net).synapses(ring.name).post.tolist()
    [1, 2, 0]
    """
    pre, post = _indices("pre_ids", pre_ids), _indices("post_ids", post_ids)
    if pre.size != post.size:
        raise InvalidValueError(f"from_pairs: wanted as many pre_ids as post_ids, got {pre.size} and {post.size}")
    if not flag("from_pairs: allow_multapses", allow_multapses):
        code = post.astype(np.int64) << 32 | pre
        order = np.argsort(code, kind="stable")
        again = order[1:][np.diff(code[order]) == 0]
        if again.size:
            i = int(again.min())
            raise InvalidValueError(
                f"from_pairs: allow_multapses=False, but pair {i}, ({pre[i]}, {post[i]}), repeats an earlier "
                f"one ({again.size} repeated)"
            )
    return FromPairs(pre, post)


@named
def from_matrix(W: Any, keep_zeros: bool = False) -> FromMatrix:
    """Return the rule that makes a synapse of every non-zero entry of a weight matrix.

    Parameters
    ----------
    W : array or scipy.sparse, shape (n_post, n_pre)
        W[i, j] is the weight from source j to target i. Several entries of a sparse matrix at one place are
        summed, as everywhere in SciPy. Listed delays come by row, then by column, or as such a matrix.
    keep_zeros : bool
        Whether zeros stored in a sparse matrix are synapses of weight 0, or none at all (the default).

    Returns
    -------
    Rule
        For :meth:`Network.connect`, without ``weight=``.

    Raises
    ------
    InvalidTypeError, InvalidValueError
        If W is no matrix of real numbers, or has an entry that is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> import spikesim as ss
    >>> net = ss.Network(seed=1)
    >>> a, b = net.population("a", 2, ss.LIF()), net.population("b", 3, ss.LIF())
    >>> W = np.array([[0.5, 0.0], [0.0, 0.25], [1.0, 1.0]])
    >>> synapses = net.connect(a, b, ss.from_matrix(W), delay=1.0, synapse=ss.Delta())
    >>> ss.Simulation(net).synapses(synapses.name).weight.tolist()
    [0.5, 1.0, 0.25, 1.0]
    """
    import scipy.sparse  # slow to import, and most networks have no matrix

    sparse = scipy.sparse.issparse(W)
    given = W if sparse else number_array("from_matrix: W", W, "a matrix of real numbers")
    if given.dtype.kind not in "iuf":
        raise InvalidTypeError(f"from_matrix: W: wanted real numbers, got {type(W).__name__} of {given.dtype}")
    if given.ndim != 2:
        raise InvalidValueError(f"from_matrix: W: wanted shape (n_post, n_pre), got shape {given.shape}")
    if sparse:
        _check_structure(given)
        csr = scipy.sparse.csr_array(given, dtype=np.float64, copy=True)
        csr.sum_duplicates()
        csr.sort_indices()
        if not flag("from_matrix: keep_zeros", keep_zeros):
            csr.eliminate_zeros()
        pre, values = csr.indices, np.array(csr.data)  # its own: SciPy's may be a view
        post = np.repeat(np.arange(csr.shape[0]), np.diff(csr.indptr))
    else:
        post, pre = np.nonzero(given)
        values = given[post, pre].astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        i = bad[0]
        raise InvalidValueError(
            f"from_matrix: W: wanted finite weights, got {values[i]} at [{post[i]}, {pre[i]}] ({bad.size} such values)"
        )
    n_post, n_pre = given.shape
    return FromMatrix(_frozen(pre.astype(np.int32)), _frozen(post.astype(np.int32)), _frozen(values), (n_post, n_pre))


def _check_structure(W: Any) -> None:
    """Refuse a sparse matrix whose own index arrays lead outside it: compiled code would follow them."""
    if W.format in ("csr", "csc"):
        side, size = ("column", W.shape[1]) if W.format == "csr" else ("row", W.shape[0])
        pairs = [(side, W.indices, size)]
    else:
        pairs = [("row", W.row, W.shape[0]), ("column", W.col, W.shape[1])] if W.format == "coo" else []
    for side, index, size in pairs:
        bad = np.flatnonzero((index < 0) | (index >= size))
        if bad.size:
            raise InvalidValueError(
                f"from_matrix: W: entry {bad[0]} stands in {side} {index[bad[0]]}, but there are {size} "
                f"({bad.size} such entries); the {W.format} matrix is damaged"
            )
    try:
        getattr(W, "check_format", lambda full_check: None)(full_check=True)
    except ValueError as error:
        raise InvalidValueError(f"from_matrix: W: the {W.format} matrix is damaged: {error}") from None


def _indices(name: str, given: Any) -> np.ndarray:
    ids = number_array(f"from_pairs: {name}", given, "integers")
    if ids.size == 0:
        ids = ids.astype(np.int64)
    if ids.ndim != 1:
        raise InvalidValueError(f"from_pairs: {name}: wanted a list of indices, got shape {ids.shape}")
    if ids.dtype.kind not in "iu":
        raise InvalidTypeError(f"from_pairs: {name}: wanted integers, got an array of {ids.dtype}")
    bad = np.flatnonzero((ids < 0) | (ids > LIMIT))
    if bad.size:
        raise InvalidValueError(
            f"from_pairs: {name} must lie in 0 ... {LIMIT}, got {ids[bad[0]]} at pair {bad[0]} "
            f"({bad.size} out of range)"
        )
    return _frozen(ids.astype(np.int32))


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
