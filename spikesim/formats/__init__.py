"""Networks in files that other programs read: SONATA, both ways."""

from .sonata import from_sonata, to_sonata

__all__ = ["from_sonata", "to_sonata"]
