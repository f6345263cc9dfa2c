"""The command line: ``spikesim demo | info | plot | bench | doctor``, also as ``python -m spikesim``.

Exit codes: 0 done, 1 a self-test failed, 2 something was refused (one line on stderr), 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import OutputFileError, SpikesimError, StateError

__all__ = ["main"]

#: What fits into about ten seconds on two cores, building included.
DEMO_SCALE, DEMO_DT, DEMO_MS, DEMO_SETTLE_MS = 0.3, 0.1, 2000.0, 500.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; those of the process unless given.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    passed_on = given[:1] == ["bench"] and not {"-h", "--help"} & set(given)
    options = _parser().parse_args(given[:1] if passed_on else given)
    options.rest = given[1:]
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"warning: {message}")
            return int(options.run(options) or 0)
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except BrokenPipeError:  # `spikesim info run.h5 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SpikesimError as error:
        _say(f"error: {error}")
    except OSError as error:
        _say(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}")
    return 2


def _say(text: str) -> None:
    print("spikesim:", " ".join(text.split()), file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spikesim", description="Simulate networks of spiking neurons and look at what they did."
    )
    parser.add_argument("--version", action="version", version=f"spikesim {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    demo = _command(commands, "demo", _demo, "build, run and draw a cortical microcircuit, in about ten seconds")
    demo.add_argument("-o", "--out", default=".", metavar="FOLDER", help="for demo.h5 and demo.png (default: here)")
    demo.add_argument(
        "--scale", type=float, default=DEMO_SCALE, help="size; 1 is the published one (default: %(default)s)"
    )
    demo.add_argument("--duration", type=float, default=DEMO_MS, metavar="MS", help="model time (default: %(default)s)")
    demo.add_argument("--threads", type=int, help="default: all cores")
    demo.add_argument("--seed", type=int, default=1, help="default: %(default)s")

    info = _command(commands, "info", _info, "say what a recorded file holds")
    info.add_argument("file", metavar="FILE")

    plot = _command(commands, "plot", _plot, "draw raster, rates, intervals and CVs of a recorded file")
    plot.add_argument("file", metavar="FILE")
    plot.add_argument(
        "-o",
        "--out",
        metavar="PNG",
        help="default: FILE with the ending .png; others, .pdf or .svg, work too",
    )
    plot.add_argument("--start", type=float, metavar="MS", help="of the window (default: of the recording)")
    plot.add_argument("--stop", type=float, metavar="MS")

    bench = _command(commands, "bench", _bench, "run the benchmarks (in a clone of the repository)")
    bench.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="which; all unless given; options are those of python -m benchmarks",
    )

    _command(commands, "doctor", _doctor, "versions, threads, cache, and a self-test against closed forms")
    return parser


def _command(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _version() -> str:
    from . import __version__

    return __version__


def _demo(options: argparse.Namespace) -> int:
    from .engine.simulation import Simulation
    from .grid import Grid
    from .network.summary import summary
    from .plot import summary as draw
    from .published import MICROCIRCUIT_REFERENCES, microcircuit, table

    clock = time.perf_counter()
    folder = Path(options.out)
    data, picture = folder / "demo.h5", folder / "demo.png"
    Grid(DEMO_DT).steps(options.duration, "demo: --duration", least=1)  # before a file is replaced
    if picture.is_dir():
        raise OutputFileError(f"output file {str(picture)!r} is a folder")
    net = microcircuit(options.scale, seed=options.seed)
    title = f"Cortical microcircuit of Potjans and Diesmann (2014) at scale {options.scale:g}"
    print(title)
    print(summary(net, DEMO_DT).splitlines()[0])
    for path in (data, picture):
        if path.exists():
            print(f"{path} exists and will be replaced")
    sys.stdout.flush()
    simulation = Simulation(net, dt=DEMO_DT, threads=options.threads, out=data, overwrite=True)
    result = simulation.run(options.duration, progress=True)
    start = min(DEMO_SETTLE_MS, 0.25 * result.stop)
    if result.stop <= 0.0:
        return 130
    print(f"\nFrom {start:g} to {result.stop:g} ms:")
    print(table(result, *MICROCIRCUIT_REFERENCES, start=start))
    if options.scale < 1.0:
        print("Scaled networks fire a little less: mean and variance of the input are kept, not all the rest.")
    if result.stop < 10_000.0:
        print("CVs of a short run are low: it misses the long intervals of slow cells.")
    draw(result, picture, title=title, start=start)
    print(f"\nWrote {data} and {picture} in {time.perf_counter() - clock:.1f} s:", _speed(result.stats))
    print(f"Look again: spikesim info {data}; in Python: spikesim.load({str(data)!r})")
    return 130 if result.stats.get("interrupted") else 0


def _speed(stats: Any) -> str:
    return (
        f"{stats['synapses']:,} synapses built in {stats['build_seconds']:.1f} s, "
        f"{stats['real_time_factor']:.3g} s for a second of model time; threads: {stats['threads']}"
    )


def _info(options: argparse.Namespace) -> int:
    from .record import load

    result = load(options.file)
    stats, made = result.stats, result.stats.get("versions", {})
    print(f"{options.file}: {Path(options.file).stat().st_size:,} bytes, spikesim recording")
    print(f"{result.start:g} ... {result.stop:g} ms at dt = {result.dt:g} ms, seed {stats.get('seed')}")
    if stats.get("interrupted"):
        print("The run was interrupted; what it had recorded is whole.")
    if "real_time_factor" in stats:
        print(_speed(stats))
    print("Made with", ", ".join(f"{name} {version}" for name, version in made.items()))
    models = result.description.get("populations", {})
    print("\nPopulation     Neurons  Recorded     Spikes   Rate (Hz)")
    for name, trains in result.spikes.items():
        recorded = trains.size if trains.neurons is None else trains.neurons.size
        rate = f"{trains.rate():.3f}" if recorded and trains.stop > trains.start else "-"
        print(f"{name:12} {trains.size:>9,} {recorded:>9,} {len(trains):>10,} {rate:>11}")
    for name, variables in result.traces.items():
        for variable, trace in variables.items():
            unit = f" ({trace.unit})" if trace.unit else ""
            print(f"{name}: {variable}{unit} of {trace.ids.size:,} neurons at {len(trace):,} times")
    for name, entry in models.items():
        print(f"{name}: {entry['size']:,} {entry['model']}")
    for what in ("projections", "backgrounds", "stimuli"):
        found = result.description.get(what, [])
        if found:
            print(f"{len(found)} {what}: {', '.join(_few([str(entry['name']) for entry in found]))}")
    return 0


def _few(names: list[str], most: int = 8) -> list[str]:
    return names if len(names) <= most else [*names[:most], f"and {len(names) - most} more"]


def _plot(options: argparse.Namespace) -> int:
    from .plot import summary
    from .record import load

    result = load(options.file)
    out = Path(options.out) if options.out else Path(options.file).with_suffix(".png")
    replaced = " (replaced)" if out.exists() else ""
    summary(result, out, title=Path(options.file).name, start=options.start, stop=options.stop)
    print(f"Wrote {out}{replaced}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    # the package installed and run inside a clone, or the clone itself
    places = (Path.cwd(), Path(__file__).resolve().parents[1])
    root = next((p for p in places if (p / "benchmarks" / "contest.py").exists()), None)
    if root is None:
        raise StateError(
            "bench: the benchmarks are not part of the installed package; clone the repository and run "
            "`spikesim bench` there"
        )
    sys.path.insert(0, str(root))
    from benchmarks.__main__ import main as benchmarks

    return int(benchmarks(options.rest) or 0)


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import examine

    return 0 if examine() else 1
