"""PyTorch's ``torch.nn`` as ``learn.nn``: its names, and its meanings where they differ from the notes'.

    from spikesim import learn as torch
    net = torch.nn.Sequential(torch.nn.Linear(6, 10), torch.nn.ReLU(), torch.nn.Linear(10, 3))

MSELoss and BCELoss are means over all entries, recurrent layers take (T, N, n_in) unless told ``batch_first``.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ..keywords import all_named, named
from .autodiff import functions
from .autodiff.tape import Var, apply
from .layers import losses, recurrent
from .layers.activations import (
    Identity,
    LeakyReLU,
    Logistic,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from .layers.convolution import AvgPool2d, Conv1d, Conv2d, Flatten, MaxPool2d
from .layers.embedding import Embedding
from .layers.linear import Dropout, Linear
from .layers.losses import BCEWithLogitsLoss, CrossEntropyLoss, NLLLoss
from .layers.module import Module, ModuleList, Parameter, Sequential
from .layers.more_losses import HuberLoss, KLLoss, L1Loss
from .layers.normalise import BatchNorm1d, BatchNorm2d, LayerNorm
from .train.clipping import clip_gradients

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "HuberLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "Logistic",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "functional",
    "utils",
]

KLDivLoss = KLLoss


@named
class MSELoss(losses.MSELoss):
    """The mean of (y - t)^2 over all entries, PyTorch's: twice the notes' for one output.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.nn.MSELoss()(learn.tensor([1.0, 3.0]), learn.tensor([0.0, 0.0])).item()
    5.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__(reduction, half=False)


@named
class BCELoss(losses.BCELoss):
    """Bernoulli cross entropy, the mean over all entries: the notes' for one output.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Over the samples.

    Examples
    --------
    >>> from spikesim import learn
    >>> round(learn.nn.BCELoss()(learn.tensor([[0.5, 0.5]]), learn.tensor([[1.0, 0.0]])).item(), 4)
    0.6931
    """

    def each(self, y: Var, t: Any) -> Var:
        losses = super().each(y, t)
        return losses / float(max(y.size // max(losses.size, 1), 1)) if self.reduction == "mean" else losses


@all_named
class RNN(recurrent.RNN):
    """:class:`spikesim.learn.RNN` on series (T, N, n_in).

    Parameters
    ----------
    input_size, hidden_size : int
        Inputs of a moment, and units.
    batch_first : bool
        True: series are (N, T, n_in).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.nn.RNN(3, 5)(np.zeros((7, 2, 3)))[0].shape)
    (7, 2, 5)
    """

    def __init__(self, input_size: int, hidden_size: int, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)


@all_named
class GRU(recurrent.GRU):
    """:class:`spikesim.learn.GRU` on series (T, N, n_in).

    Parameters
    ----------
    input_size, hidden_size : int
        Inputs of a moment, and units.
    batch_first : bool
        True: series are (N, T, n_in).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.nn.GRU(3, 5)(np.zeros((7, 2, 3)))[0].shape)
    (7, 2, 5)
    """

    def __init__(self, input_size: int, hidden_size: int, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)


@all_named
class LSTM(recurrent.LSTM):
    """:class:`spikesim.learn.LSTM` on series (T, N, n_in).

    Parameters
    ----------
    input_size, hidden_size : int
        Inputs of a moment, and units.
    batch_first : bool
        True: series are (N, T, n_in).

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> tuple(learn.nn.LSTM(3, 5)(np.zeros((7, 2, 3)))[0].shape)
    (7, 2, 5)
    """

    def __init__(self, input_size: int, hidden_size: int, batch_first: bool = False) -> None:
        super().__init__(input_size, hidden_size, batch_first=batch_first)


functional = SimpleNamespace(
    relu=functions.relu,
    sigmoid=functions.logistic,
    tanh=functions.tanh,
    softplus=functions.softplus,
    softmax=functions.softmax,
    log_softmax=functions.log_softmax,
    one_hot=functions.one_hot,
    linear=lambda x, weight, bias=None: apply("linear", x, weight, *(() if bias is None else (bias,))),
    mse_loss=lambda y, t: MSELoss()(y, t),
    nll_loss=lambda y, t: NLLLoss()(y, t),
    cross_entropy=lambda y, t: CrossEntropyLoss()(y, t),
    binary_cross_entropy=lambda y, t: BCELoss()(y, t),
)


def _clip_grad_norm(parameters: Any, max_norm: float) -> float:
    return clip_gradients(parameters, norm=max_norm)


utils = SimpleNamespace(clip_grad_norm_=_clip_grad_norm)
