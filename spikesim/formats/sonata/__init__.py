"""SONATA (Dai et al. 2020, PLoS Comput. Biol. 16:e1007696): a circuit and its simulation as HDF5, CSV and JSON."""

from .read import from_sonata
from .write import to_sonata

__all__ = ["from_sonata", "to_sonata"]
