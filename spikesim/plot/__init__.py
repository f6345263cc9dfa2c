"""Pictures.  They return the Axes they drew on, take `ax=`, and load matplotlib when called."""

from .activity import correlation, correlogram, rate, spectrum
from .connectivity import delays, weights
from .heatmap import heatmap
from .learning import learning_curve
from .models import fi_curve, gating, psc, tuning_curve
from .network import network
from .placed import placed
from .raster import raster
from .regularity import cv, isi
from .style import DARK, LIGHT, dark
from .summary import summary
from .trace import trace

__all__ = [
    "DARK",
    "LIGHT",
    "correlation",
    "correlogram",
    "cv",
    "dark",
    "delays",
    "fi_curve",
    "gating",
    "heatmap",
    "isi",
    "learning_curve",
    "network",
    "placed",
    "psc",
    "raster",
    "rate",
    "spectrum",
    "summary",
    "trace",
    "tuning_curve",
    "weights",
]
