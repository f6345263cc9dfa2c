"""What is mutated, in groups, and the tests that are about it; what changes nothing anybody can see."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["ABOUT", "EQUIVALENT", "GROUPS", "Group", "about", "group_of"]

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
        "engine/test_release.py engine/test_gaps.py engine/test_trains.py jit/test_aside.py "
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
        "neurons/test_named_inputs.py engine/test_hashes.py",
    ),
    "compiler": Group(
        "jit/functions jit/reads jit/traced jit/records jit/kernels engine/equations engine/rules engine/chance "
        "engine/synaptic engine/releasing neurons/equations neurons/contract synapses/equations program/propagator "
        "program/rest program/coarse program/covariance",
        "program test_jit.py jit/test_reads.py jit/test_traced.py engine/test_tuples.py neurons/test_contract.py "
        "neurons/test_equations.py neurons/test_own_model.py neurons/test_sources.py synapses "
        "engine/test_synaptic_input.py plasticity/test_declared.py plasticity/test_own_events.py",
        "jit/test_traced.py engine/test_tuples.py synapses/test_release.py test_jit.py "
        "neurons/test_contract.py neurons/test_equations.py synapses/test_equations.py "
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
        "network/test_rules.py network/test_refusals.py network/test_stimulus.py network/test_geometry.py "
        "network/test_rule_degrees.py network/test_rule_function.py program/test_wiring_pairs.py",
        "network program",
    ),
}


#: Module -> tests that are about it and take longer: what survives the quick ones meets these, in plain Python.
ABOUT = {
    "engine/clock/kept": "engine/test_at_spike.py -k at_once",
    "engine/clock/trains": "engine/test_trains.py -k clock_rounds",
    "engine/clock/resting": "engine/clock/test_resting.py -k same_bits_as",
    "engine/clock/refractory": "engine/test_synaptic_input.py -k nothing_is_held_or_refractor",
    "engine/clock/noise": "engine/test_stimuli.py -k held_for",
    "engine/clock/disturb": "engine/test_stimuli.py -k noise_listed",
    "engine/clock/gauss": "engine/clock/test_noise.py -k nonlinear_or_jointly",
    "engine/clock/fuse": "engine/clock/test_fused.py engine/clock/test_resting.py -k row_or_may_sleep",
    "engine/clock/fused": "engine/test_threshold.py engine/clock/test_fused.py",
    "engine/clock/threshold": "engine/test_threshold.py",
    "engine/clock/tables": "engine/test_threshold.py engine/test_synaptic_input.py -k threshold_or_refractor",
    "engine/clock/deliver": "engine/test_synaptic_input.py engine/test_naive_twin.py",
    "engine/clock/poisson": "engine/clock/test_poisson.py",
    "engine/clock/rates": "engine/clock/test_poisson.py",
    "engine/clock/plastic": "plasticity/test_closed_form.py plasticity/test_naive_twin.py -k not_long",
    "engine/clock/own": "plasticity/test_declared.py plasticity/test_dendritic.py -k not_long",
    "engine/clock/learners": "plasticity/test_dendritic.py plasticity/test_recorded.py",
    "engine/learning": "plasticity/test_chance.py -k draw",
    "engine/chance": "plasticity/test_chance.py -k draw_or_numbers",
    "engine/event/leaky": "engine/test_threshold.py -k leak",
    "engine/event/trains": "engine/event/test_trains.py engine/test_trains.py -k used_up_or_clock_rounds",
    "engine/event/nonlinear": "engine/test_synaptic_input.py -k nonlinear_model",
    "engine/event/release": "engine/test_release.py -k event",
    "engine/event/queue": "engine/event/test_queue.py",
    "engine/event/sample": "engine/test_synaptic_input.py -k conductance_and",
    "engine/event/drives": "engine/test_stimuli.py -k few_targets",
    "engine/event/slopes": "engine/event/test_slopes.py engine/test_event_chance.py -k slope_or_intervals",
    "engine/event/plastic": "plasticity/test_own_events.py plasticity/test_event.py",
    "engine/event/learnt": "plasticity/test_own_events.py plasticity/test_event.py -k weights_are",
    "plasticity/vogels": "plasticity/test_verbs.py",
    "plasticity/dependence": "plasticity/test_verbs.py",
    "plasticity/clopath": "plasticity/test_verbs.py",
    "plasticity/pairs": "plasticity/test_verbs.py",
    "plasticity/nearest": "plasticity/test_verbs.py",
    "program/covariance": "engine/clock/test_noise.py -k covariance",
    "program/coarse": "program/test_coarse.py",
    "program/propagator": "program/test_propagator.py program/test_affine.py",
    "program/wiring": "program/test_wiring.py program/test_wiring_pairs.py "
    "-k naive_or_plain_list_or_listed_or_rounding_or_drawn_or_bounds_or_expected",
    "program/wiring_loops": "program/test_wiring.py -k naive_or_plain_list_or_listed",
    "program/wiring_pairs": "program/test_wiring_pairs.py -k dimensions_or_keep",
    "program/wiring_plans": "program/test_wiring.py -k naive_or_plain_list_or_rounding",
    "network/geometry": "network/test_geometry.py",
    "network/rule_function": "network/test_rule_function.py program/test_wiring_pairs.py "
    "-k test_rule_function_or_without_places",
    "network/rule_degrees": "network/test_rule_degrees.py program/test_wiring.py network/test_rules.py "
    "-k naive_or_equally_or_degrees",
    "network/rules": "program/test_wiring.py network/test_rules.py -k naive_or_matrix_or_arrays_or_bad_or_values",
    "network/law": "network/test_law.py",
    "random": "test_random.py",
    "neurons/contract": "neurons/test_named_inputs.py",
    "learn/train/optimizer": "learn/test_optim.py learn/test_store.py",
    "learn/spikes/estimators": "learn/spikes/test_estimators.py learn/test_estimators.py",
    "learn/spikes/walk": "learn/spikes/test_exact.py -k closed_form",
    "learn/spikes/losses": "learn/spikes/test_losses.py",
    "learn/spikes/encoders": "learn/spikes/test_encoders.py",
}


def about(path: str) -> list[str]:
    """The arguments of pytest of the tests of ABOUT of a module."""
    files, _, chosen = ABOUT.get(path.removeprefix("spikesim/").removesuffix(".py"), "").partition(" -k ")
    found = [f"tests/{file}" for file in files.split()]
    return [*found, "-k", chosen.replace("_or_", " or ").replace("not_", "not ")] if chosen else found


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
    (
        "spikesim/engine/event/crossing.py",
        "most = drive + (b_in * ramp * (horizon - start) if ramp > 0.0 else 0.0)",
        "most = drive + (b_in * ramp * (horizon + start) if ramp > 0.0 else 0.0)",
    ): "a bound that is less tight: more is searched, the same is found",
    (
        "spikesim/engine/event/felt.py",
        "return kind(current, conductance, *stimuli((0.0,) * (len(kind._fields) - 3), x, d, 0, t), t)",
        "return kind(current, conductance, *stimuli((1.0,) * (len(kind._fields) - 3), x, d, 0, t), t)",
    ): "only the length of this tuple counts",
    (
        "spikesim/engine/event/reach.py",
        "if flights > 0:",
        "if flights > 1:",
    ): "a heap of one is in order",
    (
        "spikesim/engine/renewal.py",
        "return unit(word(a, b, who)) < copy",
        "return unit(word(a, b, who)) <= copy",
    ): "a uniform number equals a given one with a probability of 2^-52 at most",
    (
        "spikesim/engine/clock/synaptic.py",
        "room = view(w.workspace.at, (states + 1) * BLOCK, np.float64)",
        "room = view(w.workspace.at, (states + 2) * BLOCK, np.float64)",
    ): "a view of more than is used",
    (
        "spikesim/learn/autodiff/rules/images.py",
        "up = product(np.ascontiguousarray(w.reshape(len(w), -1).T), _samples(s)).reshape(columns.shape)",
        "up = product(np.ascontiguousarray(w.reshape(len(w), -2).T), _samples(s)).reshape(columns.shape)",
    ): "NumPy takes any negative size as the one that follows from the others",
    (
        "spikesim/engine/event/learnt.py",
        "keys = [np.stack([learner.sources(), learner.bundle.seg_delay], axis=1).reshape(-1, 2) for learner in learners]",  # noqa: E501
        "keys = [np.stack([learner.sources(), learner.bundle.seg_delay], axis=1).reshape(-2, 2) for learner in learners]",  # noqa: E501
    ): "NumPy takes any negative size as the one that follows from the others",
    (
        "spikesim/network/rules.py",
        "log_q = math.log1p(-self.p) if self.p < 1.0 else -math.inf",
        "log_q = math.log1p(-self.p) if self.p < 1.0 else (math.inf)",
    ): "a logarithm over either infinity skips nobody",
    (
        "spikesim/network/rules.py",
        "return Plan(recipe(INDEPENDENT, n_pre, own, stream, degree=none), expected, 0)",
        "return Plan(recipe(INDEPENDENT, n_pre, own, stream, degree=none), expected, 1)",
    ): "room for a source that is not drawn",
    (
        "spikesim/program/rest.py",
        "if np.all(np.abs(move) <= 1e-12 * (1.0 + np.abs(s[free]))):",
        "if np.all(np.abs(move) <= 1e-12 * (2.0 + np.abs(s[free]))):",
    ): "the last of Newton's steps is far below either",
    (
        "spikesim/engine/synaptic.py",
        "register_jitable(forceinline=True)(function)",
        "register_jitable(forceinline=False)(function)",
    ): "the same numbers, slower",
    (
        "spikesim/program/wiring_pairs.py",
        "draws = np.ceil(np.clip(upper * (1.0 + 1e-12), 0.0, 1.0) * 2.0**52 - 0.5)  # (draw + 1/2) / 2^52 is u",
        "draws = np.ceil(np.clip(upper * (2.0 + 1e-12), 0.0, 1.0) * 2.0**52 - 0.5)  # (draw + 1/2) / 2^52 is u",
    ): "a bound that is less tight: more pairs are candidates, the same are kept",
    (
        "spikesim/engine/clock/own.py",
        "at = states[(i - traces) * width : (i - traces + 1) * width]",
        "at = states[(i - traces) * width : (i - traces + 2) * width]",
    ): "a view of more than is used",
    (
        "spikesim/engine/clock/learners.py",
        'late = {"late": self.late + 1 if self.late else 0, "late_count": self.late, "past": 0}',
        'late = {"late": self.late + 2 if self.late else 0, "late_count": self.late, "past": 0}',
    ): "room for a row that nobody reads: what follows is found by its offset",
    (
        "spikesim/engine/clock/learners.py",
        'return {"weight": 1, "x": 1, "y": 1, "eligible": int(self.rewarded), "sources": 0, "targets": 0} | late',
        'return {"weight": 1, "x": 1, "y": 2, "eligible": int(self.rewarded), "sources": 0, "targets": 0} | late',
    ): "room for a row that nobody reads: what follows is found by its offset",
    (
        "spikesim/jit/records.py",
        "address, n = (builder.load(builder.gep(numbers, [ir.Constant(ir.IntType(32), k)])) for k in (0, 1))",
        "address, n = (builder.load(builder.gep(numbers, [ir.Constant(ir.IntType(33), k)])) for k in (0, 1))",
    ): "LLVM takes an index of any width",
    (
        "spikesim/network/rule.py",
        "return np.full_like(own, -1) if self.allow_autapses else own",
        "return np.full_like(own, -2) if self.allow_autapses else own",
    ): "any number below 0 is no source",
    (
        "spikesim/program/coarse.py",
        "place = math.floor(math.log10(longest))",
        "place = math.ceil(math.log10(longest))",
    ): "one decade more is searched, from above",
    (
        "spikesim/jit/functions.py",
        "return where(small, series, x / where(small, 1.0, power - 1.0))",
        "return where(small, series, x / where(small, 2.0, power - 1.0))",
    ): "a quotient that is not taken",
    (
        "spikesim/program/rest.py",
        "return list(np.concatenate(parts, axis=1)[:, back.reshape(-1)]) if parts else []",
        "return list(np.concatenate(parts, axis=1)[:, back.reshape(-2)]) if parts else []",
    ): "NumPy takes any negative size as the one that follows from the others",
    (
        "spikesim/jit/records.py",
        "return view(address, 1, dtype)[0]",
        "return view(address, 2, dtype)[0]",
    ): "a view of more than is used",
}
