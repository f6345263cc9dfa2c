"""How fast is it, and beside what?  One module a question; ``python -m benchmarks --help``.

A module that compares a network has `cases(quick)` and `build(**settings)`; any other has `measurements(options)`,
what to measure, and `measure(**settings)`, which runs in a process of its own.  `report(rows)` may add lines.
"""

#: The questions in the order they are asked, and whether `--quick` asks them too.
QUESTIONS = {
    "cold_start": True,
    "update": True,
    "lif": True,
    "hh": True,
    "delivery": True,
    "cuba": True,
    "coba": True,
    "cobahh": True,
    "brunel": True,
    "stdp": True,
    "microcircuit": True,
    "learn": True,
    "training": True,
    "spiking": False,
    "league": False,
    "shares": False,
    "accuracy": False,
    "growth": False,
    "event": False,
    "mpi": False,
    "fly": False,
}
