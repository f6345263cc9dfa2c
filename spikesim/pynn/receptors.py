"""Receptors: the synapses of a cell, each with a name of its own, so that two that are alike are told apart.

A kind of receptor makes a synapse of a name, its time constants (ms) and, of conductances, a reversal potential (mV).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ..synapses import Alpha, ConductanceAlpha, ConductanceExponential, Delta, DoubleExponential, Exponential
from ..synapses.contract import Synapse
from ..units import nA, uS

__all__ = ["Receptor", "alpha_conductance", "alpha_current", "beta_conductance", "conductance", "current", "jump"]


class _Named(Synapse):
    """A synapse that is called by its receptor in recordings."""

    receptor: str

    def __post_init__(self) -> None:
        super().__post_init__()  # type: ignore[misc]
        values = (repr(getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]
        object.__setattr__(self, "label", " ".join([self.receptor, *values]))  # another for all synapses of a cell

    @property
    def variable(self) -> str:
        """What its current or conductance is called where it is recorded."""
        return f"{'I' if self.E_rev is None else 'g'}_{self.label}"


@dataclass(frozen=True)
class ReceptorCurrent(_Named, Exponential):
    """Current of a receptor, exponential."""

    receptor: str = ""


@dataclass(frozen=True)
class ReceptorAlphaCurrent(_Named, Alpha):
    """Current of a receptor, an alpha function."""

    receptor: str = ""


@dataclass(frozen=True)
class ReceptorConductance(_Named, ConductanceExponential):
    """Conductance of a receptor, exponential."""

    receptor: str = ""


@dataclass(frozen=True)
class ReceptorAlphaConductance(_Named, ConductanceAlpha):
    """Conductance of a receptor, an alpha function."""

    receptor: str = ""


@dataclass(frozen=True)
class ReceptorBetaConductance(_Named, DoubleExponential):
    """Conductance of a receptor that rises and decays."""

    receptor: str = ""


class Receptor(NamedTuple):
    """A kind of receptor: `made` makes the synapse, `weight` is how much of our unit one of PyNN's is."""

    made: Callable[..., Synapse]
    weight: float

    def synapse(self, name: str, *values: Any) -> Synapse:
        """Return the synapse with these parameters."""
        return self.made(*map(float, values), receptor=name) if values else self.made()


current, alpha_current = Receptor(ReceptorCurrent, nA), Receptor(ReceptorAlphaCurrent, nA)
conductance, alpha_conductance = Receptor(ReceptorConductance, uS), Receptor(ReceptorAlphaConductance, uS)
beta_conductance = Receptor(ReceptorBetaConductance, uS)
jump = Receptor(Delta, 1.0)
