"""Every Numba trick of the package, each beside its plain-Python twin and its reason.

With ``NUMBA_DISABLE_JIT=1`` the twins run, and every kernel gives the same results slowly.
"""

from .ahead import ahead, awaited
from .compiler import INLINE, JIT, OPTIONS, compiled, inlined, is_ready, part_of, ready
from .functions import exp, expm1, exprel, exprel_of, where
from .instructions import atomic_add, atomic_load, give_way, nap, prefetch, sleep, view, view2, wake, widely
from .kernels import Callback, call_kernel, kernel_address
from .traced import traced

__all__ = [
    "INLINE",
    "JIT",
    "OPTIONS",
    "Callback",
    "ahead",
    "atomic_add",
    "atomic_load",
    "awaited",
    "call_kernel",
    "compiled",
    "exp",
    "expm1",
    "exprel",
    "exprel_of",
    "give_way",
    "inlined",
    "is_ready",
    "kernel_address",
    "nap",
    "part_of",
    "prefetch",
    "ready",
    "sleep",
    "traced",
    "view",
    "view2",
    "wake",
    "where",
    "widely",
]
