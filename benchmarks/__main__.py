"""``python -m benchmarks [NAME ...]``: ask the questions, print the answers.

Peers (NEST, Brian 2, NEURON, PyTorch, ...) are found in the Pythons that SPIKESIM_PEER_PYTHON lists, or in this one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from . import QUESTIONS, contest, league, report
from .contest import Options
from .peers import PEERS
from .process import MeasurementError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks and return the exit code: 1 if a measurement failed or rates do not agree."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0].split(": ")[1])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which; all unless given: {', '.join(QUESTIONS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, one turn each: less than a minute")
    parser.add_argument(
        "--peers",
        nargs="?",
        const=",".join(PEERS),
        default="",
        metavar="A,B",
        help=f"compare with {', '.join(PEERS)}",
    )
    parser.add_argument("--threads", metavar="1,2", help="numbers of threads (default: one, and all cores; quick: one)")
    parser.add_argument("--repeat", type=int, metavar="N", help="turns (default: 3, quick: 1)")
    parser.add_argument("--cold", action="store_true", help="measure the first compilation too (some 20 s a case)")
    parser.add_argument("--case", default="", metavar="TEXT", help="of the networks, only cases with this in the label")
    parser.add_argument("--json", metavar="FILE", help="write all numbers")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables for a README")
    parser.add_argument(
        "--watts", type=float, metavar="W", help="league: power at the outlet while it runs, by a meter"
    )
    parser.add_argument("--entry", metavar="FILE", help="league: write the entry for its table")
    parser.add_argument("--plot", metavar="FILE", help="draw the comparison, and the growth beside it")
    given = parser.parse_args(arguments)
    options = chosen(parser, given)
    names = given.names or [n for n, quick in QUESTIONS.items() if quick or not given.quick]
    rows = []
    for name in names:
        clock = time.perf_counter()
        answers = ask(name, options)
        rows += answers
        title = (import_module(f"benchmarks.{name}").__doc__ or name).splitlines()[0]
        print(f"\n{title}\n{report.table(answers)}\n({time.perf_counter() - clock:.0f} s)", flush=True)
    if given.markdown:
        told = [f"### {n}\n\n{report.markdown([r for r in rows if r['question'] == n])}\n" for n in names]
        Path(given.markdown).write_text("\n".join(told))
    if given.json:
        report.write_json(given.json, rows, vars(given))
    if given.entry:
        Path(given.entry).write_text(league.entry([r for r in rows if r["question"] == "league"]))
    if given.plot:
        from . import picture

        picture.draw(rows, given.plot)
    return int(any("failed" in row or row.get("rates_agree") is False for row in rows))


def chosen(parser: argparse.ArgumentParser, given: argparse.Namespace) -> Options:
    """Return the options; an error of the parser for what is no option."""
    for name in given.names:
        if name not in QUESTIONS:
            parser.error(f"no benchmark {name!r}; there are {', '.join(QUESTIONS)}")
    peers = tuple(filter(None, given.peers.split(",")))
    for name in peers:
        if name not in PEERS:
            parser.error(f"--peers: no {name!r}; there are {', '.join(PEERS)}")
        if PEERS[name].python() is None:
            contest.say(f"{name}: not installed in {os.environ.get('SPIKESIM_PEER_PYTHON') or 'this Python'}; left out")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        threads = (
            tuple(int(n) for n in given.threads.split(",")) if given.threads else (1, cores)[: 1 if given.quick else 2]
        )
    except ValueError:
        parser.error(f"--threads: wanted numbers such as 1,2, got {given.threads!r}")
    if given.entry and "league" not in given.names:
        parser.error("--entry: name the benchmark too: python -m benchmarks league --entry FILE")
    if given.watts is not None and not given.watts > 0.0:
        parser.error(f"--watts: wanted a power > 0, got {given.watts}")
    if min(threads) < 1 or (given.repeat is not None and given.repeat < 1):
        parser.error("--threads and --repeat: wanted numbers >= 1")
    repeat = given.repeat or (1 if given.quick else 3)
    return Options(given.quick, peers, tuple(dict.fromkeys(threads)), repeat, given.cold, given.case, given.watts)


def ask(name: str, options: Options) -> list[report.Row]:
    """Return the rows of one question."""
    question = import_module(f"benchmarks.{name}")
    try:
        rows = contest.ask(name, options) if hasattr(question, "cases") else question.ask(options)
    except MeasurementError as error:  # the other questions are asked all the same
        contest.say(f"{name}: {error}")
        rows = [{"case": name, "simulator": "spikesim", "threads": options.threads[0], "failed": str(error)}]
    for row in rows:
        row["question"] = name
    return rows


if __name__ == "__main__":
    sys.exit(main())
