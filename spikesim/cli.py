"""The command line: ``spikesim demo | info | plot | report | view | ... | doctor``, also as ``python -m spikesim``.

``-o`` always says where to write: a file, or a folder to put it into under its usual name.  Nothing is replaced
without ``--overwrite``.

Exit codes: 0 done, 1 a self-test failed or recordings differ, 2 something was refused (one line on stderr), 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .completion import SHELLS, script
from .destination import destination, next_free
from .errors import SpikesimError, StateError
from .files import require_readable

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
    if given[:1] == ["help"]:  # help, help COMMAND
        given = [*given[1:2], "--help"]
    if not given:
        _parser().print_help()
        return 0
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
        prog="spikesim",
        description="Simulate networks of spiking neurons and look at what they did.",
        epilog="examples:\n  spikesim demo               see it work, in about ten seconds\n"
        "  spikesim view run.h5        look at a recording in the browser\n"
        "  spikesim help plot          what a command can do",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"spikesim {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    text = "build, run and draw a cortical microcircuit, in about ten seconds"
    demo = _command(commands, "demo", _demo, text, "demo", "demo --scale 0.1 --duration 500 -o results/")
    _output(demo, "demo.h5, with demo.png beside it; demo-2.h5 where these are there")
    demo.add_argument(
        "--scale", type=float, default=DEMO_SCALE, help="size; 1 is the published one (default: %(default)s)"
    )
    demo.add_argument("--duration", type=float, default=DEMO_MS, metavar="MS", help="model time (default: %(default)s)")
    demo.add_argument("--threads", type=int, help="default: all cores")
    demo.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    demo.add_argument("--mpi", action="store_true", help="one network on all ranks: mpiexec -n 4 spikesim demo --mpi")

    text = "say what a recorded file holds"
    info = _command(commands, "info", _info, text, "info run.h5", "info run.h5 --json | jq .populations")
    info.add_argument("file", metavar="FILE")
    info.add_argument("--json", action="store_true", help="for programs: all of it, as JSON")

    text = "draw raster, rates, intervals and CVs of a recorded file"
    plot = _command(commands, "plot", _plot, text, "plot run.h5", "plot run.h5 --start 500 -o figures/run.pdf")
    plot.add_argument("file", metavar="FILE")
    _output(plot, "FILE with the ending .png; others, .pdf or .svg, work too")
    plot.add_argument("--start", type=float, metavar="MS", help="of the window (default: of the recording)")
    plot.add_argument("--stop", type=float, metavar="MS")

    text = "write a recorded file as one HTML page that anybody can open"
    report = _command(commands, "report", _report, text, "report run.h5", "report run.h5 -o shared/ --title 'Trial 3'")
    report.add_argument("file", metavar="FILE")
    _output(report, "FILE with the ending .html")
    report.add_argument("--title", default="", help="its heading (default: the name of the file)")

    text = "open the report of a recorded file in the browser"
    view = _command(commands, "view", _view, text, "view run.h5")
    view.add_argument("file", metavar="FILE", help="a recorded file, or a report")

    text = "run a script's network as a recording was run, and compare the bits"
    verify = _command(commands, "verify", _verify, text, "verify run.h5 --script model.py")
    verify.add_argument("file", metavar="FILE")
    verify.add_argument("--script", required=True, metavar="PY", help="with a variable net or a function build()")
    verify.add_argument("--threads", type=int, help="default: all cores; the bits are the same for any number")

    text = "name the first spike or sample that differs between two recordings"
    diff = _command(commands, "diff", _diff, text, "diff a.h5 b.h5")
    diff.add_argument("file", metavar="A")
    diff.add_argument("other", metavar="B")

    text = "go on from a saved state, byte for byte as if it had never stopped"
    resume = _command(
        commands,
        "resume",
        _resume,
        text,
        "resume run.state.h5 --for 1000",
        "resume s.h5 --script m.py --for 500 -o more.h5",
    )
    resume.add_argument("file", metavar="STATE", help="a saved state, or a recording with one beside")
    resume.add_argument("--script", metavar="PY", help="with the network; unless given it is made from the file")
    resume.add_argument("--for", type=float, required=True, metavar="MS", dest="duration", help="how long to go on")
    resume.add_argument("--threads", type=int, help="default: all cores")
    resume.add_argument("-o", "--output", metavar="PATH", help="another recording than the one beside the state")

    text = "run the benchmarks (in a clone of the repository)"
    bench = _command(commands, "bench", _bench, text, "bench", "bench cuba --quick")
    bench.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="which; all unless given; options are those of python -m benchmarks",
    )

    text = "versions, threads, cache, and a self-test against closed forms"
    _command(commands, "doctor", _doctor, text, "doctor")

    text = "compile the loops of the usual networks now, so that no first run waits for them"
    _command(commands, "warmup", _warmup, text, "warmup")

    text = "print a script that lets the shell complete commands and options"
    shell = _command(commands, "completion", _completion, text, 'eval "$(spikesim completion bash)"  # in ~/.bashrc')
    shell.add_argument("shell", choices=SHELLS)
    return parser


def _command(commands: Any, name: str, run: Any, text: str, *examples: str) -> argparse.ArgumentParser:
    lines = "\n".join(f"  {example if 'spikesim' in example else f'spikesim {example}'}" for example in examples)
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=f"examples:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _output(parser: argparse.ArgumentParser, default: str) -> None:
    """-o and --overwrite, which mean the same everywhere."""
    text = f"where to write: a file, or a folder to put it into (default: {default})"
    parser.add_argument("-o", "--out", metavar="PATH", help=text)
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")


def _version() -> str:
    from . import __version__

    return __version__


def _demo(options: argparse.Namespace) -> int:
    from .engine.simulation import Simulation
    from .grid import Grid
    from .network.summary import summary
    from .optional import required
    from .plot import summary as draw
    from .published import MICROCIRCUIT_REFERENCES, microcircuit, table

    clock = time.perf_counter()
    usual = Path("demo.h5")
    default = usual if options.out or options.overwrite else next_free(usual, ".png")
    data = destination(options, default, ".png")
    picture = data.with_suffix(".png")
    Grid(DEMO_DT).steps(options.duration, "demo: --duration", least=1)  # before a file is replaced
    net = microcircuit(options.scale, seed=options.seed)
    title = f"Cortical microcircuit of Potjans and Diesmann (2014) at scale {options.scale:g}"
    comm = required("mpi4py.MPI", "demo --mpi").COMM_WORLD if options.mpi else None
    shown = comm is None or comm.rank == 0
    if shown:
        if default != usual:
            print(f"{usual} stays as it is (--overwrite replaces it); this run goes to {default}")
        print(title)
        print(summary(net, DEMO_DT).splitlines()[0])
        sys.stdout.flush()
    simulation = Simulation(net, dt=DEMO_DT, threads=options.threads, out=data, overwrite=options.overwrite, comm=comm)
    result = simulation.run(options.duration)
    if not shown:
        return 0
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
    print(f"Look closer: spikesim view {data}; in Python: spikesim.load({str(data)!r})")
    return 130 if result.stats.get("interrupted") else 0


def _speed(stats: Any) -> str:
    return (
        f"{stats['synapses']:,} synapses built in {stats['build_seconds']:.1f} s, "
        f"{stats['real_time_factor']:.3g} s for a second of model time; threads: {stats['threads']}"
    )


def _info(options: argparse.Namespace) -> int:
    from .record.reading import load

    result = load(options.file)
    if options.json:
        print(json.dumps(_facts(result, options.file), indent=2, default=str))
        return 0
    stats, made = result.stats, result.stats.get("versions", {})
    print(f"{options.file}: {Path(options.file).stat().st_size:,} bytes, spikesim recording")
    print(f"{result.start:g} ... {result.stop:g} ms at dt = {result.dt:g} ms, seed {stats.get('seed')}")
    if stats.get("interrupted"):
        why = f" by {stats['error']}" if "error" in stats else ""
        print(f"The run was interrupted{why}; what it had recorded is whole.")
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


def _facts(result: Any, file: str) -> dict[str, Any]:
    """What `info` says, as plain values: names as in :class:`~spikesim.record.result.Result`."""
    spikes = {
        name: {
            "size": trains.size,
            "recorded": trains.size if trains.neurons is None else trains.neurons.size,
            "spikes": len(trains),
            "rate": trains.rate() if (trains.counts().size and trains.stop > trains.start) else None,
        }
        for name, trains in result.spikes.items()
    }
    traces = {
        name: {v: {"unit": t.unit, "neurons": t.ids.size, "times": len(t)} for v, t in found.items()}
        for name, found in result.traces.items()
    }
    times = {"start": result.start, "stop": result.stop, "dt": result.dt}
    kept = {"stats": dict(result.stats), "description": dict(result.description)}
    return {"file": file, "bytes": Path(file).stat().st_size, **times, "spikes": spikes, "traces": traces, **kept}


def _few(names: list[str], most: int = 8) -> list[str]:
    return names if len(names) <= most else [*names[:most], f"and {len(names) - most} more"]


def _plot(options: argparse.Namespace) -> int:
    from .plot.summary import checked_ending, summary
    from .record.reading import load

    result = load(options.file)
    checked_ending(options.out or ".png")
    out = destination(options, Path(options.file).with_suffix(".png"))
    summary(result, out, title=Path(options.file).name, start=options.start, stop=options.stop)
    print(f"Wrote {out}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from .record.reading import load
    from .report import report

    result = load(options.file)
    out = destination(options, Path(options.file).with_suffix(".html"))
    report(result, out, title=options.title or Path(options.file).name, overwrite=options.overwrite)
    print(f"Wrote {out}")
    return 0


def _view(options: argparse.Namespace) -> int:
    import tempfile
    import webbrowser

    path = Path(options.file)
    if path.suffix.lower() not in (".html", ".htm"):
        from .record.reading import load
        from .report import report

        result = load(path)
        folder = Path(tempfile.mkdtemp(prefix="spikesim-"))  # kept: the browser reads it after we have ended
        path = report(result, folder / f"{path.stem}.html", title=path.name)
    else:
        require_readable(path)
    opened = webbrowser.open(path.resolve().as_uri())
    print(f"{'Opened' if opened else 'No browser was found here: open'} {path}")
    return 0


def _completion(options: argparse.Namespace) -> int:
    print(script(_parser(), options.shell), end="")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from .repeat import verify

    found = verify(options.file, options.script, options.threads)
    print("the same bits" if found is None else f"they differ: {found}")
    return 0 if found is None else 1


def _diff(options: argparse.Namespace) -> int:
    from .record.difference import first_difference
    from .record.reading import load

    found = first_difference(load(options.file), load(options.other))
    print("the same" if found is None else f"they differ: {found}")
    return 0 if found is None else 1


def _resume(options: argparse.Namespace) -> None:
    from .repeat import go_on

    time_reached, out = go_on(options.file, options.script, options.duration, options.output, options.threads)
    print(f"{out}: recorded to {time_reached:g} ms")


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


def _warmup(options: argparse.Namespace) -> None:
    from .warmup import warmup

    for name, seconds in warmup():
        print(f"{name}: {seconds:.1f} s", flush=True)
