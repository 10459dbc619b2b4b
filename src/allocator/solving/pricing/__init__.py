"""Pricing: the treatment of greatest reduced cost in each segment and period, with a rigorous bound."""

from allocator.solving.pricing.cells import CellPrices, Priced, Threshold
from allocator.solving.pricing.pricer import Pricer
from allocator.solving.pricing.reach import reach

__all__ = ["CellPrices", "Priced", "Pricer", "Threshold", "reach"]
