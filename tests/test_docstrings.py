"""Public docstrings are numpydoc, tell the signature and run.  Truth: the signatures, and what the examples give.

Everything that the rooms of the reference show is walked: their names, those of the modules that they show in turn, and
every public method that a class of the package has.  No name is left out.
"""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from spikesim.docstrings import complete, inherit, sections
from spikesim.errors import MissingPackageError

ROOMS = (
    "spikesim", "spikesim.analysis", "spikesim.docstrings", "spikesim.errors", "spikesim.export", "spikesim.learn",
    "spikesim.neurons", "spikesim.plasticity", "spikesim.plot", "spikesim.published", "spikesim.record",
    "spikesim.runs", "spikesim.synapses", "spikesim.testing",
)  # fmt: skip


class Public:
    """A public callable, and how it is found."""

    def __init__(self, name: str, value: Any, bound: bool = False) -> None:
        self.name, self.value, self.bound = name, value, bound
        self.text = inspect.getdoc(value) or ""

    @property
    def signature(self) -> inspect.Signature | None:
        """As a caller sees it; None: Python has none (what derives from an exception, or from dict)."""
        try:
            return inspect.signature(self.value)
        except ValueError:
            return None

    @property
    def arguments(self) -> list[str] | None:
        form = self.signature
        return None if form is None else list(form.parameters)[1 if self.bound else 0 :]

    @property
    def returns(self) -> bool:
        """Whether it says that it returns something; what a class makes is the class."""
        form = self.signature
        given = inspect.Signature.empty if form is None or inspect.isclass(self.value) else form.return_annotation
        return given not in (None, "None", inspect.Signature.empty)


def of_the_package(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).split(".")[0] == "spikesim"


def walk() -> dict[str, Public]:
    found: dict[int, Public] = {}

    def room(name: str, seen: tuple[str, ...]) -> None:
        module = importlib.import_module(name)
        for shown in module.__all__:
            value = getattr(module, shown)
            if inspect.ismodule(value):
                if value.__name__ not in seen and hasattr(value, "__all__"):
                    room(value.__name__, (*seen, value.__name__))
            elif callable(value) and of_the_package(value):
                found.setdefault(id(value), Public(f"{name}.{shown}", value))
                if inspect.isclass(value):
                    methods(f"{name}.{shown}", value)

    def methods(name: str, cls: type) -> None:
        for method in dir(cls):
            raw = inspect.getattr_static(cls, method)
            function = getattr(raw, "__func__", raw)
            if not method.startswith("_") and inspect.isfunction(function) and of_the_package(function):
                bound = not isinstance(raw, staticmethod)
                found.setdefault(id(function), Public(f"{name}.{method}", function, bound))

    for name in ROOMS:
        room(name, ROOMS)
    return {public.name: public for public in found.values()}


FOUND = walk()


def wanting(condition: Any) -> list[str]:
    return sorted(public.name for public in FOUND.values() if condition(public))


def documented(text: str) -> list[str]:
    """The names in the section Parameters of a docstring."""
    lines = sections(text).get("Parameters", "").splitlines()
    entries = [line.split(" : ")[0] for line in lines if re.fullmatch(r"\**\w+(, \**\w+)*( : .*)?", line)]
    return [name.strip().lstrip("*") for entry in entries for name in entry.split(",")]


def test_the_walk_finds_all_that_is_shown() -> None:
    assert len(FOUND) > 800
    some = {"spikesim.Network.run", "spikesim.LIF.slope", "spikesim.learn.Parameter.view", "spikesim.learn.nn.RNN"}
    assert some <= {*FOUND}
    text = "X.\n\nParameters\n----------\na, b : int\n    Text.\n*c : str\n\nReturns\n-------\nd : int\n"
    assert documented(text) == ["a", "b", "c"]


def test_there_is_a_docstring() -> None:
    assert wanting(lambda public: len(sections(public.text)[""]) < 10) == []


def test_parameters_are_those_of_the_signature() -> None:
    def wrong(public: Public) -> bool:
        return public.arguments is not None and sorted(documented(public.text)) != sorted(public.arguments)

    assert wanting(wrong) == []


def test_what_is_returned_is_said() -> None:
    assert wanting(lambda public: public.returns and not {"Returns", "Yields"} & {*sections(public.text)}) == []


def test_there_is_an_example() -> None:
    assert wanting(lambda public: ">>> " not in sections(public.text).get("Examples", "")) == []


class Runner(doctest.DocTestRunner):
    """Runs examples; one that needs a package that is not installed ends its docstring."""

    def __init__(self) -> None:
        super().__init__(verbose=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        self.missing = False

    def report_unexpected_exception(self, out: Any, test: Any, example: Any, exc_info: Any) -> None:
        self.missing = self.missing or issubclass(exc_info[0], MissingPackageError)
        if not self.missing:
            super().report_unexpected_exception(out, test, example, exc_info)

    def report_failure(self, out: Any, test: Any, example: Any, got: str) -> None:
        if not self.missing:
            super().report_failure(out, test, example, got)


def examples(room: str) -> dict[str, Public]:
    """Those of a room by their text: what several share is run once."""
    here = [public for public in FOUND.values() if public.name.rpartition(".")[0].startswith(room)]
    deeper = [other for other in ROOMS if other.startswith(f"{room}.")]
    mine = [public for public in here if not any(public.name.startswith(f"{other}.") for other in deeper)]
    return {sections(public.text).get("Examples", ""): public for public in mine}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.filterwarnings("ignore:.*non-interactive")
def test_examples_run(room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they would be pasted: nothing is imported for them."""
    from matplotlib import pyplot as plt

    said: list[str] = []
    for k, (text, public) in enumerate(examples(room).items()):
        folder = tmp_path / str(k)
        folder.mkdir()
        monkeypatch.chdir(folder)
        test = doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, public.name, None, 0)
        Runner().run(test, out=said.append)
        plt.close("all")
    assert not said, "".join(said)


def test_documentation_is_said_once() -> None:
    """What implements a contract takes the sections that it does not write, where it takes the same arguments."""

    class Contract:
        def area(self, r: float) -> float:
            """Return the area.

            Parameters
            ----------
            r : float
                Radius.

            Returns
            -------
            float
            """
            raise NotImplementedError

    class Disc(Contract):
        def area(self, r: float) -> float:
            """Return pi r^2.

            Returns
            -------
            float
                In m^2.
            """
            return 3.14 * r * r

    class Ring(Contract):
        def area(self, r: float, inner: float = 0.0) -> float:  # takes more than the contract says
            """Return pi (r^2 - inner^2)."""
            return 3.14 * (r * r - inner * inner)

    inherit(Disc)
    inherit(Ring)
    found = sections(inspect.getdoc(Disc.area) or "")
    assert list(found) == ["", "Parameters", "Returns"]
    assert found[""] == "Return pi r^2." and found["Returns"] == "float\n    In m^2."
    assert inspect.getdoc(Ring.area) == "Return pi (r^2 - inner^2)."
    before = Disc.area.__doc__
    complete(Disc.area, Contract.area)
    assert Disc.area.__doc__ == before
