"""The point neurons of NEST 3, in whose names SONATA files speak of ours, and the synapses that stand in them.

=================================== ====================== ==================================================
template                            neuron                 what arrives
=================================== ====================== ==================================================
iaf_psc_{exp, alpha, delta}         LIF                    Exponential, Alpha (peak, pA); Delta (mV)
iaf_cond_{exp, alpha}               LIF, g_L = C_m / tau_m ConductanceExponential, ConductanceAlpha (peak, nS)
aeif_{psc, cond}_...                AdEx                   the same
izhikevich                          Izhikevich             Delta
=================================== ====================== ==================================================

A neuron of NEST has two receptors: weights above 0 arrive at the excitatory one (tau_syn_ex, E_ex), others at the
inhibitory one (tau_syn_in, E_in), a conductance then with its sign turned.  Defaults: NEST 3.10.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...neurons import AdEx, Izhikevich
from ...neurons.lif import LIF
from ...synapses.conductance import ConductanceAlpha, ConductanceExponential
from ...synapses.delta import Delta
from ...synapses.gamma import Alpha, Exponential, cascade

__all__ = ["FAMILIES", "PREFIX", "Receptor", "Template", "ours", "receptor", "sides_of", "template_for"]

PREFIX = "nest:"
CURRENT, CONDUCTANCE = {"psc_exp": Exponential, "psc_alpha": Alpha}, {
    "cond_exp": ConductanceExponential, "cond_alpha": ConductanceAlpha,
}  # fmt: skip
KINDS = ("psc_exp", "psc_alpha", "psc_delta", "cond_exp", "cond_alpha")
FAMILIES: dict[type, dict[str, str]] = {
    LIF: {kind: f"iaf_{kind}" for kind in KINDS},
    AdEx: {kind: f"aeif_{kind}" for kind in KINDS},
    Izhikevich: {"psc_delta": "izhikevich"},
}
COND = {"C_m": 250.0, "g_L": 16.6667, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0, "t_ref": 2.0, "I_e": 0.0}
STATES = {"v": "V_m", "w": "w", "u": "U_m"}  #: ours: NEST's
#: What changes nothing of what is simulated, whatever it is.
IDLE = {"gsl_error_tol", "tau_minus", "tau_minus_triplet", "Ca", "tau_Ca", "beta_Ca", "consistent_integration"}
#: What is another model unless it has this value.
OFF = {"V_min": -np.inf, "rho": 0.01, "delta": 0.0}


class Receptor(NamedTuple):
    """A synapse of ours as NEST would have it."""

    kind: str
    tau: float
    E_rev: float | None
    factor: float  #: peak of the response to a weight of 1
    kept: bool  #: whether what arrives while refractory is kept


class Template(NamedTuple):
    """A model of NEST."""

    name: str
    model: Any
    kind: str

    def columns(self, parameters: dict[str, Any], sides: dict[str, Receptor]) -> dict[str, Any]:
        """Return NEST's parameters of a neuron of ours, with its receptors "ex" and "in"."""
        found = dict(parameters)
        if self.model is LIF and self.kind.startswith("cond"):
            found["g_L"] = np.asarray(found["C_m"]) / found.pop("tau_m")
        if self.model is Izhikevich:
            found["V_th"] = found.pop("V_peak")
        for side, one in sides.items():
            if self.kind != "psc_delta":
                found[f"tau_syn_{side}"] = one.tau
            if self.kind.startswith("cond"):
                found[f"E_{side}"] = one.E_rev
        if self.kind == "psc_delta" and self.model is LIF and any(one.kept for one in sides.values()):
            found["refractory_input"] = True
        return found

    @property
    def defaults(self) -> dict[str, Any]:
        """NEST's own values of what may be given."""
        found: dict[str, Any] = dict(self.model._field_defaults)
        if self.model is LIF and self.kind.startswith("cond"):
            found = dict(COND)
        if self.model is Izhikevich:
            found["V_th"] = found.pop("V_peak")
        if self.kind != "psc_delta":
            fast = self.name.startswith("iaf_psc")
            found |= {"tau_syn_ex": 2.0 if fast else 0.2, "tau_syn_in": 2.0}
        if self.kind.startswith("cond"):
            found |= {"E_ex": 0.0, "E_in": -85.0}
        return found

    def neuron(self, given: dict[str, Any]) -> Any:
        """Return our model with these parameters of NEST (all of them)."""
        p = dict(given)
        if self.model is LIF and self.kind.startswith("cond"):
            p["tau_m"] = np.asarray(p["C_m"]) / p.pop("g_L")
        if self.model is Izhikevich:
            p["V_peak"] = p.pop("V_th")
        return self.model(**{name: p[name] for name in self.model._fields})

    def synapse(self, side: str, given: dict[str, Any]) -> Any:
        """Return our synapse for one of the two receptors, "ex" or "in", with these parameters of NEST (all)."""
        if self.kind == "psc_delta":
            return Delta(refractory_input=bool(given.get("refractory_input", False)))
        tau = float(given[f"tau_syn_{side}"])
        if self.kind in CURRENT:
            return CURRENT[self.kind](tau)
        return CONDUCTANCE[self.kind](tau, float(given[f"E_{side}"]))

    def start(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return where the states begin in NEST, as initial values of ours."""
        if self.model is Izhikevich:
            usual = {"v": -65.0, "u": 0.0}
        elif self.model is AdEx:
            usual = {"v": AdEx._field_defaults["E_L"], "w": 0.0}
        else:
            usual = {"v": given["E_L"] if self.kind.startswith("psc") else COND["E_L"]}
        return {state: given.get(STATES[state], value) for state, value in usual.items()}


def ours(name: str) -> Template | None:
    """Return the template of a name, with or without its prefix; None where there is no such neuron here."""
    plain = name.removeprefix(PREFIX)
    for model, kinds in FAMILIES.items():
        for kind, known in kinds.items():
            if known == plain:
                return Template(plain, model, kind)
    return None


def receptor(synapse: Any) -> Receptor | None:
    """Return a synapse in NEST's terms; None where NEST has none like it."""
    if isinstance(synapse, Delta):
        return None if synapse.to is not None else Receptor("psc_delta", 0.0, None, 1.0, bool(synapse.refractory_input))
    n = getattr(synapse, "n", None)
    if n not in (0, 1) or not hasattr(synapse, "normalize"):
        return None
    kind = f"{'psc' if synapse.E_rev is None else 'cond'}_{('exp', 'alpha')[n]}"
    factor = 1.0 if synapse.normalize == "peak" else synapse.gain * float(cascade(n, n))
    return Receptor(kind, synapse.tau, synapse.E_rev, factor, False)


def sides_of(ports: dict[Any, tuple[float, float]]) -> dict[Any, str] | str:
    """Return at which receptor, "ex" or "in", each synapse of a population arrives ("both": either); or why not.

    Parameters
    ----------
    ports : dict of Synapse to (float, float)
        The synapses of a population and the range of their weights.
    """
    found = {synapse: receptor(synapse) for synapse in ports}
    strange = [repr(synapse) for synapse, one in found.items() if one is None]
    if strange:
        return f"no neuron of NEST has {', '.join(strange)}"
    kinds = {one.kind for one in found.values() if one}
    if len(kinds) > 1 or len({one.kept for one in found.values() if one}) > 1:
        return f"no neuron of NEST has {', '.join(map(repr, ports))} together"
    if kinds and kinds <= {"cond_exp", "cond_alpha"}:
        return _conductances(found, ports)
    sides: dict[Any, str] = {}
    for synapse, (low, high) in ports.items():
        sides[synapse] = "both" if low < 0.0 < high else "in" if low < 0.0 else "ex"
    for side in ("ex", "in"):
        taus = {found[synapse].tau for synapse, where in sides.items() if where in (side, "both")}  # type: ignore[union-attr]
        if len(taus) > 1:
            word = "above" if side == "ex" else "below"
            return (
                f"a neuron of NEST has one time constant for weights {word} 0, not {', '.join(map(str, sorted(taus)))}"
            )
    return sides


def _conductances(found: dict[Any, Any], ports: dict[Any, tuple[float, float]]) -> dict[Any, str] | str:
    """The two receptors of conductances: the higher reversal potential is the excitatory one."""
    if any(low < 0.0 for low, _ in ports.values()):
        return "a conductance below 0 would arrive at the other receptor of a neuron of NEST"
    distinct = sorted({(one.E_rev, one.tau) for one in found.values()}, reverse=True)
    if len(distinct) > 2:
        return f"a neuron of NEST has two receptors, not {len(distinct)}"
    single = len(distinct) == 1 and distinct[0][0] < -50.0
    place = {pair: "in" if k == 1 or single else "ex" for k, pair in enumerate(distinct)}
    return {synapse: place[one.E_rev, one.tau] for synapse, one in found.items()}


def template_for(model: Any, ports: dict[Any, tuple[float, float]]) -> tuple[Template, dict[Any, str]] | str:
    """Return NEST's neuron for a model with these synapses, and where each arrives; or why there is none."""
    family = FAMILIES.get(type(model))
    if family is None:
        hold = "" if getattr(model, "held", True) else "(hold=False)"
        return f"NEST has no {type(model).__name__}{hold} that is known here"
    sides = sides_of(ports)
    if isinstance(sides, str):
        return sides
    kinds = [one.kind for one in map(receptor, ports) if one]
    kind = kinds[0] if kinds else next(iter(family))
    if kind not in family:
        return f"no neuron of NEST is a {type(model).__name__} with {', '.join(map(repr, ports))}"
    kept = any(one.kept for one in map(receptor, ports) if one)
    if kept and type(model) is not LIF:
        return f"NEST's {family[kind]} drops what arrives while it is refractory, and {next(iter(ports))!r} keeps it"
    return Template(family[kind], type(model), kind), sides
