"""Learning: automatic differentiation, networks, losses, optimisers, data (chapters 1.5, 1.7 and 2 to 6 of
the notes).

Rate networks here are trained by the tape; their units may be LIF neurons (:class:`LIFRate`), and then
:func:`to_network` makes spiking networks of them.
"""

import sys
from types import ModuleType

from ..keywords import named
from . import nn, optim, plots
from .approximation import H, P, construct_boxes, construct_uat, fewest_pieces, piece, pieces_needed, step, sup_error
from .autodiff.backprop import Gradients, as_rows, backprop, forward
from .autodiff.creation import arange, empty, eye, full, linspace, ones, ones_like, zeros, zeros_like
from .autodiff.derivatives import grad, hessian, jacobian
from .autodiff.draws import rand, rand_like, randint, randn, randn_like
from .autodiff.functions import (
    absolute,
    add,
    arccos,
    arcsin,
    arctan,
    arctan2,
    clip,
    concatenate,
    cos,
    cosh,
    divide,
    erf,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logistic,
    matmul,
    maximum,
    mean,
    minimum,
    multiply,
    negative,
    one_hot,
    power,
    prod,
    reciprocal,
    relu,
    sign,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    square,
    stack,
    subtract,
    sum,
    tan,
    tanh,
    where,
)
from .autodiff.gradcheck import finite_difference, gradcheck
from .autodiff.graph import Graph, draw_graph, graph, trace
from .autodiff.op import Op
from .autodiff.operation import operation
from .autodiff.tape import Var, apply, no_grad
from .autodiff.tensor import Size, Tensor, tensor
from .autodiff.torch_functions import argmax, as_tensor, cat, from_numpy, is_tensor, sigmoid
from .convert.decoders import decoders, nef
from .convert.integrate_and_fire import IntegrateAndFire
from .convert.network import to_network
from .convert.spiking import SpikingRun, run_spiking
from .convert.staircase import spiking_uat
from .data import batches
from .data.dataset import DataLoader, Dataset, split
from .data.events import EventRecordings, nmnist, read_aer, shd
from .data.images import CIFAR10_CLASSES, cifar10, digits, mnist, noise, read_idx, rotation, shift
from .data.tasks import DiscreteMapping, blood_sugar, spirals, xor, yin_yang
from .diagrams import draw_network
from .layers.activations import (
    Arctan,
    Erf,
    Identity,
    LeakyReLU,
    LIFRate,
    Logistic,
    LogSoftmax,
    OneHot,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    Threshold,
)
from .layers.convolution import AvgPool2d, Conv1d, Conv2d, Flatten, MaxPool2d
from .layers.embedding import Embedding, delay_embedding
from .layers.function import Lambda, network
from .layers.initialise import manual_seed
from .layers.linear import Dropout, Linear, augmented
from .layers.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CategoricalCrossEntropyLoss,
    CrossEntropyLoss,
    Loss,
    MSELoss,
    NLLLoss,
)
from .layers.module import Module, ModuleList, Parameter, Sequential
from .layers.more_losses import HingeLoss, HuberLoss, KLLoss, L1Loss
from .layers.normalise import BatchNorm1d, BatchNorm2d, LayerNorm
from .layers.recurrent import GRU, LSTM, RNN
from .spikes.checkpointed import Checkpointed
from .spikes.encoders import DeltaCode, Latency, PoissonCode, Population, Regular
from .spikes.estimators import SpikingClassifier, SpikingRegressor
from .spikes.event_batch import EventBatch, TimeCode
from .spikes.event_layers import ExactReadout, ExactSpiking
from .spikes.exact import ExactGradients, gradients
from .spikes.losses import FirstSpikeLoss, RatePenalty
from .spikes.network import NetworkRun, from_network, run_network
from .spikes.readout import Readout
from .spikes.recording import Recording
from .spikes.spike_batch import SpikeBatch
from .spikes.spiking import Spiking
from .train import schedules
from .train.algorithms import gradient_descent, neural_learning
from .train.classes import confusion_matrix
from .train.clipping import clip_gradients
from .train.diagnostics import layer_gradient_norms, parameter_norm, sparsity
from .train.estimators import RateClassifier, RateRegressor
from .train.fit import accuracy, evaluate, fit, predict
from .train.history import History
from .train.optim import SGD, AdaGrad, Adam, AdamW, Euler, Optimizer, RMSProp
from .train.schedules import EarlyStopping, cosine, exponential, one_cycle, plateau, step_decay, warmup
from .train.step import TrainingStep
from .train.store import load, load_checkpoint, save, save_checkpoint

__all__ = [
    "CIFAR10_CLASSES",
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Arctan",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CategoricalCrossEntropyLoss",
    "Checkpointed",
    "Conv1d",
    "Conv2d",
    "CrossEntropyLoss",
    "DataLoader",
    "Dataset",
    "DeltaCode",
    "DiscreteMapping",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "Erf",
    "Euler",
    "EventBatch",
    "EventRecordings",
    "ExactGradients",
    "ExactReadout",
    "ExactSpiking",
    "FirstSpikeLoss",
    "Flatten",
    "Gradients",
    "Graph",
    "H",
    "HingeLoss",
    "History",
    "HuberLoss",
    "Identity",
    "IntegrateAndFire",
    "KLLoss",
    "L1Loss",
    "LIFRate",
    "Lambda",
    "Latency",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "Logistic",
    "Loss",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "NLLLoss",
    "NetworkRun",
    "OneHot",
    "Op",
    "Optimizer",
    "P",
    "Parameter",
    "PoissonCode",
    "Population",
    "RMSProp",
    "RateClassifier",
    "RatePenalty",
    "RateRegressor",
    "ReLU",
    "Readout",
    "Recording",
    "Regular",
    "Sequential",
    "Sigmoid",
    "Size",
    "Softmax",
    "Softplus",
    "SpikeBatch",
    "Spiking",
    "SpikingClassifier",
    "SpikingRegressor",
    "SpikingRun",
    "Tanh",
    "Tensor",
    "Threshold",
    "TimeCode",
    "TrainingStep",
    "Var",
    "absolute",
    "accuracy",
    "add",
    "apply",
    "arange",
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "argmax",
    "as_rows",
    "as_tensor",
    "augmented",
    "backprop",
    "blood_sugar",
    "cat",
    "cifar10",
    "clip",
    "clip_gradients",
    "concatenate",
    "confusion_matrix",
    "construct_boxes",
    "construct_uat",
    "cos",
    "cosh",
    "cosine",
    "decoders",
    "delay_embedding",
    "digits",
    "divide",
    "draw_graph",
    "draw_network",
    "empty",
    "erf",
    "evaluate",
    "exp",
    "expm1",
    "exponential",
    "eye",
    "fewest_pieces",
    "finite_difference",
    "fit",
    "forward",
    "from_network",
    "from_numpy",
    "full",
    "grad",
    "gradcheck",
    "gradient_descent",
    "gradients",
    "graph",
    "hessian",
    "hypot",
    "is_tensor",
    "jacobian",
    "layer_gradient_norms",
    "linspace",
    "load",
    "load_checkpoint",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logistic",
    "manual_seed",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "mnist",
    "multiply",
    "nef",
    "negative",
    "network",
    "neural_learning",
    "nmnist",
    "nn",
    "no_grad",
    "noise",
    "one_cycle",
    "one_hot",
    "ones",
    "ones_like",
    "operation",
    "optim",
    "parameter_norm",
    "piece",
    "pieces_needed",
    "plateau",
    "plots",
    "power",
    "predict",
    "prod",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "read_aer",
    "read_idx",
    "reciprocal",
    "relu",
    "rotation",
    "run_network",
    "run_spiking",
    "save",
    "save_checkpoint",
    "schedules",
    "shd",
    "shift",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "softmax",
    "softplus",
    "sparsity",
    "spiking_uat",
    "spirals",
    "split",
    "sqrt",
    "square",
    "stack",
    "step",
    "step_decay",
    "subtract",
    "sum",
    "sup_error",
    "tan",
    "tanh",
    "tensor",
    "to_network",
    "trace",
    "warmup",
    "where",
    "xor",
    "yin_yang",
    "zeros",
    "zeros_like",
]

# PyTorch's dtypes and its place of data sets, so that `from spikesim import learn as torch` reads the notes' listings.
# They are not in __all__: `from spikesim.learn import *` leaves Python's own float, int and bool alone.
from .autodiff.creation import boolean, float32, float64, int32, int64

float, double, long, int, bool = float32, float64, int64, int32, boolean


def _places() -> ModuleType:
    """Return the module `utils` whose `data` is PyTorch's torch.utils.data; both can be imported from."""
    place = ModuleType(f"{__name__}.utils", "PyTorch's place of data sets and loaders: spikesim.learn.utils.data.")
    place.data = batches  # type: ignore[attr-defined]
    sys.modules[place.__name__], sys.modules[f"{place.__name__}.data"] = place, batches
    return place


utils = _places()

apply = named(apply)  # who writes rules calls it; inside, where it is called most, it is as it was written
