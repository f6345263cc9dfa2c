"""Cell types: which neuron and which synapses each is made of.

PyNN's names, defaults and units (ms, mV, nF, nA, uS; a and q_* in nS) stay what they are; `neuron_model` returns the
neuron in ours.  A synapse onto a cell goes to one of its receptors.  Alpha functions have their peak, the weight, at
tau_syn.
"""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import build_translations, cells

from ..neurons import LIF, AdEx, TraubMiles
from ..neurons import Izhikevich as IzhikevichNeuron
from ..units import nA, nF, uS
from .adapting import AdaptingLIF
from .receptors import Receptor, alpha_conductance, alpha_current, conductance, current, jump

__all__ = [
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "Izhikevich",
]

Names = dict[str, tuple[str, ...]]
#: Of a cell type: each receptor's kind, and the names of its time constant and reversal potential.
CURRENTS: Names = {"excitatory": ("tau_syn_E",), "inhibitory": ("tau_syn_I",)}
CONDUCTANCES: Names = {"excitatory": ("tau_syn_E", "e_rev_E"), "inhibitory": ("tau_syn_I", "e_rev_I")}
JUMPS: Names = {"excitatory": (), "inhibitory": ()}


class Cell:
    """What a cell type of this back end has beside PyNN's."""

    source = False
    receptor: Receptor
    receptors: Names
    #: State variables of the neuron by PyNN's name, and how much of our unit one of PyNN's is.
    states: dict[str, tuple[str, float]] = {"v": ("v", 1.0)}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        names = getattr(cls, "default_parameters", {})
        cls.translations = build_translations(*((name, name) for name in names))  # type: ignore[attr-defined]

    def neuron_model(self, p: Any, period: Any) -> Any:
        """Return the model, of parameters `p` in PyNN's units and the refractory time `period` (ms)."""
        raise NotImplementedError

    def receptor_of(self, name: str) -> tuple[Receptor, tuple[str, ...]]:
        """Return the kind of a receptor, and the names of its parameters."""
        return self.receptor, self.receptors[name]

    def sampled(self, variable: str) -> str | None:
        """Return the receptor whose current or conductance a variable is."""
        return {"exc": "excitatory", "inh": "inhibitory"}.get(variable[-3:]) if "syn_" in variable else None


def leaky(p: Any, period: Any) -> LIF:
    """The leaky integrate-and-fire neuron of IF_*."""
    return LIF(
        tau_m=p["tau_m"],
        C_m=p["cm"] * nF,
        E_L=p["v_rest"],
        V_th=p["v_thresh"],
        V_reset=p["v_reset"],
        t_ref=period,
        I_e=p["i_offset"] * nA,
    )


def adaptive(p: Any, period: Any) -> AdEx:
    """The adaptive exponential integrate-and-fire neuron of EIF_*."""
    return AdEx(
        C_m=p["cm"] * nF,
        g_L=p["cm"] * nF / p["tau_m"],
        E_L=p["v_rest"],
        V_th=p["v_thresh"],
        Delta_T=p["delta_T"],
        a=p["a"],
        b=p["b"] * nA,
        tau_w=p["tau_w"],
        V_peak=p["v_spike"],
        V_reset=p["v_reset"],
        t_ref=period,
        I_e=p["i_offset"] * nA,
    )


class Leaky(Cell):
    """IF_*."""

    def neuron_model(self, p: Any, period: Any) -> Any:
        return leaky(p, period)


class Adaptive(Cell):
    """EIF_*."""

    receptors = CONDUCTANCES
    states = {"v": ("v", 1.0), "w": ("w", nA)}

    def neuron_model(self, p: Any, period: Any) -> Any:
        return adaptive(p, period)


class IF_curr_exp(Leaky, cells.IF_curr_exp):
    __doc__ = cells.IF_curr_exp.__doc__
    receptor, receptors = current, CURRENTS
    recordable = ["spikes", "v", "isyn_exc", "isyn_inh"]


class IF_curr_alpha(Leaky, cells.IF_curr_alpha):
    __doc__ = cells.IF_curr_alpha.__doc__
    receptor, receptors = alpha_current, CURRENTS
    recordable = ["spikes", "v", "isyn_exc", "isyn_inh"]


class IF_curr_delta(Leaky, cells.IF_curr_delta):
    __doc__ = cells.IF_curr_delta.__doc__
    receptor, receptors = jump, JUMPS


class IF_cond_exp(Leaky, cells.IF_cond_exp):
    __doc__ = cells.IF_cond_exp.__doc__
    receptor, receptors = conductance, CONDUCTANCES


class IF_cond_alpha(Leaky, cells.IF_cond_alpha):
    __doc__ = cells.IF_cond_alpha.__doc__
    receptor, receptors = alpha_conductance, CONDUCTANCES


class EIF_cond_exp_isfa_ista(Adaptive, cells.EIF_cond_exp_isfa_ista):
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    receptor = conductance


class EIF_cond_alpha_isfa_ista(Adaptive, cells.EIF_cond_alpha_isfa_ista):
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    receptor = alpha_conductance


class IF_cond_exp_gsfa_grr(Cell, cells.IF_cond_exp_gsfa_grr):
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    receptor, receptors = conductance, CONDUCTANCES
    states = {"v": ("v", 1.0), "g_s": ("g_s", 1.0), "g_r": ("g_r", 1.0)}

    def neuron_model(self, p: Any, period: Any) -> Any:
        own = {name: p[name] for name in ("tau_sfa", "e_rev_sfa", "q_sfa", "tau_rr", "e_rev_rr", "q_rr")}
        return AdaptingLIF(**leaky(p, period)._asdict(), **own)


class HH_cond_exp(Cell, cells.HH_cond_exp):
    __doc__ = cells.HH_cond_exp.__doc__
    receptor, receptors = conductance, CONDUCTANCES
    receptor_types = ("excitatory", "inhibitory")
    recordable = [*cells.HH_cond_exp.recordable, "m", "h", "n"]
    units = {**cells.HH_cond_exp.units, "m": "dimensionless", "h": "dimensionless", "n": "dimensionless"}
    states = {name: (name, 1.0) for name in ("v", "m", "h", "n")}

    def neuron_model(self, p: Any, period: Any) -> Any:
        return TraubMiles(
            C_m=p["cm"] * nF,
            g_Na=p["gbar_Na"] * uS,
            g_K=p["gbar_K"] * uS,
            g_L=p["g_leak"] * uS,
            E_Na=p["e_rev_Na"],
            E_K=p["e_rev_K"],
            E_L=p["e_rev_leak"],
            V_T=p["v_offset"],
            I_e=p["i_offset"] * nA,
        )


class Izhikevich(Cell, cells.Izhikevich):
    __doc__ = cells.Izhikevich.__doc__
    receptor, receptors = jump, JUMPS
    states = {"v": ("v", 1.0), "u": ("u", 1.0)}

    def neuron_model(self, p: Any, period: Any) -> Any:
        return IzhikevichNeuron(a=p["a"], b=p["b"], c=p["c"], d=p["d"], I_e=p["i_offset"] * nA)
