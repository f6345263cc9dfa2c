"""Where does going from event to event pay?  Cost of a synaptic event and of a run, against the clock engine.

Sparse inhibitory networks of LIF neurons with Delta synapses (as in Engelken 2023, "SparseProp", NeurIPS), K = 100
synapses each, driven by a constant current; the drive sets the rate.

    python -m benchmarks.event [--quick] [--plot event.png]
"""

from __future__ import annotations

import argparse
import time

import spikesim as ss

TAU, K, DELAY = 10.0, 100, 0.1


def network(n: int, drive: float, seed: int = 1) -> ss.Network:
    """`n` LIF neurons, threshold 1, reset 0; `drive` above 1 makes them fire, the others hold them back."""
    net = ss.Network(seed=seed)
    lif = ss.LIF(tau_m=TAU, C_m=TAU, E_L=0.0, V_th=1.0, V_reset=0.0, t_ref=0.0, I_e=drive)
    cells = net.population("cells", n, lif, v=ss.uniform(0.0, 1.0))
    net.connect(cells, cells, ss.fixed_indegree(K), weight=-0.1, delay=DELAY, synapse=ss.Delta())
    net.record(cells, "spikes")
    return net


def measure(net: ss.Network, engine: str, warm: float, duration: float) -> dict[str, float]:
    """Seconds for a second of model time, rate (Hz) and ns a synaptic event, after a warm-up that compiles."""
    sim = ss.Simulation(net, engine=engine, threads=1)
    before = sim.run(warm, progress=False).stats
    start = time.perf_counter()
    after = sim.run(duration, progress=False).stats
    seconds = time.perf_counter() - start
    spikes = after["spikes"] - before["spikes"]
    events = after["synaptic_events"] - before["synaptic_events"]
    rate = spikes / (net["cells"].size * duration / 1000.0)
    return {"factor": seconds / (duration / 1000.0), "rate": rate, "ns": 1e9 * seconds / max(events, 1)}


def main() -> None:
    """Measure over size and rate; print a table; plot where the lines cross."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--plot", help="where to put the picture")
    options = parser.parse_args()
    sizes = [1_000, 10_000] if options.quick else [1_000, 10_000, 100_000]
    drives = [1.05, 1.3, 3.0] if options.quick else [1.01, 1.05, 1.3, 3.0, 10.0]
    rows = []
    print(f"{'neurons':>8} {'drive':>6} {'Hz':>8} {'event: s/s':>11} {'ns/event':>9} {'clock: s/s':>11}")
    for n in sizes:
        duration = 100.0 if n == 100_000 else 200.0
        for drive in drives:
            event = measure(network(n, drive), "event", 100.0, duration)
            clock = measure(network(n, drive), "clock", 100.0, duration)
            rows.append((n, event["rate"], event["factor"], clock["factor"]))
            print(
                f"{n:>8} {drive:>6} {event['rate']:>8.2f} {event['factor']:>11.3f} {event['ns']:>9.1f} "
                f"{clock['factor']:>11.3f}",
                flush=True,
            )
    if options.plot:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots()
        for n in sizes:
            own = sorted(row[1:] for row in rows if row[0] == n)
            (line,) = axes.loglog([r[0] for r in own], [r[1] for r in own], "o-", label=f"event, {n} neurons")
            axes.loglog(
                [r[0] for r in own], [r[2] for r in own], "s--", color=line.get_color(), label="clock, 0.1 ms"
            )
        axes.set(xlabel="firing rate (Hz)", ylabel="seconds for a second of model time")
        axes.legend()
        axes.figure.savefig(options.plot)


if __name__ == "__main__":
    main()
