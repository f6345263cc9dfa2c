"""Synapse types: which release and which plasticity each is made of.

The weight is in nA, uS or mV, as the receptor says.  ``dendritic_delay_fraction`` is the share of the delay that is
dendritic, to the nearest time step.  An additive pair rule changes the weight by A w_max, all others by A times what is
left to the bound, as on PyNN's other back ends.
"""

from __future__ import annotations

from typing import Any

from pyNN.standardmodels import build_translations, synapses

from ..errors import InvalidValueError
from ..plasticity import STDP, Vogels2011
from ..synapses import QuantalRelease, StochasticRelease, TsodyksMarkram
from .simulator import state

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "GutigWeightDependence",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "SimpleStochasticSynapse",
    "SpikePairRule",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
    "Vogels2011Rule",
]


class Alike:
    """A type whose parameters are kept as they were given."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        names = getattr(cls, "default_parameters", {})
        cls.translations = build_translations(*((name, name) for name in names))  # type: ignore[attr-defined]


class Synapse(Alike):
    """What a synapse type of this back end has beside PyNN's.

    `shared`: parameters that all synapses of a source have in common where they have one release; `apart`: each synapse
    has a release of its own; `common`: parameters that all synapses with one rule of plasticity have in common.
    """

    shared: tuple[str, ...] = ()
    apart = False
    #: What a release remembers, by PyNN's name, before the first spike: a number, or the name of a parameter.
    begins: dict[str, Any] = {}
    common: tuple[str, ...] = ()
    #: The share of the delay behind the synapse.
    dendritic_delay_fraction: Any = 0.0

    def _get_minimum_delay(self) -> float:
        return state.default_delay

    def release(self, p: Any, tau_syn: float | None) -> Any:
        """Return the release, of one value a source in PyNN's units and the receptor's time constant (ms)."""
        return None

    def plasticity(self, p: Any, unit: float) -> Any:
        """Return the rule, of one value each in PyNN's units; `unit`: how much of our unit of weight is one."""
        return None


class StaticSynapse(Synapse, synapses.StaticSynapse):
    __doc__ = synapses.StaticSynapse.__doc__


class TsodyksMarkramSynapse(Synapse, synapses.TsodyksMarkramSynapse):
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    shared = ("U", "tau_rec", "tau_facil")
    begins = {"u": 0.0, "x": 1.0, "y": 0.0, "z": 0.0}

    def release(self, p: Any, tau_syn: float | None) -> Any:
        return TsodyksMarkram(U=p["U"], tau_rec=p["tau_rec"], tau_fac=p["tau_facil"], tau_in=tau_syn or 0.0)


class SimpleStochasticSynapse(Synapse, synapses.SimpleStochasticSynapse):
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    shared, apart = ("p",), True

    def release(self, p: Any, tau_syn: float | None) -> Any:
        return StochasticRelease(p=p["p"])


class StochasticTsodyksMarkramSynapse(Synapse, synapses.StochasticTsodyksMarkramSynapse):
    """One site, which is full or empty: a full one releases the whole `weight` with probability u (Fuhrmann 2002)."""

    shared, apart = ("U", "tau_rec", "tau_facil"), True
    begins = {"u": "U"}

    def release(self, p: Any, tau_syn: float | None) -> Any:
        return QuantalRelease(n=1.0, U=p["U"], tau_rec=p["tau_rec"], tau_fac=p["tau_facil"])


class MultiQuantalSynapse(Synapse, synapses.MultiQuantalSynapse):
    """n sites, each of which releases a quantum, of which `weight` is the size, by chance."""

    shared, apart = ("U", "n", "tau_rec", "tau_facil"), True
    begins = {"a": "n", "u": "U"}  # the first spike finds all sites full, and uses U

    def release(self, p: Any, tau_syn: float | None) -> Any:
        return QuantalRelease(n=p["n"], U=p["U"], tau_rec=p["tau_rec"], tau_fac=p["tau_facil"])


class STDPMechanism(Synapse, synapses.STDPMechanism):
    __doc__ = synapses.STDPMechanism.__doc__
    base_translations = build_translations(
        ("weight", "weight"), ("delay", "delay"), ("dendritic_delay_fraction", "dendritic_delay_fraction")
    )

    def __init__(
        self,
        timing_dependence: Any = None,
        weight_dependence: Any = None,
        voltage_dependence: Any = None,
        dendritic_delay_fraction: float = 1.0,
        weight: Any = 0.0,
        delay: Any = None,
    ) -> None:
        if voltage_dependence is not None:
            raise InvalidValueError("STDPMechanism: no rule here depends on the voltage; leave voltage_dependence out")
        for what, given, kind in (
            ("timing_dependence", timing_dependence, Timing),
            ("weight_dependence", weight_dependence, Bounds),
        ):
            if not isinstance(given, kind):
                raise InvalidValueError(f"STDPMechanism: {what}: wanted one of this module, got {given!r:.60}")
        super().__init__(
            timing_dependence, weight_dependence, voltage_dependence, dendritic_delay_fraction, weight, delay
        )

    def _build_translations(self) -> None:
        self.translations = {
            **self.base_translations,
            **self.timing_dependence.translations,
            **self.weight_dependence.translations,
        }

    @property
    def common(self) -> tuple[str, ...]:  # type: ignore[override]
        """All parameters of the two dependences."""
        return (*self.timing_dependence.get_parameter_names(), *self.weight_dependence.get_parameter_names())

    def plasticity(self, p: Any, unit: float) -> Any:
        return self.timing_dependence.rule(p, unit, self.weight_dependence)


class Bounds(Alike):
    """A dependence on the weight: exponents of Guetig's rule, and what the amplitudes are relative to."""

    def exponents(self, p: Any) -> tuple[float, float]:
        """Return mu_plus and mu_minus."""
        return 0.0, 0.0


class AdditiveWeightDependence(Bounds, synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__


class MultiplicativeWeightDependence(Bounds, synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__

    def exponents(self, p: Any) -> tuple[float, float]:
        return 1.0, 1.0


class AdditivePotentiationMultiplicativeDepression(Bounds, synapses.AdditivePotentiationMultiplicativeDepression):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__

    def exponents(self, p: Any) -> tuple[float, float]:
        return 0.0, 1.0


class GutigWeightDependence(Bounds, synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__

    def exponents(self, p: Any) -> tuple[float, float]:
        return p["mu_plus"], p["mu_minus"]


class Timing(Alike):
    """A dependence on the times of spikes."""

    def rule(self, p: Any, unit: float, bounds: Bounds) -> Any:
        """Return the rule of plasticity."""
        raise NotImplementedError


class SpikePairRule(Timing, synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__

    def rule(self, p: Any, unit: float, bounds: Bounds) -> Any:
        mu_plus, mu_minus = bounds.exponents(p)
        low, high = p["w_min"] * unit, p["w_max"] * unit
        plus, minus = (high if mu == 0.0 else high - low for mu in (mu_plus, mu_minus))
        return STDP(
            A_plus=p["A_plus"] * plus,
            A_minus=p["A_minus"] * minus,
            w_min=low,
            w_max=high,
            tau_plus=p["tau_plus"],
            tau_minus=p["tau_minus"],
            mu_plus=mu_plus,
            mu_minus=mu_minus,
        )


class Vogels2011Rule(Timing, synapses.Vogels2011Rule):
    __doc__ = synapses.Vogels2011Rule.__doc__

    def rule(self, p: Any, unit: float, bounds: Bounds) -> Any:
        if bounds.exponents(p) != (0.0, 0.0):
            raise InvalidValueError("Vogels2011Rule: changes do not depend on the weight: AdditiveWeightDependence")
        return Vogels2011(
            eta=p["eta"] * unit, target=p["rho"], tau=p["tau"], w_min=p["w_min"] * unit, w_max=p["w_max"] * unit
        )
