"""What one engine tells the other ranks from its compiled loop: the record it goes by, room for it, what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..jit import Callback
from ..jit.records import span
from .collective import EXCHANGE, NOTHING, PARTED
from .ranks import WIDTH, Ranks, code_of

__all__ = ["Exchange"]


class Exchange:
    """The exchange of one engine.

    Parameters
    ----------
    ranks : Ranks
    what : str
        What all of them do.
    counts : sequence of int
        Workers of each rank.
    words : int
        Of a worker, in the message of fixed size.
    arrays : dict of str to int64 array
        The others of an EXCHANGE.

    Attributes
    ----------
    record : EXCHANGE (1)
    """

    def __init__(
        self, ranks: Ranks, what: str, counts: Sequence[int], words: int, arrays: Mapping[str, np.ndarray]
    ) -> None:
        self.ranks, self.what = ranks, what
        ranks.collective.widen(max(WIDTH, max(counts) * words))
        self._arrays = {"workers": np.array(counts, np.int64), "words": np.zeros(ranks.size, np.int64), **arrays}
        self._grow = Callback(self._grown, 2)
        self.record = np.zeros(1, EXCHANGE)
        row = self.record[0]
        row["collective"], row["what"] = ranks.collective.record.ctypes.data, code_of(what)
        row["first"], row["here"] = sum(counts[: ranks.rank]), counts[ranks.rank]
        row["grow"], row["posted"] = self._grow.address, NOTHING
        for name, array in self._arrays.items():
            row[name] = span(array)

    def _grown(self, sent: int, heard: int) -> int:
        try:
            self.grow(sent, heard)
        except BaseException as error:  # nothing passes through a compiled loop
            self.ranks.collective.error = error
            return PARTED
        return 0

    def grow(self, sent: int, heard: int) -> None:
        """Make room for so many words to send, and to hear."""
        raise NotImplementedError

    def require(self) -> None:
        """Raise what went wrong, if anything did."""
        code = int(self.record[0]["failed"])
        if code == PARTED and self.ranks.collective.error is None:
            self.ranks.judge(self.what)
        if code != 0:
            raise self.ranks.collective.failure(code)
