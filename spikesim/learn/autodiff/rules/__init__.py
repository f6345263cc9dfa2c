"""The one table of derivative rules, in the files of their kinds."""

from . import activations, arrays, elementwise, images, losses, products
from .rule import Rule

__all__ = ["ALIASES", "RULES", "Rule"]

RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **products.RULES,
    **activations.RULES,
    **losses.RULES,
    **arrays.RULES,
    **images.RULES,
}

#: Names under which NumPy and SciPy call the same operations.
ALIASES = {
    "expit": "logistic",
    "fabs": "absolute",
    "true_divide": "divide",
    "abs": "absolute",
    "amax": "max",
    "amin": "min",
}
