"""Cells that a script puts together from a neuron and any number of named receptors.

A parameter of a receptor is called "name.parameter", in `get`, `set` and, as "name.gsyn" or "name.isyn", in recordings.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import cells, receptors

from ..errors import InvalidTypeError
from .cells import Adaptive, Cell, Leaky
from .receptors import Receptor, alpha_conductance, beta_conductance, conductance, current
from .synapses import Alike

__all__ = [
    "LIF",
    "AdExp",
    "AlphaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPostSynapticResponse",
    "ExpPSR",
    "PointNeuron",
]


class LIF(Leaky, cells.LIF):
    __doc__ = cells.LIF.__doc__


class AdExp(Adaptive, cells.AdExp):
    __doc__ = cells.AdExp.__doc__


class Response(Alike):
    """What a receptor of a point neuron is: its kind, and its parameters as the synapse takes them."""

    kind: Receptor
    names: tuple[str, ...] = ("tau_syn", "e_syn")
    recordable = ["gsyn"]


class CurrExpPostSynapticResponse(Response, receptors.CurrExpPostSynapticResponse):
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    kind, names, recordable = current, ("tau_syn",), ["isyn"]


class CondExpPostSynapticResponse(Response, receptors.CondExpPostSynapticResponse):
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    kind = conductance


class CondAlphaPostSynapticResponse(Response, receptors.CondAlphaPostSynapticResponse):
    """Conductance that is an alpha function: its peak, the weight, is at tau_syn."""

    kind = alpha_conductance


class CondBetaPostSynapticResponse(Response, receptors.CondBetaPostSynapticResponse):
    """Conductance that rises and decays; its peak is the weight."""

    kind, names = beta_conductance, ("tau_rise", "tau_decay", "e_syn")


AlphaPSR, ExpPSR = CondAlphaPostSynapticResponse, CondExpPostSynapticResponse


class PointNeuron(Cell, cells.PointNeuron):
    """A neuron, LIF or AdExp, with receptors, each under a name: ``PointNeuron(LIF(), AMPA=ExpPSR(), ...)``."""

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        if not isinstance(neuron, (LIF, AdExp)):
            raise InvalidTypeError(f"PointNeuron: wanted LIF(...) or AdExp(...) of this module, got {neuron!r:.60}")
        for name, response in post_synaptic_receptors.items():
            if not isinstance(response, Response):
                raise InvalidTypeError(f"PointNeuron: {name}: wanted a post-synaptic response, got {response!r:.60}")
        super().__init__(neuron, **post_synaptic_receptors)
        self.states = neuron.states
        self.receptors = {
            name: tuple(f"{name}.{parameter}" for parameter in response.names)
            for name, response in post_synaptic_receptors.items()
        }

    @property
    def native_parameters(self) -> ParameterSpace:
        """The parameters as they were given."""
        return deepcopy(self.parameter_space)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return parameters as they were given."""
        return deepcopy(parameters) if copy else parameters

    def get_schema(self) -> dict[str, Any]:
        """Return the types of the parameters by name."""
        found = dict(self.neuron.get_schema())
        for name, response in self.post_synaptic_receptors.items():
            schema = response.get_schema()
            found |= {name: schema, **{f"{name}.{parameter}": kind for parameter, kind in schema.items()}}
        return found

    def has_parameter(self, name: str) -> bool:
        """Whether there is a parameter of this name."""
        return name in self.get_parameter_names()

    def get_parameter_names(self) -> list[str]:
        """Return the names of the parameters, those of receptors as "name.parameter"."""
        own = self.neuron.get_parameter_names()
        return [*own, *(p for names in self.receptors.values() for p in names)]

    def receptor_of(self, name: str) -> tuple[Receptor, tuple[str, ...]]:
        """Return the kind of a receptor, and the names of its parameters."""
        return self.post_synaptic_receptors[name].kind, self.receptors[name]

    def sampled(self, variable: str) -> str | None:
        """Return the receptor whose current or conductance a variable is."""
        return variable.rpartition(".")[0] or None

    def neuron_model(self, p: Any, period: Any) -> Any:
        """Return the model of the neuron."""
        return self.neuron.neuron_model(p, period)
