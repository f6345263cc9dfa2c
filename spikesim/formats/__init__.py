"""Networks in files that other programs read: SONATA and NIR, both ways."""

from .nir import from_nir, to_nir
from .sonata import from_sonata, to_sonata

__all__ = ["from_nir", "from_sonata", "to_nir", "to_sonata"]
