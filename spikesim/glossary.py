"""What other simulators call it, and where it is found here: the words a newcomer brings along.

Names of NEST, Brian 2, PyNN and NEURON; an error about an unknown name looks here before it guesses by spelling.
"""

from __future__ import annotations

__all__ = ["ELSEWHERE", "MEANT"]

_START = "the membrane potential is the state v, here it starts: net.population(..., v=-60.0)"
_SYNAPSE = "synapses are values of their own: net.connect(..., synapse=ss.Exponential(tau=2.0))"
_PSC = "a LIF whose projections have"
_DRIVE = "net.background(cells, rate=..., weight=..., synapse=...) gives each neuron a Poisson train of its own"

#: What is called by another name in some calls: looked at before all else, where there is such a name.
MEANT = {"weight": "conductance", "g": "conductance", "pre": "a", "post": "b"}

ELSEWHERE = {
    # state and parameters
    "V_m": _START, "Vm": _START, "v_init": _START, "V_init": _START, "v_rest": "here E_L", "V_rest": "here E_L",
    "v_thresh": "here V_th", "V_thresh": "here V_th", "v_reset": "here V_reset", "cm": "here C_m (pF)",
    "tau_refrac": "here t_ref", "refractory": "here t_ref", "i_offset": "here I_e (pA)",
    "tau_syn": _SYNAPSE, "tau_syn_ex": _SYNAPSE, "tau_syn_in": _SYNAPSE, "tau_syn_E": _SYNAPSE, "tau_syn_I": _SYNAPSE,
    "e_rev_E": _SYNAPSE, "e_rev_I": _SYNAPSE, "E_ex": _SYNAPSE, "E_in": _SYNAPSE,
    "g_ex": 'conductances belong to synapses: net.record(cells, "g_syn"), or the synapse value itself',
    "weight": "weights are in result.weights[name of the projection] and sim.weights",
    # neurons
    "iaf_psc_alpha": f"{_PSC} synapse=ss.Alpha(tau): ss.LIF(...)",
    "iaf_psc_exp": f"{_PSC} synapse=ss.Exponential(tau): ss.LIF(...)",
    "iaf_psc_delta": f"{_PSC} synapse=ss.Delta(): ss.LIF(...)",
    "iaf_cond_exp": f"{_PSC} synapse=ss.ConductanceExponential(tau, E_rev): ss.LIF(...)",
    "iaf_cond_alpha": f"{_PSC} synapse=ss.ConductanceAlpha(tau, E_rev): ss.LIF(...)",
    "IF_curr_exp": f"{_PSC} synapse=ss.Exponential(tau): ss.LIF(...)",
    "IF_curr_alpha": f"{_PSC} synapse=ss.Alpha(tau): ss.LIF(...)",
    "IF_cond_exp": f"{_PSC} synapse=ss.ConductanceExponential(tau, E_rev): ss.LIF(...)",
    "IF_cond_alpha": f"{_PSC} synapse=ss.ConductanceAlpha(tau, E_rev): ss.LIF(...)",
    "aeif_cond_exp": "here ss.AdEx(...) with synapse=ss.ConductanceExponential(tau, E_rev)",
    "aeif_cond_alpha": "here ss.AdEx(...) with synapse=ss.ConductanceAlpha(tau, E_rev)",
    "EIF_cond_exp_isfa_ista": "here ss.AdEx(...) with synapse=ss.ConductanceExponential(tau, E_rev)",
    "hh_psc_alpha": "here ss.HodgkinHuxley(...) with synapse=ss.Alpha(tau)",
    "izhikevich": "here ss.Izhikevich(...)",
    "poisson_generator": f"{_DRIVE}; a population of its own is ss.Poisson(rate)",
    "PoissonGroup": "here ss.Poisson(rate), a model of a population",
    "gamma_sup_generator": "here ss.GammaTrain(rate, shape), a model of a population",
    "inhomogeneous_poisson_generator": "here ss.Poisson(rate=ss.Steps(times, rates)), a model of a population",
    "mip_generator": "here ss.Correlated(rate, c), a model of a population",
    "pulsepacket_generator": "here ss.PulsePackets(times, n, sd), a model of a population",
    "sinusoidal_gamma_generator": "here ss.GammaTrain(rate=ss.Sine(...), shape=order), a model of a population",
    "sinusoidal_poisson_generator": "here ss.Poisson(rate=ss.Sine(...)), a model of a population",
    "PoissonInput": _DRIVE,
    "spike_generator": "here ss.SpikeTimes([[t, t, ...], ...]), a model of a population",
    "SpikeGeneratorGroup": "here ss.SpikeTimes([[t, t, ...], ...]), a model of a population",
    "SpikeSourceArray": "here ss.SpikeTimes([[t, t, ...], ...]), a model of a population",
    "SpikeSourcePoisson": "here ss.Poisson(rate), a model of a population",
    "dc_generator": "here net.inject(cells, ss.DC(amplitude))",
    "ac_generator": "here net.inject(cells, ss.Sine(amplitude, frequency))",
    "noise_generator": "here net.inject(cells, ss.Noise(mean, sd))",
    # arguments
    "indegree": "here net.connect(pre, post, ss.fixed_indegree(k), ...)",
    "conn_spec": "here a rule, the third argument of net.connect: ss.fixed_indegree(k), ss.all_to_all()",
    "syn_spec": "here weight=, delay=, synapse= of net.connect",
    "num_threads": "here threads", "local_num_threads": "here threads", "resolution": "here dt (ms)",
    "rng_seed": "here seed",
}  # fmt: skip
