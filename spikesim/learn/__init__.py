"""Learning: automatic differentiation, networks, losses, optimisers, data (chapters 1.5, 1.7 and 2 to 6 of the notes).

Rate networks here are trained by the tape; their units may be LIF neurons (:class:`LIFRate`).
"""

from . import plots, schedules
from .activations import (
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
from .approximation import construct_uat, piece, pieces_needed, step, sup_error
from .backprop import Gradients, as_rows, backprop, forward
from .dataset import DataLoader, Dataset, split
from .diagnostics import layer_gradient_norms, parameter_norm, sparsity
from .estimators import RateClassifier, RateRegressor
from .fit import accuracy, evaluate, fit, predict
from .functions import (
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
from .gradcheck import finite_difference, gradcheck
from .graph import Graph, draw_graph, graph, trace
from .history import History
from .images import CIFAR10_CLASSES, cifar10, digits, mnist, noise, read_idx, rotation, shift
from .initialise import manual_seed
from .layers import Dropout, Linear, augmented
from .losses import BCELoss, BCEWithLogitsLoss, CategoricalCrossEntropyLoss, CrossEntropyLoss, Loss, MSELoss, NLLLoss
from .module import Module, ModuleList, Parameter, Sequential
from .optim import SGD, AdaGrad, Adam, AdamW, Euler, Optimizer, RMSProp
from .schedules import EarlyStopping, cosine, exponential, step_decay, warmup
from .store import load, load_checkpoint, save, save_checkpoint
from .tape import Op, Var, apply, no_grad, tensor
from .tasks import DiscreteMapping, blood_sugar, spirals, xor, yin_yang
