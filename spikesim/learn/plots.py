"""Pictures of learning.  Matplotlib is loaded when one is drawn; every function returns the Axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InvalidValueError
from ..keywords import all_named, named
from ..plot.style import COLOURS, axes
from .approximation import construct_uat, sup_error
from .autodiff.tape import as_array
from .expression_picture import expression_graph

__all__ = [
    "Explorer",
    "decision_regions",
    "explore_uat",
    "expression_graph",
    "gradient_norms",
    "level_curves",
    "receptive_fields",
    "scatter",
]

_STILL = {"agg", "cairo", "pdf", "pgf", "ps", "svg", "template", "module://matplotlib_inline.backend_inline"}


@named
def scatter(x: Any, y: Any, classes: Any, idx: tuple[int, int] = (0, 1), equal: bool = True, ax: Any = None) -> Any:
    """Scatter points coloured by class (section 5.1.2).

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Where.
    classes : array_like of int, shape (n,)
        Which colours.
    idx : (int, int)
        Numbers of the two inputs, for the labels.
    equal : bool
        Whether both axes have one scale.
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.plots.scatter([0.0, 1.0], [0.0, 1.0], [0, 1]).get_xlabel()
    'input 0'
    """
    ax = axes(ax)
    ax.scatter(x, y, color=[COLOURS[int(c) % len(COLOURS)] for c in classes], marker=".")
    ax.set(xlabel=f"input {idx[0]}", ylabel=f"input {idx[1]}")
    if equal:
        ax.axis("equal")
    return ax


@named
def gradient_norms(norms: Any, ax: Any = None, label: str | None = None) -> Any:
    """Plot the norm of dE/dz over the layers (sections 6.1, 6.2).

    Parameters
    ----------
    norms : array_like, shape (layers,)
        As :func:`spikesim.learn.layer_gradient_norms` returns them.
    ax : Axes, optional
        Where to draw; a figure of its own unless given.
    label : str, optional
        For the legend.

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> from spikesim import learn
    >>> learn.plots.gradient_norms([1.0, 0.1, 0.01]).get_yscale()
    'log'
    """
    ax = axes(ax)
    ax.semilogy(np.arange(1, len(norms) + 1), norms, "o-", label=label)
    ax.set(xlabel="layer", ylabel=r"$\|\nabla_z E\|$")
    if label is not None:
        ax.legend()
    return ax


@named
def receptive_fields(
    weight: Any, shape: tuple[int, int] | None = None, columns: int | None = None, ax: Any = None
) -> Any:
    """Draw the weights of each unit as an image, side by side: what it sees (red negative, blue positive).

    Parameters
    ----------
    weight : array_like or Linear or Conv2d
        Rows of weights (units, pixels), windows (units, channels, k, k), or the layer that has them.
    shape : (int, int), optional
        Of one image; square unless given.
    columns : int, optional
        Images in a row.
    ax : Axes, optional

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> len(learn.plots.receptive_fields(np.ones((4, 9))).get_images())
    1
    """
    values = np.asarray(as_array(getattr(weight, "weight", weight)))
    if values.ndim > 2:
        shape, values = tuple(values.shape[-2:]), values.reshape(-1, values.shape[-2] * values.shape[-1])
    side = round(float(np.sqrt(values.shape[1])))
    high, wide = shape or (side, side)
    if high * wide != values.shape[1]:
        raise InvalidValueError(f"receptive_fields: {values.shape[1]} weights a unit are no image of {high} x {wide}")
    n = len(values)
    columns = columns or int(np.ceil(np.sqrt(n)))
    rows = -(-n // columns)
    sheet = np.full((rows * (high + 1) - 1, columns * (wide + 1) - 1), np.nan)
    for k, unit in enumerate(values):
        y, x = (k // columns) * (high + 1), (k % columns) * (wide + 1)
        sheet[y : y + high, x : x + wide] = unit.reshape(high, wide)
    ax = axes(ax)
    reach = float(np.nanmax(np.abs(sheet))) or 1.0
    image = ax.imshow(sheet, cmap="RdBu", vmin=-reach, vmax=reach, interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="weight")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


@named
def level_curves(
    f: Any, x: tuple[float, float], y: tuple[float, float], path: Any = None, levels: int = 25, ax: Any = None
) -> Any:
    """Draw level curves of f(x, y), and the path of an optimisation over them (section 6.3.2).

    Parameters
    ----------
    f : callable
        Of two arrays.
    x, y : (float, float)
        From where to where.
    path : array_like, shape (n, 2), optional
        What is drawn over them.
    levels : int
        How many.
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> from spikesim import learn
    >>> ax = learn.plots.level_curves(lambda x, y: x**2 + y**2, (-1.0, 1.0), (-1.0, 1.0), path=[[1.0, 1.0], [0.0, 0.0]])
    >>> len(ax.get_lines())
    2
    """
    ax = axes(ax)
    gx, gy = np.meshgrid(np.linspace(*x, 200), np.linspace(*y, 200))
    ax.contour(gx, gy, f(gx, gy), levels=levels, linewidths=0.7, cmap="viridis")
    if path is not None:
        points = np.asarray(path)
        ax.plot(points[:, 0], points[:, 1], ".-", color="0.15", linewidth=0.9, markersize=3.5)
        ax.plot(*points[0], "o", color="0.15", markersize=6)
    return ax


@named
def decision_regions(predict: Any, x: Any, classes: Any, ax: Any = None) -> Any:
    """Colour the plane by the predicted class, with the samples on it; predict(points) -> class indices.

    Parameters
    ----------
    predict : callable
        Of points (n, 2), to class indices.
    x : array_like, shape (n, 2)
        Samples.
    classes : array_like of int, shape (n,)
        Theirs.
    ax : Axes, optional
        Where to draw; a figure of its own unless given.

    Returns
    -------
    Axes
        Of the picture.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> ax = learn.plots.decision_regions(lambda x: (x[:, 0] > 0.5).astype(int), np.eye(2), [1, 0])
    """
    ax = axes(ax)
    low, high = np.min(x, axis=0) - 0.2, np.max(x, axis=0) + 0.2
    gx, gy = np.meshgrid(np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200))
    kind = np.asarray(predict(np.stack([gx.ravel(), gy.ravel()], axis=1))).reshape(gx.shape)
    n = int(max(kind.max(), np.max(classes))) + 1
    ax.contourf(
        gx, gy, kind, levels=np.arange(-0.5, n + 0.5), colors=[COLOURS[k % len(COLOURS)] for k in range(n)], alpha=0.25
    )
    return scatter(x[:, 0], x[:, 1], classes, ax=ax)


@all_named
@dataclass(eq=False)
class Explorer:
    """The picture that :func:`explore_uat` drew: keep it, for its sliders live as long as it does.

    Parameters
    ----------
    f : callable
        Function of an array.
    ax : Axes
        f and G.
    curve : Line2D
        G.
    sliders : dict
        "N" and "w"; empty where the backend shows no window.

    Attributes
    ----------
    ax : Axes
        f and G.
    curve : Line2D
        G; :meth:`show` redraws it.
    sliders : dict
        "N" and "w" (its decadic logarithm); empty where the backend shows no window.

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.plots.explore_uat(np.sin, sliders=False).sliders
    {}
    """

    f: Callable[[np.ndarray], np.ndarray]
    ax: Any
    curve: Any
    sliders: dict[str, Any]

    def show(self, N: float, w: float) -> float:
        """Draw G of N pieces and steepness w; return its largest error.

        Parameters
        ----------
        N : float
            Pieces; the whole part counts.
        w : float
            Steepness.

        Returns
        -------
        float
            The largest error.

        Examples
        --------
        >>> import numpy as np
        >>> from spikesim import learn
        >>> round(learn.plots.explore_uat(np.sin, sliders=False).show(32, 1e5), 2)
        0.03
        """
        network = construct_uat(self.f, int(N), w)
        self.curve.set_ydata(network(self.curve.get_xdata()[:, None]).val[:, 0])
        error = sup_error(network, self.f, n=2001)
        self.ax.set_title(f"{2 * int(N)} hidden nodes, w = {w:.0f}: sup |G - f| = {error:.3g}")
        self.ax.figure.canvas.draw_idle()
        return error


@named
def explore_uat(
    f: Callable[[np.ndarray], np.ndarray], N: int = 8, w: float = 500.0, ax: Any = None, sliders: bool | None = None
) -> Explorer:
    """Draw f on [0, 1] and the network of the constructive proof, with sliders for N and w (section 2.2).

    Parameters
    ----------
    f : callable
        Function of an array.
    N : int
        Pieces at first, 1 ... 64.
    w : float
        Steepness of the logistic nodes at first, 10 ... 1e5.
    ax : Axes, optional
        Its figure gets the sliders, at the bottom.
    sliders : bool, optional
        By default they are there where the backend of matplotlib shows windows; elsewhere the picture stands still.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> import numpy as np
    >>> from spikesim import learn
    >>> learn.plots.explore_uat(np.sin, N=8, sliders=False).ax.get_title()
    '16 hidden nodes, w = 500: sup |G - f| = 0.114'
    """
    import matplotlib as mpl

    ax = axes(ax)
    x = np.linspace(0.0, 1.0, 1001)
    ax.plot(x, f(x), color="0.6", linewidth=2.5, label="f")
    (curve,) = ax.plot(x, f(x), color="C1", label="G")
    ax.set(xlabel="x", ylabel="f(x), G(x)")
    ax.legend(frameon=False)
    explorer = Explorer(f, ax, curve, {})
    if mpl.get_backend().lower() not in _STILL if sliders is None else sliders:
        from matplotlib.widgets import Slider

        figure = ax.figure
        figure.set_layout_engine(None)
        figure.subplots_adjust(left=0.14, right=0.95, top=0.9, bottom=0.32)
        places = {"N": (0.2, 0.12, 0.6, 0.04), "w": (0.2, 0.04, 0.6, 0.04)}
        chosen = {
            "N": Slider(figure.add_axes(places["N"]), "pieces N", 1, 64, valinit=N, valstep=1),
            "w": Slider(figure.add_axes(places["w"]), "log10 w", 1.0, 5.0, valinit=np.log10(w)),
        }
        explorer.sliders.update(chosen)
        for slider in chosen.values():
            slider.on_changed(lambda _: explorer.show(chosen["N"].val, 10.0 ** chosen["w"].val))
    explorer.show(N, w)
    return explorer
