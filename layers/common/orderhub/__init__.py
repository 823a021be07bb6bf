"""Orderhub: one order hub for every platform a restaurant or shop sells on."""

__version__ = "0.1.0"
