"""NIR, the neuromorphic intermediate representation: networks as graphs.

Pedersen et al. 2024, Nat. Commun. 15:8122.
"""

from .read import from_nir
from .write import to_nir

__all__ = ["from_nir", "to_nir"]
