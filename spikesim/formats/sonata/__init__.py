"""x"""
from .write import to_sonata
__all__=["to_sonata"]
