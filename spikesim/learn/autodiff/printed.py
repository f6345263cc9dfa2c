"""Numbers, nodes and an error as PyTorch prints them."""

from __future__ import annotations

import numpy as np

from ...errors import StateError

__all__ = ["AsPrinted", "entries", "node_name"]


class AsPrinted(StateError):
    """Said in the very words that the notes print."""

    def __str__(self) -> str:
        return str(self.args[0])


#: PyTorch's names of the nodes where they are not the operation's own.
_NODES = {
    "multiply": "Mul",
    "subtract": "Sub",
    "divide": "Div",
    "power": "Pow",
    "negative": "Neg",
    "absolute": "Abs",
    "matmul": "Mm",
    "linear": "Addmm",
    "logistic": "Sigmoid",
    "nll": "NllLoss",
    "getitem": "Slice",
    "concatenate": "Cat",
    "log_softmax": "LogSoftmax",
    "reshape": "View",
    "transpose": "T",
}


def node_name(operation: str) -> str:
    """Return the name of the node that backward goes through, such as ``MulBackward``."""
    return f"{_NODES.get(operation, operation.title().replace('_', ''))}Backward"


def entries(array: np.ndarray) -> str:
    """The entries as PyTorch prints them: four digits, whole numbers with a point, columns of one width."""
    if array.dtype.kind != "f":
        return np.array2string(array, separator=", ", prefix="tensor(")
    finite = array[np.isfinite(array)]
    if finite.size and np.all(finite == np.round(finite)) and np.max(np.abs(finite)) < 1e6:
        return np.array2string(array, separator=", ", prefix="tensor(", floatmode="maxprec_equal", precision=4)
    large = finite.size and (np.max(np.abs(finite)) >= 1e6 or 0 < np.min(np.abs(finite[finite != 0])) < 1e-4)
    if large:
        return np.array2string(array, separator=", ", prefix="tensor(", formatter={"float_kind": lambda v: f"{v:.4e}"})
    return np.array2string(array, separator=", ", prefix="tensor(", floatmode="fixed", precision=4)
