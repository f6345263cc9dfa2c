"""x"""
from .sonata import to_sonata
__all__=["to_sonata"]
