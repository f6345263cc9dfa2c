"""The comparison as bars, and growth as lines."""

from __future__ import annotations

from typing import Any

__all__ = ["draw"]

Row = dict[str, Any]
COLORS = {
    "spikesim": "#0b3d91",
    "nest": "#d95f02",
    "brian-cpp": "#7570b3",
    "brian-cython": "#b3b0d9",
    "neuron": "#1b9e77",
}


def draw(rows: list[Row], path: str) -> None:
    """Draw what there is into one file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    contest = [row for row in rows if "real_time_factor" in row and "simulator" in row]
    series = [row for row in rows if "series" in row]
    engines = [row for row in rows if "engine" in row]
    panels = [(bars, contest)] * bool(contest) + [(lines, series)] * bool(series)
    panels += [(crossings, own) for kind in kinds(engines) if (own := [row for row in engines if row["kind"] == kind])]
    if not panels:
        return
    figure = Figure(figsize=(6.5 * len(panels), max(4.0, 0.17 * len(contest))), layout="constrained")
    FigureCanvasAgg(figure)
    for number, (panel, own) in enumerate(panels):
        panel(figure.add_subplot(1, len(panels), number + 1), own)
    figure.savefig(path, dpi=120)


def kinds(rows: list[Row]) -> list[str]:
    """Return the kinds of network that both engines ran."""
    return list(dict.fromkeys(row["kind"] for row in rows))


def crossings(axes: Any, rows: list[Row]) -> None:
    """What a second of model time costs over the rate: both engines, a colour a size."""
    for number, neurons in enumerate(dict.fromkeys(row["neurons"] for row in rows)):
        for engine, style in (("event", "o-"), ("clock", "s--")):
            own = sorted(
                (row["mean_rate"], row["cpu_factor"])
                for row in rows
                if row["neurons"] == neurons and row["engine"] == engine
            )
            axes.loglog(*zip(*own), style, ms=4, color=f"C{number}", label=f"{neurons:,.0f} neurons, {engine}")
    axes.set_xlabel("rate (Hz)")
    axes.set_ylabel("processor time for a second (s)")
    axes.set_title(f"{rows[0]['kind']} synapses, 100 a neuron", fontsize=9)
    axes.legend(frameon=False, fontsize=7)


def bars(axes: Any, rows: list[Row]) -> None:
    """Wall time over model time: a group a case, a bar a simulator and number of threads."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(f"{row['question']}\n{row['case'].split(', ')[0]}", []).append(row)
    y, ticks = 0.0, []
    for name, group in groups.items():
        ticks.append((y + (len(group) - 1) / 2, name))
        for row in group:
            thin = 0.9 if row["threads"] == 1 else 0.55
            axes.barh(y, row["real_time_factor"], height=thin, color=COLORS.get(row["simulator"], "grey"))
            axes.text(row["real_time_factor"], y, f" {row['real_time_factor']:.3g}", va="center", fontsize=6)
            y += 1.0
        y += 0.8
    axes.set_yticks([t for t, _ in ticks], [name for _, name in ticks], fontsize=7)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.1)
    axes.axvline(1.0, color="black", lw=0.7, ls=":")
    axes.set_xlabel("wall time / model time  (thin bars: several threads)")
    seen = dict.fromkeys(row["simulator"] for row in rows)
    for simulator in seen:
        axes.barh(0.0, 0.0, color=COLORS.get(simulator, "grey"), label=simulator)
    axes.legend(frameon=False, fontsize=7)


def lines(axes: Any, rows: list[Row]) -> None:
    """Time over work, each series beside a line of slope 1."""
    for kind in dict.fromkeys(row["series"] for row in rows):
        own = [row for row in rows if row["series"] == kind]
        base = 0.0 if kind == "neurons" else own[0]["run_s"]  # what all neurons cost, with one synapse each
        own = [row for row in own if row["run_s"] > base]
        work, time = [row["work"] for row in own], [row["run_s"] - base for row in own]
        what = "neuron-steps" if kind == "neurons" else "synaptic events (beyond what the neurons cost)"
        (line,) = axes.loglog(work, time, "o-", ms=4, label=what)
        axes.loglog(work, [time[-1] * w / work[-1] for w in work], ":", lw=0.8, color=line.get_color())
    axes.set_xlabel("neuron-steps, synaptic events")
    axes.set_ylabel("time (s)")
    axes.legend(frameon=False, fontsize=8, title="dotted: slope 1", title_fontsize=7)
