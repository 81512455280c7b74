"""Doors: they ring everywhere at once, are seen before anyone answers, spoken to and opened (D1 to D13).

Imports `calls` and below; no other feature.
"""
