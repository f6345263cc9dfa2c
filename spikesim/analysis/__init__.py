"""Measures of recorded activity: functions of spike trains and traces that return numbers and arrays."""

from .compare import Comparison, Difference, compare
from .convolution import convolve, filtered
from .correlation import Correlations, Correlogram, correlations, correlogram, mean_correlation
from .distances import isi_distance, spike_distance, van_rossum, victor_purpura
from .firing import fi_curve
from .rates import binned_counts, instantaneous_rate, population_counts, population_rate
from .regularity import cv, cv2, cv2s, cvs, fano, fanos, isi, lv, lvs
from .spectrum import Spectrum, spectrum
from .statistics import PopulationStatistics, Statistics, statistics
from .synchrony import chi, synchrony

__all__ = [
    "Comparison",
    "Correlations",
    "Correlogram",
    "Difference",
    "PopulationStatistics",
    "Spectrum",
    "Statistics",
    "binned_counts",
    "chi",
    "compare",
    "convolve",
    "correlations",
    "correlogram",
    "cv",
    "cv2",
    "cv2s",
    "cvs",
    "fano",
    "fanos",
    "fi_curve",
    "filtered",
    "instantaneous_rate",
    "isi",
    "isi_distance",
    "lv",
    "lvs",
    "mean_correlation",
    "population_counts",
    "population_rate",
    "spectrum",
    "spike_distance",
    "statistics",
    "synchrony",
    "van_rossum",
    "victor_purpura",
]
