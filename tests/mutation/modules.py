"""What is mutated, in groups, and the tests that are about it; what changes nothing anybody can see."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["EQUIVALENT", "GROUPS", "Group", "group_of"]

ROOT = Path(__file__).resolve().parents[2]


class Group(NamedTuple):
    """Modules of one kind."""

    modules: str  # patterns inside spikesim/, drawn from with the same chance each
    plain: str  # tests that run in plain Python on small sizes, inside tests/
    compiled: str  # where these see nothing: tests of compiled loops, the quickest first


GROUPS = {
    "clock engine": Group(
        "engine/clock/refractory engine/clock/fused engine/clock/fuse engine/clock/threshold engine/clock/poisson "
        "engine/clock/deliver engine/clock/listed engine/clock/sample engine/clock/synaptic engine/clock/release "
        "engine/clock/flow engine/clock/propagate engine/clock/noise engine/clock/gauss engine/clock/rates "
        "engine/clock/tables engine/clock/trains engine/clock/gaps engine/clock/delays engine/clock/meeting "
        "engine/clock/kept engine/clock/drives engine/clock/disturb engine/clock/resting engine/renewal",
        "engine/clock engine/test_threshold.py engine/test_naive_twin.py engine/test_synaptic_input.py "
        "engine/test_release.py engine/test_gaps.py engine/test_trains.py engine/test_aside.py "
        "engine/test_synapses_listed.py engine/test_at_spike.py engine/test_stimuli.py engine/test_recording.py "
        "engine/test_synaptic_states.py synapses neurons/test_stochastic_lif.py neurons/test_gif.py",
        "engine/clock engine/test_stimuli.py engine/test_synaptic_input.py engine/test_naive_twin.py "
        "engine/test_hashes.py",
    ),
    "event engine": Group(
        "engine/event/leaky engine/event/crossing engine/event/deliver engine/event/flow engine/event/queue "
        "engine/event/release engine/event/nonlinear engine/event/affine engine/event/propagate engine/event/reach "
        "engine/event/sample engine/event/slopes engine/event/trains engine/event/felt engine/event/moments "
        "engine/event/drives",
        "engine/event engine/test_event_exact.py engine/test_event_moves.py engine/test_event_nonlinear.py "
        "engine/test_event_chance.py engine/test_event_limits.py engine/test_threshold.py",
        "engine/event engine/test_event_exact.py engine/test_event_moves.py engine/test_event_nonlinear.py "
        "engine/test_hashes.py",
    ),
    "compiler": Group(
        "jit/functions jit/reads jit/traced jit/records jit/kernels engine/equations engine/rules engine/chance "
        "engine/synaptic engine/releasing neurons/equations neurons/contract synapses/equations program/propagator "
        "program/rest program/coarse program/covariance",
        "program test_jit.py neurons/test_contract.py neurons/test_equations.py neurons/test_own_model.py "
        "neurons/test_sources.py synapses engine/test_synaptic_input.py plasticity/test_declared.py",
        "test_jit.py neurons/test_contract.py neurons/test_equations.py synapses/test_equations.py "
        "plasticity/test_declared.py engine/test_stimuli.py",
    ),
    "plasticity": Group(
        "engine/clock/plastic engine/clock/learners engine/clock/own engine/event/plastic engine/event/learnt "
        "engine/learning plasticity/bcm plasticity/clopath plasticity/contract plasticity/declared "
        "plasticity/dependence plasticity/homeostasis plasticity/nearest plasticity/pairs plasticity/reward "
        "plasticity/stdp plasticity/vogels",
        "plasticity engine/test_learning.py",
        "plasticity",
    ),
    "learning": Group(
        "learn/autodiff/rules/activations learn/autodiff/rules/arrays learn/autodiff/rules/elementwise "
        "learn/autodiff/rules/images learn/autodiff/rules/losses learn/autodiff/rules/products "
        "learn/autodiff/derivatives learn/autodiff/backprop learn/autodiff/cross_entropy learn/autodiff/windows "
        "learn/spikes/adjoint learn/spikes/backward learn/spikes/encoders learn/spikes/estimators "
        "learn/spikes/event_pass learn/spikes/exact learn/spikes/forward learn/spikes/fused learn/spikes/losses "
        "learn/spikes/neurons learn/spikes/spike_batch learn/spikes/step learn/spikes/surrogate learn/spikes/walk "
        "learn/spikes/unroll learn/train/optim learn/train/updates learn/train/schedules learn/train/clipping "
        "learn/train/optimizer learn/layers/losses learn/layers/more_losses",
        "learn/test_rules.py learn/test_derivatives.py learn/test_losses.py learn/test_optim.py learn/test_updates.py "
        "learn/test_activations.py learn/test_layers.py learn/test_backprop.py learn/test_estimators.py learn/spikes",
        "learn/spikes learn/test_updates.py learn/test_optim.py learn/test_rules.py",
    ),
    "random numbers": Group(
        "random network/law", "network/test_network.py network/test_population.py engine/test_seeds.py", "network"
    ),
    "networks": Group(
        "network/rule network/rule_degrees network/rule_function network/rule_lists network/rules network/geometry "
        "program/wiring program/wiring_loops program/wiring_pairs program/wiring_plans",
        "network/test_rules.py network/test_refusals.py network/test_stimulus.py",
        "network program",
    ),
}


def group_of(name: str) -> list[str]:
    """The paths of the modules of a group."""
    return [f"spikesim/{module}.py" for module in GROUPS[name].modules.split()]


#: (path, the line as it stands, what it becomes): why nobody can see the difference.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "spikesim/engine/event/crossing.py",
        "far = (after - t) * c.a > FAR",
        "far = (after - t) / c.a > FAR",
    ): "how far a step must lead for the next estimate to be put off: the crossing that is found is the same",
}
